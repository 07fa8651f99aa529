//! What staff has not let be seen: looked for in every answer that the storefront has.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop, stocked};

/// Whoever looks: a visitor with a cart, and a customer with a wishlist.
struct Eyes<'a> {
    shop: &'a Shop<'a>,
    customer: String,
    cart: String,
}

/// What is written into addresses for `{slug}`: the product's slugs, first to last, and those of what it hangs on.
const SLUGS: [&str; 6] = ["early-phantom", "phantom", "unseen-thing", "lamp", "ghosts", "ghost-house"];

/// How lists are asked, beside plainly.
const LISTS: [&str; 22] = [
    "?limit=100&facets=true&with_total=true",
    "?facets=true&with_total=true&q=phantom",
    "?facets=true&with_total=true&q=phntom",
    "?facets=true&with_total=true&q=unseen",
    "?facets=true&with_total=true&q=unsen",
    "?q=UNSEEN-1",
    "?q=PHANT-1",
    "?q=ectoplasm",
    "?q=lamp%20phantom",
    "?facets=true&category=ghosts",
    "?category=ghosts&sort=price",
    "?category=ghosts&sort=best_selling",
    "?category=spirits&sort=name",
    "?facets=true&brand=ghost-house",
    "?attr=stuff:Ectoplasm",
    "?facets=true&price_min=1250000",
    "?facets=true&on_sale=true",
    "?facets=true&in_stock=true",
    "?sort=-price",
    "?sort=name",
    "?sort=best_selling",
    "?sort=relevance&q=ghosts",
];

impl Eyes<'_> {
    /// All that the storefront answers to GET, with the operation and the address that it came from.
    async fn see(&self) -> Vec<(String, String, Answer)> {
        let document: Value = serde_json::from_str(include_str!("../../openapi/storefront.json")).unwrap();
        let mut seen = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let Some(operation) = methods["get"]["operationId"].as_str() else { continue };
            let queries: Vec<&str> = match operation {
                "listProducts" => [""].into_iter().chain(LISTS).collect(),
                "suggest" => ["?q=phant", "?q=unse", "?q=ecto", "?q=ghos", "?q=phntom", "?q=lamp"].to_vec(),
                "listShippingMethods" => ["?country=DE"].to_vec(),
                _ => [""].to_vec(),
            };
            let id = uuid::Uuid::now_v7().to_string();
            let places: Vec<String> = match path.contains("{slug}") {
                true => SLUGS.iter().map(|slug| path.replace("{slug}", slug)).collect(),
                false => vec![path.replace("{id}", &id)],
            };
            for place in places.iter().flat_map(|place| queries.iter().map(move |query| format!("{place}{query}"))) {
                let request = || self.shop.request(Method::GET, &format!("/store/v1{place}"));
                for request in
                    [request(), request().header("Stoa-Cart", &self.cart), request().bearer_auth(&self.customer)]
                {
                    let answer = Answer::of(request).await;
                    assert!(answer.status.as_u16() < 500, "{place}: {}", answer.text);
                    seen.push((operation.to_owned(), place.clone(), answer));
                }
            }
        }
        seen
    }

    /// The operations that tell any of `words`.
    async fn tell(&self, words: &[&str]) -> BTreeSet<String> {
        let told = |answer: &Answer| words.iter().any(|word| said(answer).contains(word));
        let seen = self.see().await;
        assert!(seen.len() > 150, "only {} answers were seen", seen.len());
        seen.into_iter().filter(|(_, _, answer)| told(answer)).map(|(operation, _, _)| operation).collect()
    }
}

/// What an answer says, and where it leads to. That there is no such slug tells nothing but what was asked.
fn said(answer: &Answer) -> String {
    let said = format!("{} {}", answer.text, answer.header("location")).to_lowercase();
    SLUGS.iter().fold(said, |said, slug| said.replace(&format!("`{slug}`"), "that"))
}

