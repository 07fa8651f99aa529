//! What customers wish for.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

/// A customer asks for something of its wishlist.
async fn ask(shop: &Shop<'_>, token: &str, method: Method, path: &str) -> Answer {
    Answer::of(shop.request(method, &format!("/store/v1/wishlist{path}")).bearer_auth(token)).await
}

async fn put(shop: &Shop<'_>, token: &str, product: &str) -> Answer {
    ask(shop, token, Method::PUT, &format!("/items/{product}")).await
}

/// The names of what a customer wishes for.
async fn names(shop: &Shop<'_>, token: &str) -> Vec<String> {
    let list = ask(shop, token, Method::GET, "?limit=100").await.expect(200);
    let items = list.json["items"].as_array().cloned().unwrap();
    items.iter().map(|item| item["product"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_wishlist_shows_what_its_owner_wishes_for_as_it_is_now() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let lamp = owner.add_product("Lamp").await.text_at("/id");
    let rug = owner.add_product("Rug").await.text_at("/id");
    let sam = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let kim = shop.register("kim@x.example").await.expect(201).text_at("/access_token");
    assert_eq!(ask(&shop, &sam, Method::GET, "").await.expect(200).json, json!({ "items": [], "next_cursor": null }));
    put(&shop, &sam, &lamp).await.expect(204);
    put(&shop, &sam, &rug).await.expect(204);
    put(&shop, &sam, &lamp).await.expect(204);
    assert_eq!(names(&shop, &sam).await, ["Rug", "Lamp"], "the last first, and once");
    assert_eq!(names(&shop, &kim).await, Vec::<String>::new());

    let price = json!({ "price": { "amount": 999, "currency": "EUR" } });
    owner.patch(&format!("/products/{rug}"), "*", &price).await.expect(200);
    let list = ask(&shop, &sam, Method::GET, "?limit=1").await.expect(200);
    assert_eq!(list.json["items"][0]["product"]["price"], price["price"]);
    assert_eq!(list.json["items"][0]["product"], shop.visit("/products").await.json["items"][0]);
    let cursor = list.text_at("/next_cursor");
    let rest = ask(&shop, &sam, Method::GET, &format!("?cursor={cursor}")).await.expect(200);
    assert_eq!((rest.text_at("/items/0/product/slug"), &rest.json["next_cursor"]), ("lamp".into(), &Value::Null));
    let foreign = ask(&shop, &kim, Method::GET, &format!("?cursor={cursor}")).await;
    foreign.expect_problem(422, "request.invalid").blames("/query/cursor");

    ask(&shop, &sam, Method::DELETE, &format!("/items/{rug}")).await.expect(204);
    ask(&shop, &sam, Method::DELETE, &format!("/items/{rug}")).await.expect(204);
    assert_eq!(names(&shop, &sam).await, ["Lamp"]);
}

#[tokio::test]
async fn what_is_not_for_sale_is_neither_wished_for_nor_shown() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = shop.owner().add_product("Lamp").await.text_at("/id");
    let elsewhere = other.owner().add_product("Elsewhere").await.text_at("/id");
    let sam = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    put(&shop, &sam, &lamp).await.expect(204);
    let path = format!("/products/{lamp}");
    shop.owner().patch(&path, "*", &json!({ "active": false })).await.expect(200);
    assert_eq!(names(&shop, &sam).await, Vec::<String>::new());
    put(&shop, &sam, &lamp).await.expect_problem(404, "catalog.no_product");
    shop.owner().patch(&path, "*", &json!({ "active": true })).await.expect(200);
    assert_eq!(names(&shop, &sam).await, ["Lamp"], "it is back when it is for sale again");
    put(&shop, &sam, &elsewhere).await.expect_problem(404, "catalog.no_product");
    ask(&shop, &sam, Method::DELETE, &format!("/items/{elsewhere}")).await.expect(204);
    put(&shop, &sam, "no-id").await.expect_problem(422, "request.invalid").blames("/path/product_id");
    put(&other, &sam, &elsewhere).await.expect(401);
    Answer::of(shop.request(Method::GET, "/store/v1/wishlist")).await.expect(401);
    shop.owner().delete(&path, "*").await.expect(204);
    assert_eq!(names(&shop, &sam).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_somewhere_also_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let customer = shop.register("sam@x.example").await.expect(201);
    let (sam, id) = (customer.text_at("/access_token"), customer.text_at("/user/id"));
    // Products and wishes, as many as fit but two.
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    for sql in [
        "INSERT INTO products (tenant_id, id, slug, name, description, active, price_minor, list_minor, created_at, updated_at)
         SELECT $1::uuid, gen_random_uuid(), 'p' || n, 'P', '', true, 1, 1, now(), now()
         FROM generate_series(1, 198) n WHERE $2::uuid IS NOT NULL",
        "INSERT INTO wishlist_items (tenant_id, customer_id, product_id, id, added_at)
         SELECT tenant_id, $2::uuid, id, gen_random_uuid(), now() FROM products WHERE tenant_id = $1::uuid",
    ] {
        sqlx::query(sql).bind(&shop.id).bind(&id).execute(&mut admin).await.unwrap();
    }
    let mut products = Vec::new();
    for number in 0..6 {
        products.push(shop.owner().add_product(&format!("More {number}")).await.text_at("/id"));
    }
    let answers = join_all(products.iter().map(|product| put(&shop, &sam, product))).await;
    let (there, full): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 204);
    assert_eq!((there.len(), full.len()), (2, 4));
    full.into_iter().for_each(|answer| drop(answer.expect_problem(409, "wishlist.full")));
    // What is on it may be said again.
    let known = ask(&shop, &sam, Method::GET, "?limit=1").await.text_at("/items/0/product/id");
    put(&shop, &sam, &known).await.expect(204);
    // The same one many times at once is there once.
    ask(&shop, &sam, Method::DELETE, &format!("/items/{known}")).await.expect(204);
    join_all((0..6).map(|_| put(&shop, &sam, &known))).await.into_iter().for_each(|answer| drop(answer.expect(204)));
}

#[tokio::test]
async fn a_wish_moves_to_the_cart_and_off_the_list() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = shop.owner().add_product("Lamp").await;
    crate::orders::adjust(&shop, &lamp.text_at("/variants/0/id"), 2).await;
    let lamp = lamp.text_at("/id");
    let tent = json!({
        "name": "Tent", "price": { "amount": 1, "currency": "EUR" }, "options": [{ "name": "Size", "values": ["S", "M"] }],
        "variants": [{ "options": { "Size": "S" } }, { "options": { "Size": "M" } }],
    });
    let tent = shop.owner().post("/products", &tent).await.expect(201);
    let medium = tent.text_at("/variants/1/id");
    crate::orders::adjust(&shop, &medium, 1).await;
    let tent = tent.text_at("/id");
    let sam = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let move_it = async |product: &str, body: Value| {
        let request = shop.request(Method::POST, &format!("/store/v1/wishlist/items/{product}/to-cart"));
        Answer::of(request.bearer_auth(&sam).json(&body)).await
    };
    move_it(&lamp, json!({})).await.expect_problem(404, "wishlist.no_item");
    put(&shop, &sam, &lamp).await.expect(204);
    put(&shop, &sam, &tent).await.expect(204);
    let short = move_it(&lamp, json!({ "quantity": 3 })).await.expect_problem(409, "carts.out_of_stock");
    assert_eq!((&short.json["available"], names(&shop, &sam).await.len()), (&json!(2), 2));
    let cart = move_it(&lamp, json!({ "quantity": 2 })).await.expect(200);
    assert_eq!((cart.text_at("/items/0/product_slug"), &cart.json["items"][0]["quantity"]), ("lamp".into(), &json!(2)));
    assert_eq!(names(&shop, &sam).await, ["Tent"]);
    move_it(&tent, json!({})).await.expect_problem(422, "wishlist.no_variant").blames("/variant_id");
    let other = json!({ "variant_id": cart.text_at("/items/0/variant_id") });
    move_it(&tent, other).await.expect_problem(422, "wishlist.no_variant").blames("/variant_id");
    move_it(&tent, json!({ "variant_id": medium, "quantity": 0 })).await.expect(422).blames("/quantity");
    shop.owner().patch(&format!("/products/{tent}"), "*", &json!({ "active": false })).await.expect(200);
    move_it(&tent, json!({ "variant_id": medium })).await.expect_problem(404, "catalog.no_product");
    shop.owner().patch(&format!("/products/{tent}"), "*", &json!({ "active": true })).await.expect(200);
    // Many times at once it goes once.
    let moves = join_all((0..5).map(|_| move_it(&tent, json!({ "variant_id": medium })))).await;
    assert_eq!(moves.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(names(&shop, &sam).await, Vec::<String>::new());
}
