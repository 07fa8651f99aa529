//! Who asks.

use std::collections::HashMap;

use chrono::{TimeDelta, Utc};
use domain::MasterKey;
use domain::identity::{Role, Surface, TokenKeys};
use serde_json::json;
use tenants::TenantId;
use tests::{Mall, Shop};
use uuid::Uuid;

use super::things::Things;

/// All of them ask at every surface.
pub(super) const ALL: [&str; 20] = [
    "nobody",
    "malformed",
    "expired",
    "customer",
    "foreign-customer",
    "owner",
    "admin",
    "product_manager",
    "content_manager",
    "order_manager",
    "customer_manager",
    "user_manager",
    "support",
    "custom",
    "operator",
    "key",
    "key-without-scope",
    "revoked-key",
    "foreign-owner",
    "foreign-key",
];

/// The tokens of all callers.
pub(super) struct Callers(HashMap<String, String>);

impl Callers {
    pub(super) async fn new(mall: &Mall, own: &Shop<'_>, other: &Shop<'_>, things: &Things) -> Self {
        let mut tokens = HashMap::from([("malformed".to_owned(), "not.a.token".to_owned())]);
        tokens.insert("owner".to_owned(), own.token.clone());
        tokens.insert(
            "customer".to_owned(),
            own.register("customer@x.example").await.expect(201).text_at("/access_token"),
        );
        tokens.insert(
            "foreign-customer".to_owned(),
            other.register("customer@x.example").await.expect(201).text_at("/access_token"),
        );
        tokens.insert("operator".to_owned(), mall.operator_token().await);
        let custom = json!({ "name": "custom", "label": "Custom", "permissions": ["catalog.read", "staff.read"] });
        own.owner().post("/roles", &custom).await.expect(201);
        for role in Role::ALL.map(Role::as_str).into_iter().filter(|role| *role != "owner").chain(["custom"]) {
            tokens.insert(role.to_owned(), things.staff_token(role).await);
        }
        let everything = json!(domain::access::Permission::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>());
        let make = async |scopes: serde_json::Value| {
            own.owner().post("/api-keys", &json!({ "name": "K", "scopes": scopes })).await.expect(201)
        };
        tokens.insert("key".to_owned(), make(everything.clone()).await.text_at("/key"));
        tokens.insert("key-without-scope".to_owned(), make(json!(["reports.read"])).await.text_at("/key"));
        let revoked = make(everything.clone()).await;
        own.owner().delete(&format!("/api-keys/{}", revoked.text_at("/api_key/id")), "*").await.expect(204);
        tokens.insert("revoked-key".to_owned(), revoked.text_at("/key"));
        tokens.insert("foreign-owner".to_owned(), things.other_owner.clone());
        tokens.insert("foreign-key".to_owned(), things.other_key.clone());
        Self(tokens)
    }

    /// The token of a caller, none for nobody. An account that is deleted by the operation is a new one each time.
    pub(super) async fn token(&self, mall: &Mall, things: &Things, operation: &str, caller: &str) -> Option<String> {
        match (operation, caller) {
            (_, "nobody") => None,
            (_, "expired") => Some(things.expired_token(operation)),
            ("deleteMe", "customer") => Some(things.new_customer(mall).await),
            _ => self.0.get(caller).cloned(),
        }
    }
}

/// A token of the deployment, signed an hour ago.
pub(super) fn expired(surface: Surface, user: Uuid) -> String {
    let keys = TokenKeys::new(MasterKey::new([42; 32]));
    keys.sign(surface, user, Uuid::now_v7(), Utc::now() - TimeDelta::hours(1)).unwrap().token
}

/// A token for a session that a test made itself.
pub(super) fn fresh(store: TenantId, user: Uuid, session: Uuid) -> String {
    let keys = TokenKeys::new(MasterKey::new([42; 32]));
    keys.sign(Surface::Admin(store), user, session, Utc::now()).unwrap().token
}
