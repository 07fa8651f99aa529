//! The gateways that come with a build.

use std::sync::Arc;
use std::time::Duration;

use domain::gateways::register_bundled;
use futures_util::future::join_all;
use serde_json::json;
use tenants::{Database, DatabaseOptions, PlatformDb};
use tests::paper::{Paper, component, described};

use super::{mall, operator};

#[tokio::test(flavor = "multi_thread")]
async fn they_are_registered_once_by_one_of_those_who_start() {
    let (mall, _paper) = mall().await;
    let operator = operator(&mall).await;
    let connect = mall.database.urls.platform.clone();
    let patience = Duration::from_secs(10);
    let db = PlatformDb::new(Database::new(DatabaseOptions { connect, connections: 6, patience }));
    let (paper, old) = (Arc::<Paper>::default(), component("bank", "1.0.0"));
    let register = async |bytes: &[u8]| register_bundled(&db, &*paper, &[("bank", bytes)]).await.unwrap();
    let counts = join_all((0..6).map(|_| register(&old))).await;
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
    let listed = operator.get("/gateways").await.expect(200);
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed.json["items"][0]["state"], "approved");
    assert_eq!(listed.json["items"][0]["bundled"], true);

    // What an operator decided stays.
    operator.post("/gateways/bank/versions/1.0.0/withdraw").await.expect(200);
    assert_eq!(register(&old).await, 0);
    assert_eq!(operator.get("/gateways/bank/versions/1.0.0").await.expect(200).json["state"], "withdrawn");

    // Another compiler makes other bytes of the same version: a version of its own, the newer one.
    let other = described(&json!({ "id": "bank", "name": "Bank", "schema": { "type": "object" } }));
    let counts = join_all((0..6).map(|_| register(&other))).await;
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
    let listed = operator.get("/gateways").await.expect(200);
    let number = listed.text_at("/items/0/version");
    assert!(number.starts_with("1.0.0+") && number.len() == 14, "{number}");
    assert_eq!(register(&other).await, 0);
    // One that is unfit keeps no other back.
    let good = component("other", "1.0.0");
    assert_eq!(register_bundled(&db, &*paper, &[("broken", b"nonsense"), ("other", &good)]).await.unwrap(), 1);
}