async fn review(shop: &Shop<'_>, slug: &str, stars: i64, words: &str) -> String {
    let body = json!({ "name": words, "rating": stars, "title": words, "body": words });
    let request = shop.request(Method::POST, &format!("/store/v1/products/{slug}/reviews")).json(&body);
    Answer::of(request).await.expect(201).text_at("/id")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_was_rejected_or_is_not_for_sale_is_told_by_no_answer() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let of = |answer: Answer| answer.expect(201).text_at("/id");
    let brand = of(owner.post("/brands", &json!({ "name": "Ghost House" })).await);
    let ghosts = of(owner.post("/categories", &json!({ "name": "Ghosts" })).await);
    let spirits = of(owner.post("/categories", &json!({ "name": "Spirits", "parent_id": ghosts })).await);
    owner.post("/attributes", &json!({ "name": "Stuff" })).await.expect(201);
    let body = json!({
        "name": "Phantom", "slug": "early-phantom", "description": "Made of mist.", "brand_id": brand,
        "category_id": spirits, "attributes": { "stuff": "Ectoplasm" }, "sku": "PHANT-1",
        "price": { "amount": 1_250_777, "currency": "EUR" }, "compare_at_price": { "amount": 1_999_777, "currency": "EUR" },
    });
    let phantom = owner.post("/products", &body).await.expect(201);
    let (id, variant) = (phantom.text_at("/id"), phantom.text_at("/variants/0/id"));
    stocked(&mall, &shop, &variant, 9).await;
    let place = format!("/products/{id}");
    owner.patch(&place, "*", &json!({ "slug": "phantom" })).await.expect(200);
    owner.patch(&format!("/categories/{ghosts}"), "*", &json!({ "top_product_id": id })).await.expect(200);
    owner.add_product("Lamp").await;
    let approve = async |review: &str, how: &str| {
        let request = owner.request(Method::POST, &format!("/reviews/{review}/{how}")).header("If-Match", "*");
        Answer::of(request).await.expect(200);
    };
    approve(&review(&shop, "phantom", 4, "Phantom pleasure").await, "approve").await;
    let customer = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let wish = shop.request(Method::PUT, &format!("/store/v1/wishlist/items/{id}")).bearer_auth(&customer);
    Answer::of(wish).await.expect(204);
    let items =
        || shop.request(Method::POST, "/store/v1/cart/items").json(&json!({ "variant_id": variant, "quantity": 2 }));
    let cart = Answer::of(items()).await.expect(200).text_at("/cart_token");
    Answer::of(items().bearer_auth(&customer)).await.expect(200);
    let eyes = Eyes { shop: &shop, customer, cart };

    // As long as it is for sale, it is wherever a product can be.
    let known = [id.as_str(), "phantom", "ectoplasm", "1250777"];
    let everywhere = [
        "getCart",
        "getCategory",
        "getProduct",
        "getWishlist",
        "listCategories",
        "listProducts",
        "listReviews",
        "suggest",
    ];
    let told = eyes.tell(&known).await;
    assert!(everywhere.iter().all(|operation| told.contains(*operation)), "{told:?}");

    // Then it is not, and becomes something else meanwhile. What its cart shows is what the buyer put in.
    let change = json!({
        "active": false, "name": "Unseen thing", "slug": "unseen-thing", "description": "Unseen.",
        "attributes": { "stuff": "Unseenium" }, "price": { "amount": 4_242_424, "currency": "EUR" },
    });
    owner.patch(&place, "*", &change).await.expect(200);
    owner.patch(&format!("{place}/variants/{variant}"), "*", &json!({ "sku": "UNSEEN-1" })).await.expect(200);
    let unseen = ["unseen", "4242424"];
    for (stars, words) in [(1, "Unseen waiting"), (1, "Unseen rejected"), (5, "Seen")] {
        let written = review(&shop, "lamp", stars, words).await;
        match words {
            "Unseen rejected" => approve(&written, "reject").await,
            "Seen" => approve(&written, "approve").await,
            _ => {}
        }
    }
    for (operation, place, answer) in eyes.see().await {
        let text = said(&answer);
        let words = if operation == "getCart" {
            &unseen[..]
        } else {
            &[unseen[0], unseen[1], known[0], known[1], known[2], known[3]]
        };
        let told: Vec<_> = words.iter().filter(|word| text.contains(**word)).collect();
        assert!(told.is_empty(), "{operation} at {place} tells {told:?}: {} {text}", answer.status);
        if operation == "listProducts" && answer.json["total"] != Value::Null {
            assert!(answer.json["total"].as_i64() <= Some(1), "{place} counts it: {text}");
            let facets = &answer.json["facets"];
            assert_eq!(
                (&facets["brand"], &facets["category"], &facets["attributes"]),
                (&json!([]), &json!([]), &json!([])),
                "{place}"
            );
        }
    }
    let ghosts = shop.visit("/categories/ghosts").await.expect(200);
    assert_eq!((&ghosts.json["product_count"], &ghosts.json["top_product"]), (&json!(0), &Value::Null));
    for slug in ["early-phantom", "phantom", "unseen-thing"] {
        shop.visit(&format!("/products/{slug}")).await.expect_problem(404, "catalog.no_product");
        shop.visit(&format!("/products/{slug}/reviews")).await.expect_problem(404, "catalog.no_product");
    }
    let lamp = shop.visit("/products/lamp").await.expect(200);
    assert_eq!(lamp.json["rating"], json!({ "average": 5.0, "count": 1 }), "the average is of what is seen");
    assert_eq!(shop.visit("/products/lamp/reviews").await.json["items"].as_array().map(Vec::len), Some(1));
    // Nor is it sold, whoever still knows it.
    Answer::of(items()).await.expect_problem(422, "carts.no_variant");
    let wish = shop.request(Method::PUT, &format!("/store/v1/wishlist/items/{id}")).bearer_auth(&eyes.customer);
    Answer::of(wish).await.expect_problem(404, "catalog.no_product");
}
