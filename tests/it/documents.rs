//! The documents are committed, say what is done, and are shown without asking anybody else.

use std::collections::BTreeSet;

use api::documents;
use reqwest::Method;
use serde_json::Value;
use tests::{Answer, Mall};

#[test]
fn the_committed_documents_are_what_this_build_writes_and_take_nothing_away() {
    for document in documents() {
        let path = format!("{}/../openapi/{}.json", env!("CARGO_MANIFEST_DIR"), document.name);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(openapi::breaks(&committed, &document.json), Vec::<String>::new());
        assert!(committed == document.json, "{path} is out of date: run `cargo run --bin stoa -- openapi`");
    }
}

/// What buyers' browsers and providers are sent to: they bring whatever they bring, and nothing of it is refused by its form.
const OF_OUTSIDERS: [&str; 3] = ["receiveGatewayWebhook", "returnFromPayment", "returnFromPaymentWithForm"];

#[test]
fn every_operation_has_a_name_a_summary_and_its_refusals() {
    for document in documents() {
        let json: Value = serde_json::from_str(&document.json).unwrap();
        let mut names = BTreeSet::new();
        for (path, item) in json["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
                assert!(names.insert(name.to_owned()), "{name} is there twice");
                assert!(operation["summary"].is_string(), "{name} has no summary");
                assert!(operation["description"].is_string(), "{name} has no description");
                if OF_OUTSIDERS.contains(&name) {
                    let answers = operation["responses"].as_object().unwrap();
                    assert!(["404", "413", "503"].iter().all(|status| answers.contains_key(*status)), "{name}");
                    continue;
                }
                if let Some(body) = operation.get("requestBody") {
                    let shown = body["content"]["application/json"]["example"].is_object();
                    let file = ["image/jpeg", "application/wasm", "text/csv"]
                        .iter()
                        .any(|kind| body["content"][kind].is_object());
                    assert!(shown || file, "{name} has no example");
                }
                let answers = operation["responses"].as_object().unwrap();
                assert!(answers.contains_key("422") && answers.contains_key("503"), "{name} hides its refusals");
                let takes_body = operation.get("requestBody").is_some();
                assert!(["413", "415"].iter().all(|status| answers.contains_key(*status) == takes_body), "{name}");
                let requires = |header: &str| {
                    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
                    parameters.any(|p| p["name"] == header && p["required"] == true)
                };
                assert_eq!(takes_body || requires("Idempotency-Key"), answers.contains_key("400"), "{name}");
                let version = requires("If-Match");
                assert_eq!(version, answers.contains_key("428"), "{name}");
                if let Some(answer) = answers.get("200").filter(|_| version) {
                    assert!(answer["headers"]["ETag"].is_object(), "{name} does not tell its version");
                }
                assert!(operation.get("security").is_none() || answers.contains_key("401"), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn the_pages_are_served_and_name_no_other_host_to_load_from() {
    let mall = Mall::open().await;
    let home = mall.get("/").await.expect(303);
    assert_eq!(home.header("location"), "/docs");
    for page in ["/docs", "/docs/storefront", "/docs/storefront/swagger", "/docs/admin", "/docs/platform/swagger"] {
        let page = mall.get(page).await.expect(200);
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("connect-src 'self'") && !policy.contains("http")
        );
    }
    let scalar = mall.get("/docs/admin").await.text;
    assert!(
        scalar.contains(
            r#"<script
      id="api-reference" data-configuration='{"withDefaultFonts":false}'"#
        ),
        "Scalar loads its fonts from elsewhere"
    );
    for name in ["store", "admin", "platform"] {
        let document = mall.get(&format!("/{name}/openapi.json")).await.expect(200);
        assert!(document.json["openapi"].is_string());
    }
}

#[tokio::test]
async fn what_does_not_change_is_sent_once_and_only_to_who_reads() {
    let mall = Mall::open().await;
    for path in ["/docs", "/docs/admin", "/docs/platform/swagger", "/store/openapi.json"] {
        let page = mall.get(path).await.expect(200);
        assert_eq!(page.header("cache-control"), "public, max-age=300");
        let again = mall.request(Method::GET, path).header("If-None-Match", page.header("etag"));
        assert_eq!(Answer::of(again).await.expect(304).text, "");
        let head = Answer::of(mall.request(Method::HEAD, path)).await.expect(200);
        assert_eq!(head.header("etag"), page.header("etag"));
    }
    for path in ["/", "/docs", "/docs/admin", "/admin/openapi.json", "/livez", "/readyz", "/.well-known/jwks.json"] {
        let wrong = Answer::of(mall.request(Method::POST, path)).await;
        assert_eq!(wrong.expect_problem(405, "request.method_not_allowed").header("allow"), "GET, HEAD", "{path}");
    }
}
