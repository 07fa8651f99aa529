//! A call as it was recorded: what the gateway was asked, what passed between it and its provider, and what it answered.
//!
//! Whatever is left out of `input` has a value that fits most gateways.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use gateway::{Callback, KeyValue, PaymentRef, PaymentRequest, RawRequest, RefundRequest};
use kernel::{Amount, Currency, Money, Text as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A recorded call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Which function was called.
    pub call: Function,
    /// What the gateway takes for the time, in milliseconds since 1970.
    #[serde(default = "midnight")]
    pub now: u64,
    /// What the store set, secrets and all: of a sandbox, for this is committed.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// What it was asked.
    #[serde(default)]
    pub input: Input,
    /// What passed between it and its provider, in this order.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What it must answer: as much of it as stands here.
    #[serde(default)]
    pub answer: Map<String, Value>,
}

/// The functions of the contract that are called with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the contract says what each does")]
pub enum Function {
    CreatePayment,
    VerifyPayment,
    Capture,
    Void,
    Refund,
    HandleWebhook,
    Inquire,
    ListUnverified,
}

/// What a gateway is asked, of all functions together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the contract says what each is")]
pub struct Input {
    pub payment_id: Uuid,
    pub order_number: String,
    /// In minor units: what is to be paid.
    pub amount: i64,
    pub currency: String,
    pub description: String,
    pub callback_url: String,
    pub webhook_url: String,
    pub customer_email: Option<String>,
    pub customer_phone: Option<String>,
    pub sandbox: bool,
    /// The provider's name for the payment.
    pub reference: String,
    /// As a text.
    pub state: String,
    pub transaction: Option<String>,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// What is captured or given back; all of it where nothing is said.
    pub part: Option<i64>,
    pub refund_id: Uuid,
    pub refunded_before: i64,
    pub reason: Option<String>,
}

/// A request of the gateway's, and what its provider answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What was sent.
    pub request: Asked,
    /// What came back.
    pub response: Answered,
}

/// A request. What is left out may be anything.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Such as `POST`.
    pub method: String,
    /// With its query.
    pub url: String,
    /// Headers that must be there, in small letters; secrets stand in them as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What must stand in its body, which is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Its status.
    #[serde(default = "fine")]
    pub status: u16,
    /// Its body, where that is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Its body, where that is anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

fn midnight() -> u64 {
    1_767_225_600_000
}

fn fine() -> u16 {
    200
}

impl Default for Input {
    fn default() -> Self {
        Self {
            payment_id: Uuid::from_u128(0x0198_a000_0000_7000_8000_0000_0000_0001),
            order_number: "1001".to_owned(),
            amount: 500_000,
            currency: "EUR".to_owned(),
            description: "Order 1001".to_owned(),
            callback_url: "https://shop.example/return?payment=1".to_owned(),
            webhook_url: "https://shop.example/webhook".to_owned(),
            customer_email: Some("lara@example.com".to_owned()),
            customer_phone: Some("+4930123456".to_owned()),
            sandbox: true,
            reference: "reference".to_owned(),
            state: String::new(),
            transaction: None,
            query: BTreeMap::new(),
            headers: BTreeMap::new(),
            body: String::new(),
            part: None,
            refund_id: Uuid::from_u128(0x0198_a000_0000_7000_8000_0000_0000_0002),
            refunded_before: 0,
            reason: None,
        }
    }
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it is not there, or not a recording.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
        let found: Self = serde_json::from_str(&text).with_context(|| format!("{} is no recording", path.display()))?;
        let input = &found.input;
        let sums = [Some(input.amount), input.part, Some(input.refunded_before)];
        let good = sums.into_iter().flatten().all(|sum| Amount::new(sum).is_some());
        ensure!(good && Currency::parse(&input.currency).is_ok(), "{}: `input` holds no sum of money", path.display());
        Ok(found)
    }

    /// Whether it tells of a call that came to something.
    #[must_use]
    pub fn succeeds(&self) -> bool {
        !self.answer.contains_key("error")
    }
}

impl Input {
    /// What is to be paid.
    pub(super) fn expected(&self) -> Money {
        self.money(self.amount)
    }

    /// What is captured or given back.
    pub(super) fn part(&self) -> Money {
        self.money(self.part.unwrap_or(self.amount))
    }

    fn money(&self, minor: i64) -> Money {
        Money {
            amount: Amount::new(minor).unwrap_or(Amount::ZERO),
            currency: Currency::parse(&self.currency).expect("it was read as one"),
        }
    }

    pub(super) fn request(&self) -> PaymentRequest {
        PaymentRequest {
            payment: self.payment_id,
            order_number: self.order_number.clone(),
            amount: self.expected(),
            description: self.description.clone(),
            callback_url: self.callback_url.clone(),
            webhook_url: self.webhook_url.clone(),
            customer_email: self.customer_email.clone(),
            customer_phone: self.customer_phone.clone(),
            sandbox: self.sandbox,
        }
    }

    pub(super) fn payment(&self) -> PaymentRef {
        PaymentRef {
            payment: self.payment_id,
            reference: self.reference.clone(),
            expected: self.expected(),
            transaction: self.transaction.clone(),
            sandbox: self.sandbox,
            state: self.state.clone().into_bytes(),
        }
    }

    pub(super) fn callback(&self) -> Callback {
        Callback { payment: self.payment(), query: pairs(&self.query), body: self.body.clone().into_bytes() }
    }

    pub(super) fn refund(&self) -> RefundRequest {
        RefundRequest {
            payment: self.payment(),
            refund: self.refund_id,
            amount: self.part(),
            refunded_before: self.money(self.refunded_before),
            reason: self.reason.clone(),
        }
    }

    pub(super) fn raw_request(&self) -> RawRequest {
        RawRequest {
            headers: pairs(&self.headers),
            query: pairs(&self.query),
            body: self.body.clone().into_bytes(),
            sandbox: self.sandbox,
        }
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<KeyValue> {
    map.iter().map(|(key, value)| KeyValue { key: key.clone(), value: value.clone() }).collect()
}
