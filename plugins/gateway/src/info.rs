//! What a gateway says of itself.

use kernel::Currency;

/// What a gateway can do besides taking payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Money is promised first and taken later.
    Captures,
    /// Money can be given back.
    Refunds,
    /// The provider calls by itself.
    Webhooks,
    /// A payment can be asked for.
    Inquiry,
    /// What was paid and never verified can be listed.
    Reconciliation,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Captures, Self::Refunds, Self::Webhooks, Self::Inquiry, Self::Reconciliation];

    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captures => "captures",
            Self::Refunds => "refunds",
            Self::Webhooks => "webhooks",
            Self::Inquiry => "inquiry",
            Self::Reconciliation => "reconciliation",
        }
    }
}

/// What a gateway says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayInfo {
    /// 1 to 64 small letters, digits and dashes.
    pub id: String,
    /// What people are shown.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// JSON Schema (2020-12) of the settings.
    pub settings_schema: String,
    /// `api.example.com`, or `*.example.com`.
    pub allowed_hosts: Vec<String>,
    /// The currencies that it takes; none means every one.
    pub currencies: Vec<Currency>,
    /// What it can do besides.
    pub capabilities: Vec<Capability>,
}

impl GatewayInfo {
    /// Whether it can do this.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// Whether it takes this currency.
    #[must_use]
    pub fn takes(&self, currency: Currency) -> bool {
        self.currencies.is_empty() || self.currencies.contains(&currency)
    }
}
