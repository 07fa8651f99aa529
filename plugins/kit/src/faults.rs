//! Misbehaving as told. A fault waits for a request that it fits, strikes as often as it was told to, and is gone.

use std::time::Duration;

use futures_util::stream;
use poem::{Body, Response, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Beginning a payment.
    Request,
    /// Verifying, or settling.
    Verify,
    /// Taking what was promised.
    Capture,
    /// Letting go.
    Reverse,
    /// Giving back.
    Refund,
    /// Asking where a payment is.
    Inquiry,
    /// Listing what nobody verified.
    Unverified,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It is done, and the answer breaks off.
    LoseAnswer,
    /// It is done, and the answer comes this many milliseconds later.
    Delay(u64),
    /// It is not done; the answer is a page with this status.
    Status(u16),
    /// It is not done; the answer has this code. Zarinpal's only.
    Code(i64),
    /// It is done, and numbers come as texts.
    NumbersAsTexts,
    /// It is done, and an empty list comes as an empty object, an empty object as a list.
    EmptyInversed,
}

/// A fault that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which request.
    pub on: Operation,
    /// What goes wrong.
    pub how: How,
    /// How often; once if nothing is said.
    #[serde(default = "once")]
    pub times: u32,
    /// Only for payments of this amount.
    #[serde(default)]
    pub amount: Option<u64>,
    /// Only for this merchant, or this key.
    #[serde(default)]
    pub merchant: Option<String>,
}

fn once() -> u32 {
    1
}

/// The faults that wait.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault that fits.
    pub(crate) fn strike(&mut self, on: Operation, merchant: &str, amount: Option<u64>) -> Option<How> {
        let fits = |fault: &Fault| {
            fault.on == on
                && fault.amount.is_none_or(|wanted| amount == Some(wanted))
                && fault.merchant.as_deref().is_none_or(|wanted| wanted == merchant)
        };
        let found = self.0.iter().position(fits)?;
        let how = self.0[found].how.clone();
        self.0[found].times = self.0[found].times.saturating_sub(1);
        if self.0[found].times == 0 {
            self.0.remove(found);
        }
        Some(how)
    }
}

impl How {
    /// The answer instead of doing it; none where it is done.
    pub(crate) fn instead(&self) -> Option<Response> {
        match self {
            Self::Status(status) => Some(
                Response::builder()
                    .status(StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY))
                    .content_type("text/html")
                    .body("<html><h1>Bad gateway</h1></html>"),
            ),
            _ => None,
        }
    }

    /// What is made of the answer once it is done.
    pub(crate) async fn deliver(self, status: StatusCode, mut body: Value) -> Response {
        match self {
            Self::LoseAnswer => {
                let broken = stream::iter([Ok(b"{\"da".to_vec()), Err(std::io::Error::other("cut off"))]);
                return Response::builder()
                    .status(status)
                    .content_type("application/json")
                    .header("content-length", "400")
                    .body(Body::from_bytes_stream(broken));
            }
            Self::Delay(milliseconds) => sleep(Duration::from_millis(milliseconds)).await,
            Self::NumbersAsTexts => numbers_as_texts(&mut body),
            Self::EmptyInversed => empty_inversed(&mut body),
            Self::Status(_) | Self::Code(_) => {}
        }
        answer(status, &body)
    }
}

/// An ordinary answer.
pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}

fn numbers_as_texts(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(numbers_as_texts),
        Value::Object(fields) => fields.values_mut().for_each(numbers_as_texts),
        _ => {}
    }
}

fn empty_inversed(value: &mut Value) {
    match value {
        Value::Array(items) if items.is_empty() => *value = json!({}),
        Value::Object(fields) if fields.is_empty() => *value = json!([]),
        Value::Array(items) => items.iter_mut().for_each(empty_inversed),
        Value::Object(fields) => fields.values_mut().for_each(empty_inversed),
        _ => {}
    }
}
