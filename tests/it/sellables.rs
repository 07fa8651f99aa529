//! What carts, orders and coupons are told about variants.

use domain::catalog::{self, VariantId};
use serde_json::{Value, json};
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Mall, Shop, TestDatabase, admin_pool};
use uuid::Uuid;

fn app(database: &TestDatabase) -> TenantDb {
    let options = DatabaseOptions {
        connect: database.urls.app.clone(),
        connections: 2,
        patience: std::time::Duration::from_secs(10),
    };
    TenantDb::new(Database::new(options))
}

fn id(json: &Value) -> Uuid {
    json.as_str().unwrap().parse().unwrap()
}

/// A tent in two colours below two categories, of a brand.
async fn tent(shop: &Shop<'_>) -> Value {
    let owner = shop.owner();
    let top = owner.post("/categories", &json!({ "name": "Camp" })).await.expect(201).text_at("/id");
    let below = json!({ "name": "Tents", "parent_id": top });
    let below = owner.post("/categories", &below).await.expect(201).text_at("/id");
    let brand = owner.post("/brands", &json!({ "name": "Nordwand" })).await.expect(201).text_at("/id");
    let body = json!({
        "name": "Dome Tent", "category_id": below, "brand_id": brand, "price": { "amount": 1005, "currency": "EUR" },
        "options": [{ "name": "Colour", "values": ["Moss", "Sand"] }],
        "variants": [
            { "sku": "moss", "options": { "Colour": "Moss" } },
            { "sku": "sand", "options": { "Colour": "Sand" }, "price": { "amount": 3, "currency": "EUR" } },
        ],
    });
    owner.post("/products", &body).await.expect(201).json
}

#[tokio::test]
async fn a_variant_that_can_be_bought_is_told_with_its_price_of_now() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let product = tent(&shop).await;
    let (moss, sand) = (id(&product["variants"][0]["id"]), id(&product["variants"][1]["id"]));
    let (store, db) = (id(&json!(shop.id)), app(&mall.database));
    let asked = [VariantId(sand), VariantId(moss), VariantId(Uuid::now_v7())];
    let told = async |store: Uuid| {
        let mut tx = db.begin_read(TenantId(store)).await.unwrap();
        catalog::sellables(&mut tx, &asked).await.unwrap()
    };

    let all = told(store).await;
    assert_eq!(all.len(), 2, "what is nowhere is left out");
    let sellable = &all[&VariantId(sand)];
    assert_eq!(sellable.name, "Dome Tent (Sand)");
    assert_eq!((sellable.product.0, sellable.price.minor(), sellable.list.minor()), (id(&product["id"]), 3, 3));
    assert_eq!((sellable.categories.len(), sellable.categories[0].0), (2, id(&product["category_id"])));
    assert_eq!(sellable.brand.map(|brand| brand.0), Some(id(&product["brand_id"])));
    assert!(told(id(&json!(other.id))).await.is_empty(), "they are not for sale elsewhere");

    // Half of 3 is 1.5, which is rounded up; a tenth of 1005 leaves 904.5.
    let admin = admin_pool(&mall.database.admin_url).await;
    let discount = "INSERT INTO discounts (tenant_id, id, name, basis_points, everything, active, starts_at, created_at, updated_at)
                    VALUES ($1, gen_random_uuid(), 'D', $2, true, true, now() - interval '1 minute', now(), now())";
    sqlx::query(discount).bind(store).bind(1_000_i64).execute(&admin).await.unwrap();
    let all = told(store).await;
    assert_eq!((all[&VariantId(moss)].price.minor(), all[&VariantId(sand)].price.minor()), (905, 3));
    sqlx::query(discount).bind(store).bind(5_000_i64).execute(&admin).await.unwrap();
    let all = told(store).await;
    assert_eq!((all[&VariantId(moss)].price.minor(), all[&VariantId(sand)].price.minor()), (503, 2));

    let path = format!("/products/{}", id(&product["id"]));
    shop.owner().patch(&path, "*", &json!({ "active": false })).await.expect(200);
    assert!(told(store).await.is_empty(), "what is not active is not for sale");
}
