//! What a payment gateway is to the shop: the contract of `plugins/wit` as plain types, and as two traits that whoever runs
//! gateways implements. No WebAssembly, no HTTP.

mod call;
mod error;
mod info;
mod payment;

pub use call::{Call, ComponentError, Gateway, Gateways, Inspection, Loading, Settings, Soon, VersionId};
pub use error::{GatewayError, Rejection};
pub use info::{Capability, GatewayInfo};
pub use payment::{
    Callback, Form, KeyValue, Next, Outcome, OutcomeStatus, PaymentRef, PaymentRequest, RawRequest, RefundOutcome,
    RefundRequest, RefundStatus, Session, Unverified, WebhookEvent,
};
