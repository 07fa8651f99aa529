//! Carts: what visitors and customers put in, and what they are told of it.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop, stocked};

fn euros(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// Somebody with a basket: a visitor by the cart's token, a customer by the access token.
struct Basket<'a> {
    shop: &'a Shop<'a>,
    token: Option<String>,
    access: Option<String>,
}

impl<'a> Basket<'a> {
    fn of_nobody(shop: &'a Shop<'a>) -> Self {
        Self { shop, token: None, access: None }
    }

    fn of_visitor(shop: &'a Shop<'a>, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::of_nobody(shop) }
    }

    fn of_customer(shop: &'a Shop<'a>, access: &str) -> Self {
        Self { access: Some(access.to_owned()), ..Self::of_nobody(shop) }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.shop.request(method, &format!("/store/v1{path}"));
        let request = self.token.iter().fold(request, |request, token| request.header("Stoa-Cart", token));
        self.access.iter().fold(request, |request, access| request.bearer_auth(access))
    }

    async fn cart(&self) -> Answer {
        Answer::of(self.request(Method::GET, "/cart")).await
    }

    async fn add(&self, variant: &str, quantity: i64) -> Answer {
        let body = json!({ "variant_id": variant, "quantity": quantity });
        Answer::of(self.request(Method::POST, "/cart/items").json(&body)).await
    }

    async fn set(&self, variant: &str, quantity: i64) -> Answer {
        let request = self.request(Method::PATCH, &format!("/cart/items/{variant}"));
        Answer::of(request.json(&json!({ "quantity": quantity }))).await
    }

    async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    async fn coupon(&self, code: &str) -> Answer {
        Answer::of(self.request(Method::PUT, "/cart/coupon").json(&json!({ "code": code }))).await
    }
}

/// A product of 12.50 of which there are some: its id and its variant's.
async fn product(mall: &Mall, shop: &Shop<'_>, name: &str, on_hand: i64) -> (String, String) {
    let product = shop.owner().add_product(name).await;
    let variant = product.text_at("/variants/0/id");
    stocked(mall, shop, &variant, on_hand).await;
    (product.text_at("/id"), variant)
}

