//! Writes payment gateways for Stoa in Rust.
//!
//! A gateway is a type with no values that implements [`Gateway`], and of the other traits those that it can do:
//!
//! ```text
//! use stoa_sdk::{Gateway, …};
//!
//! struct Example;
//! stoa_sdk::gateway!(Example: refunds, inquiry);
//!
//! impl Gateway for Example { … }
//! impl Refunds for Example { … }
//! impl Inquiry for Example { … }
//! ```
//!
//! The types are those of the contract, `wit/gateway.wit`, which says what each field means. Built for
//! `wasm32-unknown-unknown`, a gateway speaks to Stoa; built for the machine that tests run on, it speaks to a
//! [`fake::Host`] of the test.

extern crate self as stoa_sdk;

mod answers;
#[doc(hidden)]
pub mod bindings;
mod describe;
mod error;
#[cfg(not(target_arch = "wasm32"))]
pub mod fake;
mod host;
pub mod http;
pub mod json;
mod macros;

pub use answers::{outcome, redirect};
pub use bindings::types::{
    Callback, Capability, Form, GatewayError as Error, GatewayInfo, KeyValue, Money, NextStep, PaymentOutcome,
    PaymentRef, PaymentRequest, PaymentSession, PaymentStatus, RawRequest, RefundOutcome, RefundRequest, RefundStatus,
    Rejection, Unverified, WebhookEvent,
};
pub use bindings::{Captures, Gateway, Inquiry, Reconciliation, Refunds, Webhooks};
pub use describe::{Describe, Offers};
pub use error::{invalid, misconfigured, rejected, unauthentic, unsupported};
pub use host::{Level, hmac_sha256, log, now, random, secret, setting};
#[doc(hidden)]
pub use wit_bindgen::rt;

/// What a gateway answers.
pub type Result<T> = core::result::Result<T, Error>;

/// The value of a field, as it was sent.
#[must_use]
pub fn field<'a>(fields: &'a [KeyValue], name: &str) -> Option<&'a str> {
    fields.iter().find(|field| field.key == name).map(|field| field.value.as_str())
}
