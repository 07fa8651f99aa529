//! Whether a gateway works with what a store set: a call that does no harm.

use std::time::{Duration, Instant};

use gateway::{Capability, Gateway, GatewayError, PaymentRef};
use kernel::{Amount, Currency, Money};
use uuid::Uuid;

use super::Enabled;

/// Characters of what is told, at most.
const LONGEST: usize = 500;
/// Shorter secrets are not looked for in what is told: any text may hold them.
const SHORTEST_SECRET: usize = 4;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialOutcome {
    /// The provider answered as it should, or there was nobody to ask.
    Worked,
    /// The provider was reached, and said no.
    Refused,
    /// The provider was not reached, or the gateway or its settings are wrong.
    Failed,
}

/// What a trial found out.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What was called: `list-unverified`, `inquire` or `describe`.
    pub tried: &'static str,
    /// How it ended.
    pub outcome: TrialOutcome,
    /// In words.
    pub detail: String,
    /// How long it took.
    pub took: Duration,
}

/// Tries a gateway: asks for what was paid and never verified, or for a payment that nobody knows, whichever it can do.
/// Settles nothing, changes nothing.
pub async fn try_out(gateway: &dyn Gateway, enabled: &Enabled, currency: Currency) -> Trial {
    let (call, began) = (enabled.call(), Instant::now());
    let (tried, answer) = if gateway.info().can(Capability::Reconciliation) {
        let answer = gateway.list_unverified(&call, enabled.sandbox).await;
        ("list-unverified", answer.map(|list| format!("the provider lists {} payments that wait", list.len())))
    } else if gateway.info().can(Capability::Inquiry) {
        let answer = gateway.inquire(&call, &unknown(currency, enabled.sandbox)).await;
        ("inquire", answer.map(|_| "the provider answered".to_owned()))
    } else {
        ("describe", Ok("the gateway runs, and its settings fit; it has nothing that could be asked for".to_owned()))
    };
    let (outcome, detail) = match answer {
        Ok(detail) => (TrialOutcome::Worked, detail),
        Err(err) => (outcome_of(&err), err.to_string()),
    };
    Trial { tried, outcome, detail: shown(enabled, &detail), took: began.elapsed() }
}

/// A payment that no provider has heard of.
fn unknown(currency: Currency, sandbox: bool) -> PaymentRef {
    let payment = Uuid::now_v7();
    PaymentRef {
        payment,
        reference: format!("stoa-trial-{payment}"),
        expected: Money { amount: Amount::ZERO, currency },
        transaction: None,
        sandbox,
        state: Vec::new(),
    }
}

fn outcome_of(err: &GatewayError) -> TrialOutcome {
    match err {
        GatewayError::Rejected(_) | GatewayError::InvalidRequest(_) | GatewayError::Unauthentic(_) => {
            TrialOutcome::Refused
        }
        _ => TrialOutcome::Failed,
    }
}

/// What a gateway says, without the store's secrets: it never sees one, but its provider does, and may repeat it.
pub(crate) fn without_secrets(enabled: &Enabled, text: &str) -> String {
    let secrets = enabled.settings.secrets.values().filter(|secret| secret.len() >= SHORTEST_SECRET);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
}

/// One line of bounded length.
fn shown(enabled: &Enabled, text: &str) -> String {
    let text = without_secrets(enabled, text);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}
