//! Files that are taken in twice at once, or by a worker that is killed in the middle.

use std::time::Duration;

use domain::jobs::JobId;
use domain::transfers;
use serde_json::json;
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Mall, Shop, admin_pool};

use super::{faults, send};

/// The database as a worker has it.
fn tenants(mall: &Mall) -> TenantDb {
    let connect = mall.database.urls.app.clone();
    TenantDb::new(Database::new(DatabaseOptions { connect, connections: 4, patience: Duration::from_secs(10) }))
}

fn many(count: usize, price: usize, stock: usize) -> String {
    let lines = (0..count).map(|n| format!("p-{n},Product {n},{price},P-{n},{stock}\n"));
    format!("slug,name,price,sku,stock\n{}", lines.collect::<String>())
}

/// What a store has: products, variants, pieces, movements; and whether its books are right.
async fn holdings(mall: &Mall, shop: &Shop<'_>) -> (i64, i64, i64, i64, bool) {
    let sql = "SELECT (SELECT count(*) FROM products WHERE tenant_id = $1::uuid), count(*),
                      coalesce(sum(l.on_hand), 0)::bigint, (SELECT count(*) FROM stock_movements WHERE tenant_id = $1::uuid),
                      coalesce(sum(l.on_hand), 0) = (SELECT coalesce(sum(delta), 0) FROM stock_movements WHERE tenant_id = $1::uuid)
               FROM variants v LEFT JOIN stock_levels l ON l.tenant_id = v.tenant_id AND l.variant_id = v.id
               WHERE v.tenant_id = $1::uuid";
    let admin = admin_pool(&mall.database.admin_url).await;
    sqlx::query_as(sql).bind(&shop.id).fetch_one(&admin).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_in_the_middle_leaves_nothing_doubled_and_nothing_out() {
    let mall = Mall::open_with(|config| config.runs_jobs = false).await;
    let shop = mall.open_store().await;
    let sent = send(&shop, "", format!("{}bad slug,Bad,1,,\n", many(2_500, 3, 2))).await.expect(202);
    let (db, store) = (tenants(&mall), TenantId(shop.id.parse().unwrap()));
    let id = JobId(sent.text_at("/id").parse().unwrap());
    let begun = async || {
        let mut batch = transfers::read_batch(&mut db.begin_read(store).await.unwrap(), id).await.unwrap().unwrap();
        let mut tx = db.begin(store).await.unwrap();
        transfers::write_batch(&mut tx, &mut batch).await.unwrap();
        (tx, batch)
    };
    // Before the first half is there, between the halves, and in the second one.
    let (tx, _) = begun().await;
    drop(tx);
    let (tx, batch) = begun().await;
    tx.commit().await.unwrap();
    drop(batch);
    let (tx, batch) = begun().await;
    tx.commit().await.unwrap();
    let mut tx = db.begin(store).await.unwrap();
    transfers::finish_batch(&mut tx, batch).await.unwrap();
    drop(tx);
    assert_eq!(holdings(&mall, &shop).await, (1_000, 1_000, 0, 0, true), "no stock yet of what has been written");
    let half = shop.owner().get(&format!("/imports/{id}")).await.expect(200);
    assert_eq!((&half.json["created"], &half.json["bytes_done"]), (&json!(1_000), &json!(26)));

    // Who read a batch that another has ended since does not write it again: something else may have been written by now.
    let (tx, batch) = begun().await;
    tx.commit().await.unwrap();
    let mut late = transfers::read_batch(&mut db.begin_read(store).await.unwrap(), id).await.unwrap().unwrap();
    let mut tx = db.begin(store).await.unwrap();
    transfers::finish_batch(&mut tx, batch).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.begin(store).await.unwrap();
    let refused = transfers::write_batch(&mut tx, &mut late).await.unwrap_err();
    assert!(refused.is_a_race(), "{refused}");
    drop(tx);

    // Two go on at once, as where a lease lapsed under one who lives; each batch is done by one of them.
    let both = [0, 1].map(|_| async { while jobs::import_next(&db, store, id).await.unwrap().is_some() {} });
    futures_util::future::join_all(both).await;
    assert_eq!(holdings(&mall, &shop).await, (2_500, 2_500, 5_000, 2_500, true));
    let done = shop.owner().get(&format!("/imports/{id}")).await.expect(200);
    let counted = ["lines", "created", "changed", "unchanged", "refused", "faults"].map(|name| done.json[name].clone());
    assert_eq!(counted, [2_501, 2_500, 0, 0, 1, 1].map(|count| json!(count)), "each line is counted once");
    assert_eq!(faults(&shop, &done).await.len(), 1);
    let movements = shop.owner().get("/stock/movements?limit=1").await.expect(200);
    assert_eq!(movements.json["items"][0]["reason"], "initial");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_of_the_same_products_at_once_make_one_of_them_right() {
    let mall = Mall::open_with(|config| config.workers = 4).await;
    let shop = mall.open_store().await;
    let (cheap, dear) = (many(1_500, 1, 1), many(1_500, 9, 9));
    let (one, two) = tokio::join!(send(&shop, "", cheap), send(&shop, "", dear));
    // Somebody adds one of them by hand meanwhile.
    let body =
        json!({ "name": "By hand", "slug": "p-700", "price": { "amount": 5, "currency": "EUR" }, "sku": "P-700" });
    let by_hand = shop.owner().post("/products", &body).await;
    assert!([201, 409].contains(&by_hand.status.as_u16()), "{}", by_hand.text);
    mall.run_jobs_until_idle().await;
    for job in [one.expect(202), two.expect(202)] {
        let job = shop.owner().get(&format!("/jobs/{}", job.text_at("/id"))).await.expect(200);
        assert_eq!(
            (&job.json["state"], &job.json["result"]["faults"]),
            (&json!("finished"), &json!(0)),
            "{}",
            job.text
        );
    }
    let admin = admin_pool(&mall.database.admin_url).await;
    // Of each product, price and stock are of one file.
    let mixed =
        "SELECT count(*) FROM variants v JOIN stock_levels l ON l.tenant_id = v.tenant_id AND l.variant_id = v.id
                 WHERE v.tenant_id = $1::uuid AND v.price_minor <> l.on_hand * 100";
    let mixed: i64 = sqlx::query_scalar(mixed).bind(&shop.id).fetch_one(&admin).await.unwrap();
    let (products, variants, .., right) = holdings(&mall, &shop).await;
    assert_eq!((products, variants, mixed, right), (1_500, 1_500, 0, true));
}
