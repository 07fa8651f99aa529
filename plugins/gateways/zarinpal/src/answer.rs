//! Asking Zarinpal, and reading its answers in all their shapes: `errors` is a list when all is well and an object when it
//! is not, `data` an object or an empty list, a code a number or a text, and a refusal may come with any status.

use stoa_sdk::http::{Request, Response};
use stoa_sdk::json::{Json, integer};
use stoa_sdk::{Error, Result};

use crate::codes;

/// What a request may change at Zarinpal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that matters: it may be asked again.
    None,
    /// Where the money is.
    Money,
}

/// An answer that is no refusal.
#[derive(Debug)]
pub struct Answer {
    /// 100, or 101.
    pub code: i64,
    /// What came with it.
    pub data: Json,
}

/// Asks, and turns every code but 100 and 101 into an error.
pub fn call(url: &str, body: &Json, effect: Effect) -> Result<Answer> {
    let request = Request::post(url).json(body);
    let answer = if effect == Effect::Money { request.send()? } else { request.ask()? };
    read(&answer, effect)
}

fn read(answer: &Response, effect: Effect) -> Result<Answer> {
    let Some(mut body) = answer.json() else {
        return Err(lost(effect, format!("Zarinpal's answer, with status {}, can't be read", answer.status)));
    };
    match integer(&body["data"]["code"]) {
        Some(code @ (100 | 101)) => Ok(Answer { code, data: body["data"].take() }),
        Some(code) => Err(codes::error(code, &body["data"], effect)),
        None => {
            let errors = if body["errors"].is_array() { &body["errors"][0] } else { &body["errors"] };
            let code = integer(&errors["code"]).ok_or_else(|| {
                lost(effect, format!("Zarinpal's answer, with status {}, has no code", answer.status))
            })?;
            Err(codes::error(code, errors, effect))
        }
    }
}

/// What it means that nobody knows what Zarinpal did.
pub fn lost(effect: Effect, message: String) -> Error {
    match effect {
        Effect::None => Error::NotSent(message),
        Effect::Money => Error::Indeterminate(message),
    }
}
