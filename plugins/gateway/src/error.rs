//! Why a call of a gateway came to nothing.

/// A provider's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The provider's code.
    pub code: String,
    /// What it means, for the merchant.
    pub message: String,
}

/// Why a call of a gateway came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The shop asked for what the gateway can't do.
    #[error("the gateway can't do that: {0}")]
    InvalidRequest(String),
    /// The store's settings are wrong.
    #[error("the gateway's settings are wrong: {0}")]
    Misconfigured(String),
    /// The provider said no.
    #[error("the provider refused ({}): {}", .0.code, .0.message)]
    Rejected(Rejection),
    /// The provider surely did nothing: the call may be made again.
    #[error("the provider was not reached: {0}")]
    NotSent(String),
    /// The provider may have done it.
    #[error("the provider did not say what became of it: {0}")]
    Indeterminate(String),
    /// The message does not come from the provider.
    #[error("the message is not the provider's: {0}")]
    Unauthentic(String),
    /// The gateway does not do this.
    #[error("the gateway does not do this: {0}")]
    Unsupported(String),
    /// The gateway is at fault: it broke its contract or its bounds, or said so itself.
    #[error("the gateway failed: {message}")]
    Internal {
        /// What it did.
        message: String,
        /// Whether it had sent something before: then the provider may have done it.
        sent: bool,
    },
}

impl GatewayError {
    /// Whether the provider may have done what it was asked for: then it is asked where the payment is, and nothing is
    /// repeated.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        matches!(self, Self::Indeterminate(_) | Self::Internal { sent: true, .. })
    }
}
