//! What a gateway says of itself.

use serde_json::Value;

use crate::{Capability, GatewayInfo};

/// Which optional interfaces a gateway exports. [`gateway!`](crate::gateway) implements it.
pub trait Offers {
    /// One word for each.
    const CAPABILITIES: &'static [Capability];
}

/// Makes a [`GatewayInfo`].
#[derive(Debug)]
pub struct Describe(GatewayInfo);

impl Describe {
    /// A gateway with this id, under the name that people are shown, of this version (`env!("CARGO_PKG_VERSION")`).
    /// It can do what `G` exports, takes every currency, needs no settings and talks to nobody.
    #[must_use]
    pub fn new<G: Offers>(id: &str, name: &str, version: &str) -> Self {
        Self(GatewayInfo {
            id: id.into(),
            name: name.into(),
            version: version.into(),
            settings_schema: r#"{"type":"object","properties":{},"additionalProperties":false}"#.into(),
            allowed_hosts: Vec::new(),
            currencies: Vec::new(),
            capabilities: G::CAPABILITIES.to_vec(),
        })
    }

    /// The JSON Schema (2020-12) of its settings: an object; `"writeOnly": true` makes a property a secret.
    #[must_use]
    pub fn settings(mut self, schema: &Value) -> Self {
        self.0.settings_schema = schema.to_string();
        self
    }

    /// The hosts that it talks to.
    #[must_use]
    pub fn hosts(mut self, hosts: &[&str]) -> Self {
        self.0.allowed_hosts = hosts.iter().map(|host| (*host).into()).collect();
        self
    }

    /// The currencies that it takes.
    #[must_use]
    pub fn currencies(mut self, currencies: &[&str]) -> Self {
        self.0.currencies = currencies.iter().map(|currency| (*currency).into()).collect();
        self
    }

    /// That is all.
    #[must_use]
    pub fn done(self) -> GatewayInfo {
        self.0
    }
}