fn total(cart: &Answer) -> i64 {
    cart.json["totals"]["total"]["amount"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_gets_a_cart_with_the_first_thing_in_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, lamp) = product(&mall, &shop, "Lamp", 5).await;
    let (_, vase) = product(&mall, &shop, "Vase", 9).await;
    let nobody = Basket::of_nobody(&shop);
    let empty = nobody.cart().await.expect(200);
    assert_eq!((&empty.json["id"], &empty.json["items"], total(&empty)), (&Value::Null, &json!([]), 0));

    let first = nobody.add(&lamp, 2).await.expect(200);
    let token = first.text_at("/cart_token");
    assert!(token.len() >= 43 && first.header("etag") == "\"1\"" && first.header("cache-control") == "no-store");
    let visitor = Basket::of_visitor(&shop, &token);
    let second = visitor.add(&vase, 1).await.expect(200);
    assert_eq!(second.json["cart_token"], Value::Null);
    let cart = visitor.add(&lamp, 1).await.expect(200);
    let seen: Vec<_> = cart.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].clone(), item["quantity"].clone()))
        .collect();
    assert_eq!(seen, [(json!("Lamp"), json!(3)), (json!("Vase"), json!(1))]);
    assert_eq!((total(&cart), &cart.json["items"][0]["line_total"]), (5_000, &euros(3_750)));
    assert_eq!(
        (&cart.json["items"][0]["available"], &cart.json["items"][0]["product_slug"]),
        (&json!(5), &json!("lamp"))
    );

    assert_eq!(total(&visitor.set(&lamp, 1).await.expect(200)), 2_500);
    assert_eq!(visitor.cart().await.expect(200).json, visitor.set(&lamp, 1).await.expect(200).json);
    assert_eq!(total(&visitor.delete(&format!("/cart/items/{lamp}")).await.expect(200)), 1_250);
    visitor.delete(&format!("/cart/items/{lamp}")).await.expect_problem(404, "carts.no_item");
    let emptied = visitor.delete("/cart").await.expect(200);
    assert_eq!((&emptied.json["items"], &emptied.json["id"]), (&json!([]), &first.json["id"]));
    nobody.delete("/cart").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_refused_with_what_there_is() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (id, lamp) = product(&mall, &shop, "Lamp", 3).await;
    let (_, theirs) = product(&mall, &other, "Theirs", 3).await;
    let nobody = Basket::of_nobody(&shop);
    let short = nobody.add(&lamp, 4).await.expect_problem(409, "carts.out_of_stock").blames("/quantity");
    assert_eq!(short.json["available"], json!(3));
    nobody.add(&theirs, 1).await.expect_problem(422, "carts.no_variant").blames("/variant_id");
    nobody.add("0192f0c1-2345-7000-8000-000000000000", 1).await.expect_problem(422, "carts.no_variant");
    for wrong in [0, -1, 10_000] {
        nobody.add(&lamp, wrong).await.expect(422).blames("/quantity");
    }
    let count = "SELECT count(*) FROM carts";
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&admin).await.unwrap(), 0, "a refusal makes no cart");

    let visitor = Basket::of_visitor(&shop, &nobody.add(&lamp, 2).await.expect(200).text_at("/cart_token"));
    let short = visitor.add(&lamp, 2).await.expect_problem(409, "carts.out_of_stock");
    assert_eq!(short.json["available"], json!(3));
    visitor.set(&lamp, 4).await.expect_problem(409, "carts.out_of_stock");
    visitor.set(&theirs, 1).await.expect_problem(404, "carts.no_item");
    shop.owner().patch(&format!("/products/{id}"), "*", &json!({ "active": false })).await.expect(200);
    visitor.add(&lamp, 1).await.expect_problem(422, "carts.no_variant");
    visitor.set(&lamp, 1).await.expect_problem(409, "carts.item_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_found_by_its_own_token_in_its_own_store_and_by_nothing_else() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (_, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let token = Basket::of_nobody(&shop).add(&lamp, 2).await.expect(200).text_at("/cart_token");
    let cart = Basket::of_visitor(&shop, &token).cart().await.expect(200).text_at("/id");
    let sam = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let ann = shop.register("ann@x.example").await.expect(201).text_at("/access_token");
    Basket::of_customer(&shop, &sam).add(&lamp, 3).await.expect(200);

    let (sam_id, hash) = {
        let admin = tests::admin_pool(&mall.database.admin_url).await;
        let sql = "SELECT customer_id::text FROM carts WHERE customer_id IS NOT NULL";
        let sam: String = sqlx::query_scalar(sql).fetch_one(&admin).await.unwrap();
        let sql = "SELECT encode(token_hash, 'base64') FROM carts WHERE token_hash IS NOT NULL";
        (sam, sqlx::query_scalar::<_, String>(sql).fetch_one(&admin).await.unwrap())
    };
    let long = "a".repeat(5_000);
    let guesses = ["", " ", "null", "undefined", "*", &cart, &sam_id, &hash, &token[1..], &token.to_uppercase(), &long];
    for guess in guesses {
        let guesser = Basket::of_visitor(&shop, guess);
        let empty = guesser.cart().await.expect(200);
        assert_eq!((&empty.json["id"], &empty.json["items"]), (&Value::Null, &json!([])), "{guess}");
        guesser.set(&lamp, 1).await.expect_problem(404, "carts.no_item");
        guesser.delete(&format!("/cart/items/{lamp}")).await.expect_problem(404, "carts.no_item");
        guesser.delete("/cart").await.expect(200);
        let own = guesser.add(&lamp, 1).await.expect(200);
        assert_ne!(own.text_at("/cart_token"), guess, "a token is never the client's own invention");
    }
    let elsewhere = Basket::of_visitor(&other, &token).cart().await.expect(200);
    assert_eq!(elsewhere.json["items"], json!([]));
    // Ann, with the visitor's token, has her own: none.
    let both = Basket { token: Some(token.clone()), ..Basket::of_customer(&shop, &ann) };
    assert_eq!(both.cart().await.expect(200).json["items"], json!([]));
    both.delete("/cart").await.expect(200);
    assert_eq!(Basket::of_visitor(&shop, &token).cart().await.expect(200).json["items"][0]["quantity"], 2);
    assert_eq!(Basket::of_customer(&shop, &sam).cart().await.expect(200).json["items"][0]["quantity"], 3);
    Basket::of_customer(&other, &sam).cart().await.expect(401);
    Basket::of_customer(&shop, "not.a.token").cart().await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_it_was_seen_is_told_and_not_hidden() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (lamp_id, lamp) = product(&mall, &shop, "Lamp", 5).await;
    let (vase_id, vase) = product(&mall, &shop, "Vase", 5).await;
    let token = Basket::of_nobody(&shop).add(&lamp, 2).await.expect(200).text_at("/cart_token");
    let visitor = Basket::of_visitor(&shop, &token);
    visitor.add(&vase, 1).await.expect(200);

    owner.patch(&format!("/products/{lamp_id}"), "*", &json!({ "price": euros(1_000) })).await.expect(200);
    owner.patch(&format!("/products/{vase_id}"), "*", &json!({ "active": false })).await.expect(200);
    stocked(&mall, &shop, &lamp, 1).await;
    for _ in 0..2 {
        let cart = visitor.cart().await.expect(200);
        let codes =
            |item: &Value| item["notices"].as_array().unwrap().iter().map(|n| n["code"].clone()).collect::<Vec<_>>();
        assert_eq!(codes(&cart.json["items"][0]), ["price_changed", "out_of_stock"]);
        assert_eq!(cart.json["items"][0]["notices"][0]["previous_price"], euros(1_250));
        assert_eq!(
            (&cart.json["items"][0]["unit_price"], &cart.json["items"][0]["available"]),
            (&euros(1_000), &json!(1))
        );
        assert_eq!(codes(&cart.json["items"][1]), ["unavailable"]);
        assert_eq!((&cart.json["items"][1]["name"], &cart.json["items"][1]["line_total"]), (&json!("Vase"), &euros(0)));
        assert_eq!(total(&cart), 2_000);
    }
    let touched = visitor.set(&lamp, 1).await.expect(200);
    assert_eq!(touched.json["items"][0]["notices"], json!([]));
    visitor.delete(&format!("/cart/items/{vase}")).await.expect(200);
    assert_eq!(total(&visitor.cart().await), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn coupons_take_off_what_they_say_and_stand_alone_unless_they_stack() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (lamp_id, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let (_, vase) = product(&mall, &shop, "Vase", 50).await;
    for body in [
        json!({ "code": "ALONE", "kind": "amount", "amount": euros(100) }),
        json!({ "code": "TENTH", "kind": "percentage", "basis_points": 1_000, "stackable": true }),
        json!({ "code": "LAMPS", "kind": "amount", "amount": euros(500), "stackable": true, "product_ids": [lamp_id] }),
        json!({ "code": "MUCH", "kind": "amount", "amount": euros(100), "minimum_spend": euros(3_000) }),
        json!({ "code": "OFF", "kind": "amount", "amount": euros(100), "active": false }),
        json!({ "code": "OVER", "kind": "amount", "amount": euros(100), "ends_at": "2020-01-01T00:00:00Z" }),
    ] {
        owner.post("/coupons", &body).await.expect(201);
    }
    Basket::of_nobody(&shop).coupon("TENTH").await.expect_problem(409, "promotions.nothing_covered");
    let visitor = Basket::of_visitor(&shop, &Basket::of_nobody(&shop).add(&vase, 2).await.text_at("/cart_token"));
    visitor.coupon("nosuch").await.expect_problem(422, "promotions.no_coupon").blames("/code");
    visitor.coupon("OFF").await.expect_problem(422, "promotions.no_coupon");
    visitor.coupon("OVER").await.expect_problem(409, "promotions.coupon_over");
    visitor.coupon("MUCH").await.expect_problem(409, "promotions.below_minimum");
    visitor.coupon("LAMPS").await.expect_problem(409, "promotions.nothing_covered");
    let cart = visitor.coupon("alone").await.expect(200);
    assert_eq!((&cart.json["coupon"], total(&cart)), (&json!({ "code": "ALONE", "discount": euros(100) }), 2_400));
    let cart = visitor.coupon("tenth").await.expect(200);
    assert_eq!((&cart.json["coupon"]["code"], total(&cart)), (&json!("TENTH"), 2_250));
    visitor.add(&lamp, 1).await.expect(200);
    let cart = visitor.coupon("lamps").await.expect(200);
    // 5.00 off the lamp first, then a tenth of 32.50.
    assert_eq!((cart.json["coupons"].as_array().map(Vec::len), total(&cart)), (Some(2), 2_925));
    assert_eq!(visitor.coupon("lamps").await.expect(200).json, cart.json.clone(), "again is no more");

    let cart = visitor.delete(&format!("/cart/items/{lamp}")).await.expect(200);
    assert_eq!(
        (&cart.json["notices"][0]["coupon"], &cart.json["notices"][0]["reason"]),
        (&json!("LAMPS"), &json!("promotions.nothing_covered"))
    );
    assert_eq!(total(&cart), 2_250);
    let tenth = owner.get("/coupons?code=tenth").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    owner.patch(&format!("/coupons/{tenth}"), "*", &json!({ "active": false })).await.expect(200);
    assert_eq!(total(&visitor.cart().await.expect(200)), 2_500);
    let cart = visitor.delete("/cart/coupon").await.expect(200);
    assert_eq!((&cart.json["coupon"], &cart.json["notices"]), (&Value::Null, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn tax_and_shipping_are_in_the_totals_of_where_it_goes() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (_, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let add = async |name: &str, price: i64, free: Value, countries: Value| {
        let body = json!({ "name": name, "price": euros(price), "countries": countries });
        let body = if free.is_null() {
            body
        } else {
            json!({ "name": name, "price": euros(price), "countries": countries, "free_above": free })
        };
        owner.post("/shipping-methods", &body).await.expect(201).text_at("/id")
    };
    let parcel = add("Parcel", 490, euros(2_500), json!(["DE"])).await;
    let courier = add("Courier", 1_190, Value::Null, json!([])).await;
    let hidden = add("Hidden", 1, Value::Null, json!([])).await;
    owner.patch(&format!("/shipping-methods/{hidden}"), "*", &json!({ "active": false })).await.expect(200);
    owner.post("/tax-rates", &json!({ "name": "VAT", "country": "DE", "basis_points": 1_900 })).await.expect(201);
    let visitor = Basket::of_visitor(&shop, &Basket::of_nobody(&shop).add(&lamp, 1).await.text_at("/cart_token"));
    let cart = async |query: &str| Answer::of(visitor.request(Method::GET, &format!("/cart{query}"))).await;
    let sums = |cart: &Answer| {
        ["items", "discount", "shipping", "tax", "total"]
            .map(|name| cart.json["totals"][name]["amount"].as_i64().unwrap())
    };

    assert_eq!(sums(&cart("").await.expect(200)), [1_250, 0, 0, 0, 1_250]);
    let there = format!("?country=DE&shipping_method={parcel}");
    // 19 % are in 12.50 and 4.90: 17.40 × 19 / 119 = 2.778.
    assert_eq!(sums(&cart(&there).await.expect(200)), [1_250, 0, 490, 278, 1_740]);
    owner.patch("/store", "*", &json!({ "tax_included": false })).await.expect(200);
    // 19 % come on top of them: 3.306.
    assert_eq!(sums(&cart(&there).await.expect(200)), [1_250, 0, 490, 331, 2_071]);
    assert_eq!(
        sums(&cart(&format!("?country=FR&shipping_method={courier}")).await.expect(200)),
        [1_250, 0, 1_190, 0, 2_440]
    );
    for wrong in [format!("?country=FR&shipping_method={parcel}"), format!("?shipping_method={hidden}")] {
        cart(&wrong).await.expect(422).blames("/query/shipping_method");
    }
    cart("?region=Bavaria").await.expect(422).blames("/query/region");
    cart("?country=Germany").await.expect(422).blames("/query/country");

    let offers = async |query: &str| {
        let list = Answer::of(visitor.request(Method::GET, &format!("/shipping-methods{query}"))).await.expect(200);
        let items = list.json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|offer| (offer["name"].as_str().unwrap().to_owned(), offer["price"]["amount"].as_i64().unwrap()))
            .collect::<Vec<_>>()
    };
    let offer = |name: &str, price: i64| (name.to_owned(), price);
    assert_eq!(offers("?country=DE").await, [offer("Parcel", 490), offer("Courier", 1_190)]);
    assert_eq!(offers("?country=FR").await, [offer("Courier", 1_190)]);
    visitor.set(&lamp, 2).await.expect(200);
    assert_eq!(offers("?country=DE").await, [offer("Parcel", 0), offer("Courier", 1_190)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_change_of_a_cart_is_refused_where_the_client_says_what_it_saw() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let visitor = Basket::of_visitor(&shop, &Basket::of_nobody(&shop).add(&lamp, 1).await.text_at("/cart_token"));
    let version = visitor.add(&lamp, 1).await.expect(200).header("etag").to_owned();
    let path = format!("/cart/items/{lamp}");
    let change = |method: Method, path: &str| visitor.request(method, path).header("If-Match", "\"1\"");
    Answer::of(change(Method::PATCH, &path).json(&json!({ "quantity": 9 }))).await.expect(412);
    for path in [path.as_str(), "/cart", "/cart/coupon"] {
        Answer::of(change(Method::DELETE, path)).await.expect_problem(412, "request.stale_version");
    }
    Answer::of(visitor.request(Method::DELETE, &path).header("If-Match", version)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_holds_a_hundred_things_and_no_more() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let values: Vec<_> = (0..50).map(|n| format!("v{n}")).collect();
    let mut variants = Vec::new();
    for name in ["A", "B", "C"] {
        let each: Vec<_> = values.iter().map(|value| json!({ "options": { "Kind": value } })).collect();
        let body = json!({ "name": name, "price": euros(1), "options": [{ "name": "Kind", "values": values }], "variants": each });
        let made = shop.owner().post("/products", &body).await.expect(201);
        variants.extend(made.json["variants"].as_array().unwrap().iter().map(|v| v["id"].as_str().unwrap().to_owned()));
    }
    for variant in &variants[..101] {
        stocked(&mall, &shop, variant, 10).await;
    }
    let visitor =
        Basket::of_visitor(&shop, &Basket::of_nobody(&shop).add(&variants[0], 1).await.text_at("/cart_token"));
    for variant in &variants[1..100] {
        visitor.add(variant, 1).await.expect(200);
    }
    visitor.add(&variants[100], 1).await.expect_problem(409, "carts.too_many_lines");
    assert_eq!(total(&visitor.add(&variants[5], 2).await.expect(200)), 102);
    // Two things of another cart come along: there is room for one of them, since one is there already.
    let other = Basket::of_nobody(&shop).add(&variants[100], 1).await.expect(200).text_at("/cart_token");
    Basket::of_visitor(&shop, &other).add(&variants[7], 1).await.expect(200);
    let body = json!({ "email": "sam@x.example", "password": "a good long password", "name": "Sam" });
    let token = visitor.token.as_ref().unwrap();
    let register = shop.request(Method::POST, "/store/v1/auth/register").header("Stoa-Cart", token).json(&body);
    let access = Answer::of(register).await.expect(201).text_at("/access_token");
    let body = json!({ "email": "sam@x.example", "password": "a good long password" });
    let log_in = shop.request(Method::POST, "/store/v1/auth/login").header("Stoa-Cart", &other).json(&body);
    Answer::of(log_in).await.expect(200);
    let sam = Basket::of_customer(&shop, &access);
    let notices = sam.cart().await.json["notices"].clone();
    assert_eq!((notices[0]["code"].as_str(), notices.as_array().unwrap().len()), (Some("lines_left_out"), 1));
    let changed = sam.set(&variants[7], 1).await.expect(200);
    assert_eq!(changed.json["notices"], json!([]), "who has changed the cart has seen it");
}

#[tokio::test(flavor = "multi_thread")]
async fn carts_that_visitors_abandoned_are_removed_and_no_others() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (_, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let (_, theirs) = product(&mall, &other, "Theirs", 50).await;
    let left = Basket::of_nobody(&shop).add(&lamp, 1).await.expect(200).text_at("/cart_token");
    let fresh = Basket::of_nobody(&shop).add(&lamp, 1).await.expect(200).text_at("/cart_token");
    let elsewhere = Basket::of_nobody(&other).add(&theirs, 1).await.expect(200).text_at("/cart_token");
    let sam = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    Basket::of_customer(&shop, &sam).add(&lamp, 1).await.expect(200);

    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let waiting = "SELECT count(*) FROM platform.jobs WHERE metadata ->> 'kind' = 'carts.clean' AND metadata ->> 'tenant_id' = $1";
    let waits: i64 = sqlx::query_scalar(waiting).bind(&shop.id).fetch_one(&mut admin).await.unwrap();
    assert_eq!(waits, 1, "one a store, however many carts");
    let cart = Basket::of_visitor(&shop, &fresh).cart().await.text_at("/id");
    let age = "UPDATE carts SET touched_at = now() - interval '31 days' WHERE id <> $1::uuid";
    sqlx::query(age).bind(&cart).execute(&mut admin).await.unwrap();
    let due = "UPDATE platform.jobs SET scheduled_at = now() WHERE metadata ->> 'kind' = 'carts.clean' AND metadata ->> 'tenant_id' = $1";
    sqlx::query(due).bind(&shop.id).execute(&mut admin).await.unwrap();
    crate::jobs::until(&mut admin, "SELECT count(*) = 3 FROM carts").await;
    assert_eq!(Basket::of_visitor(&shop, &left).cart().await.json["id"], Value::Null);
    for basket in
        [Basket::of_visitor(&shop, &fresh), Basket::of_visitor(&other, &elsewhere), Basket::of_customer(&shop, &sam)]
    {
        assert_eq!(basket.cart().await.json["items"][0]["quantity"], 1);
    }
    crate::jobs::until(
        &mut admin,
        &waiting.replace("count(*)", "count(*) = 1").replace("$1", &format!("'{}'", shop.id)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_in_under_a_key_is_put_in_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, lamp) = product(&mall, &shop, "Lamp", 50).await;
    let cart = Basket::of_nobody(&shop).add(&lamp, 1).await.expect(200).text_at("/cart_token");
    let add = |cart: Option<&str>, key: &str, quantity: i64| {
        let request = shop.request(Method::POST, "/store/v1/cart/items").header("Idempotency-Key", key);
        let request = cart.into_iter().fold(request, |request, cart| request.header("Stoa-Cart", cart));
        Answer::of(request.json(&json!({ "variant_id": lamp, "quantity": quantity })))
    };
    let copies = futures_util::future::join_all((0..8).map(|_| add(Some(&cart), "key-1", 2))).await;
    let (done, waiting): (Vec<_>, Vec<_>) = copies.into_iter().partition(|answer| answer.status == 200);
    assert!(!done.is_empty() && done.iter().all(|answer| answer.text == done[0].text));
    waiting.into_iter().for_each(|answer| drop(answer.expect_problem(409, "request.in_flight")));
    let again = add(Some(&cart), "key-1", 2).await.expect(200);
    assert_eq!((&again.json["items"][0]["quantity"], again.header("etag")), (&json!(3), done[0].header("etag")));
    add(Some(&cart), "key-1", 3).await.expect_problem(422, "request.key_reused");
    // Strangers who choose the same key do not meet.
    let (one, other) = (add(None, "key-1", 2).await.expect(200), add(None, "key-1", 2).await.expect(200));
    assert_ne!(one.text_at("/cart_token"), other.text_at("/cart_token"));
    add(Some(&one.text_at("/cart_token")), "key-1", 2).await.expect(200);
    let kept: Vec<String> = sqlx::query_scalar("SELECT answer FROM idempotency_keys")
        .fetch_all(&mut tests::admin_connection(&mall.database.admin_url).await)
        .await
        .unwrap();
    assert!(kept.iter().all(|answer| answer.contains("\"cart_token\":null")), "no token is kept: {kept:?}");
}
