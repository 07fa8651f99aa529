//! A gateway on the bench: the real host, with a provider from recordings and a clock that stands still.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use domain::gateways::SettingsSchema;
use gateway::{
    Call, Capability, Gateway, GatewayError, GatewayInfo, Gateways as _, Next, Outcome, RefundStatus, Session, Settings,
};
use host::{Clock, CodeFolder, Compiler, Host, Limits, Options};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::desk::{Desk, Sent, Twist};
use super::recording::{Function, Recording};

/// A gateway that is examined.
pub(super) struct Bench {
    host: Host,
    desk: Desk,
    clock: Arc<AtomicU64>,
}

/// One version on it.
pub(super) struct Loaded<'a> {
    bench: &'a Bench,
    gateway: Arc<dyn Gateway>,
    secrets: std::collections::BTreeSet<String>,
}

/// A call, and all that can be seen of it.
pub(super) struct Run {
    /// The answer, with `error` where there is none.
    pub(super) answer: Value,
    /// What was sent.
    pub(super) sent: Vec<Sent>,
    /// How that differs from the recording.
    pub(super) wrong: Vec<String>,
    /// How long it took.
    pub(super) took: Duration,
}

impl Bench {
    pub(super) fn new(limits: Limits, compiler: Compiler, kept: &Path) -> Result<Self> {
        let (desk, clock) = (Desk::default(), Arc::<AtomicU64>::default());
        let options = Options {
            limits,
            // Providers of development are recorded there; nothing is sent anyway.
            allow_loopback: true,
            clock: Clock::Set(Arc::clone(&clock)),
            compiler,
            folder: Some(CodeFolder { path: kept.to_owned(), key: [0; 32] }),
        };
        let host = Host::with_fetch(options, Arc::new(desk.clone())).context("gateways can't be run here")?;
        Ok(Self { host, desk, clock })
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    pub(super) async fn load(&self, component: &[u8]) -> Result<Loaded<'_>> {
        let gateway = self.host.load(component).await?;
        let (_, secrets) = SettingsSchema::secrets_of(&gateway.info().settings_schema);
        Ok(Loaded { bench: self, gateway, secrets })
    }
}

impl Loaded<'_> {
    pub(super) fn info(&self) -> &GatewayInfo {
        self.gateway.info()
    }

    /// Calls it as recorded, with one exchange going wrong.
    pub(super) async fn run(&self, recording: &Recording, twist: Option<(usize, Twist)>) -> Run {
        self.bench.desk.prepare(&recording.exchanges, twist);
        self.bench.clock.store(recording.now, Ordering::Relaxed);
        let call = Call { store: Uuid::nil(), settings: Arc::new(self.settings(&recording.settings)) };
        let (gateway, input, began) = (&*self.gateway, &recording.input, Instant::now());
        let answer = match recording.call {
            Function::CreatePayment => gateway.create_payment(&call, &input.request()).await.map(session),
            Function::VerifyPayment => gateway.verify_payment(&call, &input.callback()).await.map(outcome),
            Function::Capture => gateway.capture(&call, &input.payment(), input.part()).await.map(outcome),
            Function::Void => gateway.void(&call, &input.payment()).await.map(outcome),
            Function::Inquire => gateway.inquire(&call, &input.payment()).await.map(outcome),
            Function::Refund => gateway.refund(&call, &input.refund()).await.map(|answer| {
                let status = match answer.status {
                    RefundStatus::Pending => "pending",
                    RefundStatus::Succeeded => "succeeded",
                    RefundStatus::Failed => "failed",
                };
                json!({ "status": status, "reference": answer.reference, "raw_code": answer.raw_code })
            }),
            Function::HandleWebhook => gateway.handle_webhook(&call, &input.raw_request()).await.map(|event| {
                json!({ "reference": event.reference, "outcome": event.outcome.map(outcome) })
            }),
            Function::ListUnverified => gateway.list_unverified(&call, input.sandbox).await.map(|list| {
                let row = |row: gateway::Unverified| {
                    json!({ "reference": row.reference, "amount": row.amount.amount.minor(), "currency": row.amount.currency.code() })
                };
                json!({ "payments": list.into_iter().map(row).collect::<Vec<_>>() })
            }),
        };
        let took = began.elapsed();
        let (sent, wrong) = self.bench.desk.seen();
        Run { answer: answer.unwrap_or_else(|why| error(&why)), sent, wrong, took }
    }

    /// As a server hands them over: secrets apart, a text as it stands, anything else as JSON.
    fn settings(&self, set: &Map<String, Value>) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in set {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let into = if self.secrets.contains(name) { &mut settings.secrets } else { &mut settings.plain };
            into.insert(name.clone(), text);
        }
        settings
    }

    pub(super) fn can(&self, capability: Capability) -> bool {
        self.info().can(capability)
    }
}

impl Run {
    pub(super) fn error(&self) -> Option<&str> {
        self.answer["error"].as_str()
    }

    pub(super) fn status(&self) -> &str {
        self.answer["status"].as_str().unwrap_or_default()
    }

    /// Whether it says that there is money.
    pub(super) fn paid(&self) -> bool {
        matches!(self.status(), "captured" | "authorized")
    }

    /// What it answered, in a line.
    pub(super) fn shown(&self) -> String {
        let text = self.answer.to_string();
        let short: String = text.chars().take(300).collect();
        if short.len() < text.len() { format!("{short}…") } else { short }
    }
}

fn session(session: Session) -> Value {
    let next = match session.next {
        Next::Redirect(url) => json!({ "redirect": url }),
        Next::PostForm(form) => {
            let fields: Map<String, Value> =
                form.fields.into_iter().map(|field| (field.key, Value::from(field.value))).collect();
            json!({ "post_form": { "url": form.url, "fields": fields } })
        }
        Next::None => json!("none"),
    };
    json!({
        "reference": session.reference, "next": next, "expires_at": session.expires_at,
        "state": String::from_utf8_lossy(&session.state),
    })
}

fn outcome(outcome: Outcome) -> Value {
    json!({
        "status": status(&outcome),
        "amount": outcome.amount.amount.minor(),
        "currency": outcome.amount.currency.code(),
        "refunded": outcome.refunded.map(|refunded| refunded.amount.minor()),
        "transaction": outcome.transaction,
        "instrument": outcome.instrument,
        "raw_code": outcome.raw_code,
        "already_verified": outcome.already_verified,
    })
}

fn status(outcome: &Outcome) -> &'static str {
    use gateway::OutcomeStatus as Status;
    match outcome.status {
        Status::Pending => "pending",
        Status::Authorized => "authorized",
        Status::Captured => "captured",
        Status::Voided => "voided",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
        Status::Refunded => "refunded",
    }
}

fn error(error: &GatewayError) -> Value {
    let (kind, message) = match error {
        GatewayError::InvalidRequest(why) => ("invalid-request", why),
        GatewayError::Misconfigured(why) => ("misconfigured", why),
        GatewayError::Rejected(no) => {
            return json!({ "error": "rejected", "code": no.code, "message": no.message });
        }
        GatewayError::NotSent(why) => ("not-sent", why),
        GatewayError::Indeterminate(why) => ("indeterminate", why),
        GatewayError::Unauthentic(why) => ("unauthentic", why),
        GatewayError::Unsupported(why) => ("unsupported", why),
        GatewayError::Internal { message, .. } => ("internal", message),
    };
    json!({ "error": kind, "message": message })
}
