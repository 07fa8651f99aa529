//! Giving back, which is done at the panel's interface: GraphQL, with a token of its own.

use stoa_sdk::http::Request;
use stoa_sdk::json::{Json, json, minor_units, text};
use stoa_sdk::{
    Error, RefundOutcome, RefundRequest, RefundStatus, Result, invalid, misconfigured, rejected, secret, setting,
    unsupported,
};

use crate::answer::{Effect, lost};
use crate::{money, settings};

/// What Zarinpal gives back at least.
const LEAST: u64 = 20_000;

const SESSIONS: &str = "query Sessions($terminal_id: ID!, $reference_id: String) { \
    found: Session(terminal_id: $terminal_id, reference_id: $reference_id, limit: 5) { id amount } \
    refunded: Session(terminal_id: $terminal_id, reference_id: $reference_id, filter: REFUNDED, limit: 5) { id } }";
const ADD: &str = "mutation AddRefund($session_id: ID!, $amount: BigInteger!, $description: String, \
    $method: InstantPayoutActionTypeEnum, $reason: RefundReasonEnum) { \
    resource: AddRefund(session_id: $session_id, amount: $amount, description: $description, method: $method, \
    reason: $reason) { terminal_id id amount timeline { refund_amount refund_time refund_status } } }";

/// Gives back some or all of a payment.
pub fn give_back(request: &RefundRequest) -> Result<RefundOutcome> {
    let payment = &request.payment;
    let url = settings::panel(payment.sandbox).ok_or_else(|| unsupported("Zarinpal's sandbox gives nothing back"))?;
    let amount = money::rials(&request.amount)?;
    if amount < LEAST {
        return Err(invalid(format!("Zarinpal gives back no less than {LEAST} rials")));
    }
    let terminal = setting("terminal_id").ok_or_else(|| misconfigured("refunds need the terminal id"))?;
    let reference = payment.transaction_id.as_deref().ok_or_else(|| invalid("the payment was not verified"))?;

    let found = ask(&url, SESSIONS, json!({ "terminal_id": terminal, "reference_id": reference }), Effect::None)?;
    let session = session(&found, money::rials(&payment.expected)?)?;
    // Zarinpal takes no key of idempotency: a refund that nobody here knows of may well be this one.
    let given_before = found["refunded"].as_array().is_some_and(|rows| !rows.is_empty());
    if given_before && request.refunded_before.minor_units == 0 {
        return Err(Error::Indeterminate("Zarinpal has given back something of this payment before".into()));
    }

    let description: String = request.reason.as_deref().unwrap_or("Refund").chars().take(400).collect();
    let variables = json!({
        "session_id": session,
        "amount": amount,
        "description": format!("{description} [{}]", request.refund_id),
        "method": setting("refund_method").unwrap_or_else(|| "PAYA".into()),
        "reason": "CUSTOMER_REQUEST",
    });
    let added = ask(&url, ADD, variables, Effect::Money)?;
    let timeline = match &added["resource"]["timeline"] {
        Json::Array(steps) => steps.last().unwrap_or(&Json::Null),
        other => other,
    };
    let word = text(&timeline["refund_status"]);
    let refused = word.as_deref().is_some_and(|word| matches!(word, "FAILED" | "REJECTED" | "CANCELED"));
    let id = text(&added["resource"]["id"]);
    if id.is_none() {
        return Err(lost(Effect::Money, "Zarinpal's answer names no refund".into()));
    }
    Ok(RefundOutcome {
        status: if refused { RefundStatus::Failed } else { RefundStatus::Succeeded },
        gateway_reference: id,
        raw_code: word,
    })
}

/// The one transaction of this number and amount.
fn session(found: &Json, amount: u64) -> Result<String> {
    let rows = found["found"].as_array().map_or(&[][..], Vec::as_slice);
    let row = rows.iter().find(|row| minor_units(&row["amount"]) == Some(amount));
    row.and_then(|row| text(&row["id"]))
        .ok_or_else(|| rejected("not-found", "Zarinpal knows no such transaction of the terminal that is set"))
}

fn ask(url: &str, query: &str, variables: Json, effect: Effect) -> Result<Json> {
    let request = Request::post(url).bearer(&secret("access_token")?);
    let request = request.json(&json!({ "query": query, "variables": variables }));
    let answer = if effect == Effect::Money { request.send()? } else { request.ask()? };
    if matches!(answer.status, 401 | 403) {
        return Err(misconfigured("Zarinpal does not take the access token of the panel"));
    }
    let Some(mut body) = answer.json() else {
        return Err(lost(effect, format!("Zarinpal's answer, with status {}, can't be read", answer.status)));
    };
    let refusal = match &body["errors"] {
        Json::Array(errors) => errors.first().cloned(),
        Json::Object(error) if !error.is_empty() => Some(Json::Object(error.clone())),
        _ => None,
    };
    if let Some(refusal) = refusal {
        let message = text(&refusal["message"]).unwrap_or_else(|| "Zarinpal refused".into());
        if answer.status >= 500 {
            return Err(lost(effect, message));
        }
        return Err(match message.to_ascii_lowercase().contains("unauthenticated") {
            true => misconfigured("Zarinpal does not take the access token of the panel"),
            false => rejected("refund", message),
        });
    }
    // Of a list, say, nothing can be taken.
    Ok(body.get_mut("data").map(Json::take).unwrap_or_default())
}
