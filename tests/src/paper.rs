//! Gateways of paper: what stands in for a component is its description, and calls are answered from the settings. For
//! stories about who chooses which gateway and sets what; how components run is told elsewhere.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gateway::{
    Call, Callback, Capability, ComponentError, Gateway, GatewayError, GatewayInfo, Gateways, Inspection, Loading,
    Outcome, PaymentRef, PaymentRequest, RawRequest, RefundOutcome, RefundRequest, Rejection, Session, Settings, Soon,
    Unverified, VersionId, WebhookEvent,
};
use kernel::{Currency, Money, Text as _};
use serde_json::{Value, json};
use server::gateways::GatewayHost;
use sha2::{Digest as _, Sha256};

/// Runs gateways of paper.
#[derive(Default)]
pub struct Paper {
    ready: Mutex<HashMap<VersionId, Arc<dyn Gateway>>>,
    /// How often a version was made ready.
    pub loads: AtomicUsize,
    used: Arc<Mutex<Option<Arc<Settings>>>>,
}

struct Sheet {
    info: GatewayInfo,
    used: Arc<Mutex<Option<Arc<Settings>>>>,
}

const MARK: &[u8] = b"paper ";

/// The component of a gateway that has a secret `key`, and that can be asked for what was never verified.
#[must_use]
pub fn component(id: &str, version: &str) -> Vec<u8> {
    let schema = json!({
        "type": "object", "required": ["key"], "additionalProperties": false,
        "properties": {
            "key": { "type": "string", "writeOnly": true, "minLength": 8 },
            "second": { "type": "string", "writeOnly": true },
            "shop": { "type": "string", "pattern": "^[a-z]+$" },
            "wait": { "type": "integer", "minimum": 1 },
        },
    });
    described(&json!({ "id": id, "version": version, "schema": schema }))
}

/// A component of this description: `id`, `version`, `schema`, `currencies`, `capabilities`, `hosts`.
#[must_use]
pub fn described(description: &Value) -> Vec<u8> {
    [MARK, description.to_string().as_bytes()].concat()
}

impl Paper {
    /// Takes part in a story.
    #[must_use]
    pub fn host(self: &Arc<Self>) -> GatewayHost {
        GatewayHost::Ready(Arc::clone(self) as Arc<dyn Gateways>)
    }

    /// What the last call was given.
    #[must_use]
    pub fn last_settings(&self) -> Option<Arc<Settings>> {
        self.used.lock().unwrap().clone()
    }
}

fn read(component: &[u8]) -> Result<Inspection, ComponentError> {
    let malformed = || ComponentError::Malformed("not of paper".to_owned());
    let json: Value =
        serde_json::from_slice(component.strip_prefix(MARK).ok_or_else(malformed)?).map_err(|_| malformed())?;
    let text = |name: &str, usual: &str| json[name].as_str().unwrap_or(usual).to_owned();
    let list = |name: &str, usual: &[&str]| match json[name].as_array() {
        Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => usual.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(),
    };
    let capabilities = list("capabilities", &["reconciliation"]);
    let info = GatewayInfo {
        id: text("id", "paper"),
        name: text("name", "Paper"),
        version: text("version", "1.0.0"),
        settings_schema: json["schema"].as_str().map_or_else(|| json["schema"].to_string(), str::to_owned),
        allowed_hosts: list("hosts", &["pay.example.com"]),
        currencies: list("currencies", &[]).iter().map(|code| Currency::parse(code).unwrap()).collect(),
        capabilities: Capability::ALL
            .into_iter()
            .filter(|can| capabilities.iter().any(|it| it == can.as_str()))
            .collect(),
    };
    Ok(Inspection {
        id: VersionId(Sha256::digest(component).into()),
        size: component.len() as u64,
        contract: "0.1.0".to_owned(),
        imports: vec!["stoa:gateway/http@0.1.0".to_owned()],
        info,
    })
}

impl Gateways for Paper {
    fn inspect<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Inspection> {
        Box::pin(async move { read(component) })
    }

    fn load<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Arc<dyn Gateway>> {
        Box::pin(async move {
            self.loads.fetch_add(1, Ordering::Relaxed);
            // Whoever asks meanwhile is to wait for this one.
            tokio::task::yield_now().await;
            let Inspection { id, info, .. } = read(component)?;
            let ready: Arc<dyn Gateway> = Arc::new(Sheet { info, used: Arc::clone(&self.used) });
            self.ready.lock().unwrap().insert(id, Arc::clone(&ready));
            Ok(ready)
        })
    }

    fn version(&self, id: VersionId) -> Option<Arc<dyn Gateway>> {
        self.ready.lock().unwrap().get(&id).cloned()
    }
}

fn unsupported<'a, T: 'a>() -> Soon<'a, T> {
    Box::pin(async { Err(GatewayError::Unsupported("paper".to_owned())) })
}

impl Gateway for Sheet {
    fn info(&self) -> &GatewayInfo {
        &self.info
    }

    /// Where the store `shop` is `talkative`, the provider repeats the key that it was sent.
    fn list_unverified<'a>(&'a self, call: &'a Call, _: bool) -> Soon<'a, Vec<Unverified>> {
        Box::pin(async move {
            *self.used.lock().unwrap() = Some(Arc::clone(&call.settings));
            match call.settings.plain.get("shop").map(String::as_str) {
                Some("talkative") => {
                    let key = call.settings.secrets.get("key").cloned().unwrap_or_default();
                    Err(GatewayError::Rejected(Rejection {
                        code: "-10".to_owned(),
                        message: format!("bad key\n{key}"),
                    }))
                }
                Some("away") => Err(GatewayError::NotSent("no connection".to_owned())),
                _ => Ok(Vec::new()),
            }
        })
    }

    fn create_payment<'a>(&'a self, _: &'a Call, _: &'a PaymentRequest) -> Soon<'a, Session> {
        unsupported()
    }

    fn verify_payment<'a>(&'a self, _: &'a Call, _: &'a Callback) -> Soon<'a, Outcome> {
        unsupported()
    }

    fn capture<'a>(&'a self, _: &'a Call, _: &'a PaymentRef, _: Money) -> Soon<'a, Outcome> {
        unsupported()
    }

    fn void<'a>(&'a self, _: &'a Call, _: &'a PaymentRef) -> Soon<'a, Outcome> {
        unsupported()
    }

    fn refund<'a>(&'a self, _: &'a Call, _: &'a RefundRequest) -> Soon<'a, RefundOutcome> {
        unsupported()
    }

    fn handle_webhook<'a>(&'a self, _: &'a Call, _: &'a RawRequest) -> Soon<'a, WebhookEvent> {
        unsupported()
    }

    fn inquire<'a>(&'a self, _: &'a Call, _: &'a PaymentRef) -> Soon<'a, Outcome> {
        unsupported()
    }
}
