//! What operators do with gateways.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::Answer;
use tests::paper::{component, described};

use super::{mall, operator, set, with_key};

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_uploaded_looked_at_approved_and_withdrawn() {
    let (mall, _paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    let owner = shop.owner();

    let uploaded = operator.upload(component("bank", "1.0.0")).await.expect(201);
    assert_eq!(uploaded.header("location"), "/platform/v1/gateways/bank/versions/1.0.0");
    assert_eq!(uploaded.json["state"], "uploaded");
    assert_eq!(uploaded.json["hosts"], json!(["pay.example.com"]));
    assert_eq!(uploaded.json["settings_schema"]["required"], json!(["key"]));
    assert_eq!(uploaded.text_at("/sha256").len(), 64);
    owner.get("/gateways/bank").await.expect_problem(404, "gateways.no_gateway");
    set(&owner, "bank", "*", &with_key("a good long key")).await.expect_problem(404, "gateways.no_gateway");

    let path = "/gateways/bank/versions/1.0.0";
    let approved = operator.post(&format!("{path}/approve")).await.expect(200);
    assert_eq!((approved.json["state"].as_str(), approved.header("etag")), (Some("approved"), "\"2\""));
    // The repeat of a request whose answer was lost.
    assert_eq!(operator.post(&format!("{path}/approve")).await.expect(200).header("etag"), "\"2\"");
    set(&owner, "bank", "\"0\"", &with_key("a good long key")).await.expect(200);

    let withdrawn = operator.post(&format!("{path}/withdraw")).await.expect(200);
    assert_eq!(withdrawn.json["state"], "withdrawn");
    let shown = owner.get("/gateways/bank").await.expect(200);
    assert_eq!(shown.json["notices"][0]["code"], "withdrawn");
    assert_eq!(shown.json["versions"], json!([]));
    // Its key may be changed for what is under way; nobody else can begin with it.
    set(&owner, "bank", "*", &json!({ "version": "1.0.0", "settings": {} })).await.expect(200);
    set(&owner, "bank", "*", &json!({ "settings": {} }))
        .await
        .expect_problem(422, "gateways.not_approved")
        .blames("/version");
    mall.open_store().await.owner().get("/gateways/bank").await.expect_problem(404, "gateways.no_gateway");

    let audit = operator.get("/audit").await.expect(200);
    let actions: Vec<_> = audit.json["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["withdrawGatewayVersion", "approveGatewayVersion", "uploadGateway"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_are_one_version_and_others_need_a_new_number() {
    let (mall, _paper) = mall().await;
    let operator = operator(&mall).await;
    let at_once = join_all((0..6).map(|_| operator.upload(component("bank", "1.0.0")))).await;
    let mut statuses: Vec<_> = at_once.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
    let others = (0..4).map(|n| {
        described(
            &json!({ "id": "bank", "version": "1.1.0", "name": format!("Bank {n}"), "schema": { "type": "object" } }),
        )
    });
    let at_once = join_all(others.map(|bytes| operator.upload(bytes))).await;
    let taken: Vec<_> = at_once.iter().filter(|answer| answer.json["code"] == "gateways.version_taken").collect();
    assert_eq!((taken.len(), at_once.iter().filter(|answer| answer.status == 201).count()), (3, 1));
    let listed = operator.get("/gateways?limit=1").await.expect(200);
    assert_eq!(listed.json["items"][0]["version"], "1.1.0");
    let cursor = listed.text_at("/next_cursor");
    let listed = operator.get(&format!("/gateways?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!((&listed.json["items"][0]["version"], &listed.json["next_cursor"]), (&json!("1.0.0"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_gateway_is_refused_and_leaves_nothing() {
    let (mall, _paper) = mall().await;
    let operator = operator(&mall).await;
    let object = json!({ "type": "object" });
    let of = |property: serde_json::Value| json!({ "type": "object", "properties": { "a": property } });
    let unfit = [
        (b"\0asm\x01\0\0\0".to_vec(), "gateways.bad_component"),
        (b"GIF89a".to_vec(), "gateways.bad_component"),
        (Vec::new(), "gateways.bad_component"),
        (described(&json!({ "id": "Bank", "schema": object })), "gateways.bad_description"),
        (described(&json!({ "id": "../bank", "schema": object })), "gateways.bad_description"),
        (described(&json!({ "id": "cash-on-delivery", "schema": object })), "gateways.bad_description"),
        (described(&json!({ "id": "bank", "version": "one", "schema": object })), "gateways.bad_description"),
        (described(&json!({ "id": "bank", "name": " ", "schema": object })), "gateways.bad_description"),
        (
            described(&json!({ "id": "bank", "hosts": vec!["a.example"; 21], "schema": object })),
            "gateways.bad_description",
        ),
        (
            described(&json!({ "id": "bank", "schema": of(json!({ "$ref": "https://evil.example/s.json" })) })),
            "gateways.bad_schema",
        ),
        (
            described(&json!({ "id": "bank", "schema": of(json!({ "type": "string", "pattern": "(" })) })),
            "gateways.bad_schema",
        ),
        (described(&json!({ "id": "bank", "schema": "[".repeat(20_000) })), "gateways.bad_schema"),
    ];
    for (bytes, code) in unfit {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        let refused = operator.upload(bytes).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json["code"].as_str()),
            (422, Some(code)),
            "{shown}: {}",
            refused.text
        );
    }
    operator.upload(vec![0; 2 * 1024 * 1024 + 1]).await.expect_problem(413, "request.too_large");
    let json = operator.request(Method::POST, "/gateways").json(&json!({}));
    Answer::of(json).await.expect_problem(415, "request.unsupported_media_type");
    // It says that it is another than the operator means.
    let meant = operator.request(Method::POST, "/gateways?gateway=zarinpal").header("Content-Type", "application/wasm");
    Answer::of(meant.body(component("bank", "1.0.0")))
        .await
        .expect_problem(422, "request.invalid")
        .blames("/query/gateway");
    assert_eq!(operator.get("/gateways").await.expect(200).json["items"], json!([]));
    operator.get("/gateways/bank/versions/1.0.0").await.expect_problem(404, "gateways.no_version");
    operator.post("/gateways/bank/versions/1.0.0/approve").await.expect_problem(404, "gateways.no_version");
    operator.get("/gateways/bank/versions/one").await.expect_problem(422, "request.invalid");
    operator.get("/gateways/Bank/versions/1.0.0").await.expect_problem(422, "request.invalid");
}
