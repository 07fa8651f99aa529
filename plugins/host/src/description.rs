//! What a gateway says of itself.

use std::collections::BTreeSet;

use gateway::{Capability, ComponentError, GatewayInfo};
use kernel::{Currency, Text as _};

use crate::bindings::stoa::gateway::types;
use crate::fetch::allowed_host_pattern;

/// How long the schema of the settings may be.
const SCHEMA: usize = 64 << 10;
/// How many hosts and currencies may be named.
const HOSTS: usize = 20;
const CURRENCIES: usize = 200;

/// Reads it, and refuses what breaks the contract. `exported` is what the component can do by its exports.
pub(crate) fn read(info: types::GatewayInfo, exported: &[Capability]) -> Result<GatewayInfo, ComponentError> {
    let wrong = |why: &str| Err(ComponentError::Description(why.to_owned()));
    let id = info.id;
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=64).contains(&id.len()) || !id.bytes().all(letter) || id.starts_with('-') || id.ends_with('-') {
        return wrong("its id must be 1 to 64 small letters, digits and dashes");
    }
    if !(1..=80).contains(&info.name.chars().count()) || info.name.chars().any(char::is_control) {
        return wrong("its name must be 1 to 80 characters");
    }
    if !is_version(&info.version) {
        return wrong("its version must be like 1.2.3");
    }
    let schema: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(&info.settings_schema);
    if info.settings_schema.len() > SCHEMA || schema.is_err() {
        return wrong("the schema of its settings must be an object of JSON of at most 64 KiB");
    }
    if info.allowed_hosts.len() > HOSTS || !info.allowed_hosts.iter().all(|host| allowed_host_pattern(host)) {
        return wrong("its hosts must be at most 20, like api.example.com or *.example.com");
    }
    if info.currencies.len() > CURRENCIES {
        return wrong("it names more currencies than there are");
    }
    let currencies: Result<Vec<_>, _> = info.currencies.iter().map(|code| Currency::parse(code)).collect();
    let Ok(currencies) = currencies else { return wrong("its currencies must be those of ISO 4217") };
    let said: BTreeSet<_> = info.capabilities.iter().map(|capability| self::capability(*capability)).collect();
    if !said.iter().eq(exported.iter().collect::<BTreeSet<_>>()) {
        return wrong("its capabilities must be the interfaces that it exports");
    }
    Ok(GatewayInfo {
        id,
        name: info.name,
        version: info.version,
        settings_schema: info.settings_schema,
        allowed_hosts: info.allowed_hosts,
        currencies,
        capabilities: said.into_iter().collect(),
    })
}

fn capability(capability: types::Capability) -> Capability {
    match capability {
        types::Capability::Captures => Capability::Captures,
        types::Capability::Refunds => Capability::Refunds,
        types::Capability::Webhooks => Capability::Webhooks,
        types::Capability::Inquiry => Capability::Inquiry,
        types::Capability::Reconciliation => Capability::Reconciliation,
    }
}

/// Three numbers, and perhaps words after a dash or a plus.
fn is_version(version: &str) -> bool {
    let (numbers, rest) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let number = |part: &str| (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+');
    version.len() <= 64 && numbers.split('.').count() == 3 && numbers.split('.').all(number) && rest.bytes().all(word)
}
