//! Payment gateways: registered by operators, chosen and set by stores.

mod bundled;
mod choice;
mod registry;
mod secrets;

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::paper::{Paper, component};
use tests::{Answer, Mall, Owner};

/// An operator who is logged in.
struct Operator<'mall>(&'mall Mall, String);

impl Operator<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.0.request(method, &format!("/platform/v1{path}")).bearer_auth(&self.1)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::POST, path)).await
    }

    async fn upload(&self, component: Vec<u8>) -> Answer {
        let request = self.request(Method::POST, "/gateways").header("Content-Type", "application/wasm");
        Answer::of(request.body(component)).await
    }

    /// Uploads a gateway of paper, and approves it.
    async fn offer(&self, id: &str, version: &str) {
        self.upload(component(id, version)).await.expect(201);
        self.post(&format!("/gateways/{id}/versions/{version}/approve")).await.expect(200);
    }
}

async fn mall() -> (Mall, Arc<Paper>) {
    let paper = Arc::<Paper>::default();
    (Mall::open_with(|config| config.gateways = paper.host()).await, paper)
}

async fn operator(mall: &Mall) -> Operator<'_> {
    Operator(mall, mall.operator_token().await)
}

/// Sets a gateway whose version, for `If-Match`, is this one.
async fn set(owner: &Owner<'_>, gateway: &str, revision: &str, body: &Value) -> Answer {
    let request = owner.request(Method::PUT, &format!("/gateways/{gateway}")).header("If-Match", revision);
    Answer::of(request.json(body)).await
}

fn with_key(key: &str) -> Value {
    json!({ "sandbox": true, "settings": { "key": key, "shop": "lamps" } })
}
