//! Calling a gateway.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use kernel::Money;
use uuid::Uuid;

use crate::{
    Callback, GatewayError, GatewayInfo, Outcome, PaymentRef, PaymentRequest, RawRequest, RefundOutcome, RefundRequest,
    Session, Unverified, WebhookEvent,
};

/// What a call will answer.
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send + 'a>>;

/// One version of one gateway: the SHA-256 of its component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionId(pub [u8; 32]);

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a store set for a gateway.
#[derive(Clone, Default)]
pub struct Settings {
    /// What the gateway may read: a text as it stands, anything else as JSON.
    pub plain: BTreeMap<String, String>,
    /// What it may only use. It never sees them.
    pub secrets: BTreeMap<String, String>,
}

/// Names the settings, and shows none of them.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("plain", &self.plain.keys().collect::<Vec<_>>())
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// On whose behalf a gateway is called.
#[derive(Debug, Clone)]
pub struct Call {
    /// The id of the store, for the log.
    pub store: Uuid,
    /// What that store set.
    pub settings: Arc<Settings>,
}

/// What a component turned out to be.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// Its SHA-256.
    pub id: VersionId,
    /// How many bytes it has.
    pub size: u64,
    /// The version of the contract that it was built for: `0.1.0`.
    pub contract: String,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// What it says of itself.
    pub info: GatewayInfo,
}

/// Why a component is none that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    /// It is too large.
    #[error("the component has {size} bytes; at most {most} are taken")]
    TooLarge {
        /// How many bytes it has.
        size: u64,
        /// How many it may have.
        most: u64,
    },
    /// It is no component of WebAssembly.
    #[error("this is no WebAssembly component: {0}")]
    Malformed(String),
    /// It wants something that gateways don't get.
    #[error("the component imports {0}, which gateways don't get")]
    ForbiddenImport(String),
    /// It lacks what every gateway has.
    #[error("the component does not export {0}")]
    MissingExport(String),
    /// Compiling it, or asking it what it is, took too long.
    #[error("the component took too long: {0}")]
    TooSlow(String),
    /// What it says of itself breaks the contract.
    #[error("the component describes itself wrongly: {0}")]
    Description(String),
    /// The host failed.
    #[error("the component could not be loaded: {0}")]
    Host(String),
}

/// What loading a component will answer.
pub type Loading<'a, T> = Pin<Box<dyn Future<Output = Result<T, ComponentError>> + Send + 'a>>;

/// Whoever runs gateways.
pub trait Gateways: Send + Sync {
    /// Compiles a component, within bounds, and asks it what it is. What was compiled is kept.
    fn inspect<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Inspection>;

    /// Makes a version ready to be called; at once where it is, fast where it was compiled before.
    fn load<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Arc<dyn Gateway>>;

    /// A version that is ready.
    fn version(&self, id: VersionId) -> Option<Arc<dyn Gateway>>;
}

/// One version of a gateway. A call of something that it does not do answers [`GatewayError::Unsupported`].
///
/// Every method calls the gateway once, within the bounds of its host, and never inside a transaction.
pub trait Gateway: Send + Sync {
    /// What it is.
    fn info(&self) -> &GatewayInfo;

    /// Begins a payment.
    fn create_payment<'a>(&'a self, call: &'a Call, request: &'a PaymentRequest) -> Soon<'a, Session>;

    /// Asks what became of a payment whose buyer came back.
    fn verify_payment<'a>(&'a self, call: &'a Call, callback: &'a Callback) -> Soon<'a, Outcome>;

    /// Takes what was promised.
    fn capture<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef, amount: Money) -> Soon<'a, Outcome>;

    /// Lets go what was promised.
    fn void<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef) -> Soon<'a, Outcome>;

    /// Gives back.
    fn refund<'a>(&'a self, call: &'a Call, request: &'a RefundRequest) -> Soon<'a, RefundOutcome>;

    /// Reads a message of the provider.
    fn handle_webhook<'a>(&'a self, call: &'a Call, request: &'a RawRequest) -> Soon<'a, WebhookEvent>;

    /// Where a payment is.
    fn inquire<'a>(&'a self, call: &'a Call, payment: &'a PaymentRef) -> Soon<'a, Outcome>;

    /// What was paid and never verified.
    fn list_unverified<'a>(&'a self, call: &'a Call, sandbox: bool) -> Soon<'a, Vec<Unverified>>;
}
