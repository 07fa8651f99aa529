//! What a gateway answers, believed only as far as the contract allows it to say.

use gateway::{
    Form, GatewayError, KeyValue, Next, Outcome, OutcomeStatus, RefundOutcome, RefundStatus, Rejection, Session,
    Unverified, WebhookEvent,
};
use kernel::{Amount, Currency, Money, Reach, Text as _, reach};
use url::{Host, Url};

use crate::bindings::stoa::gateway::types;
use crate::limits::Broke;

/// How long a name of the provider's may be.
const NAME: usize = 200;
/// How much a gateway may want back.
const STATE: usize = 16 << 10;
/// How long a sentence of an error may be.
const SENTENCE: usize = 500;
/// How long an address may be.
const ADDRESS: usize = 4 << 10;
/// How many fields a form may have, and how long each may be.
const FIELDS: usize = 100;
const FIELD: usize = 16 << 10;
/// How many payments may be listed at once.
const LISTED: usize = 1_000;

type Read<T> = Result<T, Broke>;

fn money(money: &types::Money) -> Read<Money> {
    let amount = i64::try_from(money.minor_units).ok().and_then(Amount::new);
    let amount = amount.ok_or(Broke("it answered with an amount out of range"))?;
    let currency = Currency::parse(&money.currency).map_err(|_| Broke("it answered with a currency that is none"))?;
    Ok(Money { amount, currency })
}

/// A name of the provider's: as it is, or not at all.
fn name(text: String) -> Read<String> {
    let length = text.chars().count();
    if length == 0 || length > NAME || text.chars().any(char::is_control) {
        return Err(Broke("it answered with a reference that is empty, too long or unprintable"));
    }
    Ok(text)
}

/// What only people read: as far as it is short and printable.
fn words(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

/// An address that a buyer's browser may be sent to.
fn address(text: String, allow_loopback: bool) -> Read<String> {
    const WRONG: Broke = Broke("it sends the buyer to an address that is not of https");
    if text.len() > ADDRESS || text.chars().any(|c| c.is_control() || c == '\\') {
        return Err(WRONG);
    }
    let url = Url::parse(&text).map_err(|_| WRONG)?;
    let own = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => reach(address.into()) == Reach::Loopback,
        Some(Host::Ipv6(address)) => reach(address.into()) == Reach::Loopback,
        None => return Err(WRONG),
    };
    let named = url.username().is_empty() && url.password().is_none();
    let good = url.scheme() == "https" || (url.scheme() == "http" && own && allow_loopback);
    // As it was read, so that a browser reads the same.
    if named && good { Ok(url.into()) } else { Err(WRONG) }
}

pub(crate) fn session(session: types::PaymentSession, allow_loopback: bool) -> Read<Session> {
    if session.state.len() > STATE {
        return Err(Broke("it wants more kept than 16 KiB"));
    }
    let next = match session.next {
        types::NextStep::Redirect(to) => Next::Redirect(address(to, allow_loopback)?),
        types::NextStep::PostForm(form) => Next::PostForm(self::form(form, allow_loopback)?),
        types::NextStep::None => Next::None,
    };
    let reference = name(session.gateway_reference)?;
    Ok(Session { reference, next, expires_at: session.expires_at, state: session.state })
}

fn form(form: types::Form, allow_loopback: bool) -> Read<Form> {
    let size = |field: &types::KeyValue| field.key.len() + field.value.len();
    if form.fields.len() > FIELDS || form.fields.iter().any(|field| size(field) > FIELD) {
        return Err(Broke("it answered with a form that is too large"));
    }
    // Lines may end within a value, and nothing else that is not seen may be there: no database keeps a NUL.
    let unseen = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let odd = |field: &types::KeyValue| field.key.contains(char::is_control) || field.value.contains(unseen);
    if form.fields.iter().any(odd) {
        return Err(Broke("it answered with a form that is unprintable"));
    }
    let fields = form.fields.into_iter().map(|field| KeyValue { key: field.key, value: field.value }).collect();
    Ok(Form { url: address(form.url, allow_loopback)?, fields })
}

pub(crate) fn outcome(outcome: types::PaymentOutcome) -> Read<Outcome> {
    let amount = money(&outcome.amount)?;
    let refunded = outcome.refunded.as_ref().map(money).transpose()?;
    if refunded.is_some_and(|refunded| refunded.currency != amount.currency) {
        return Err(Broke("it answered with two currencies"));
    }
    Ok(Outcome {
        status: status(outcome.status),
        amount,
        refunded,
        transaction: outcome.transaction_id.map(name).transpose()?,
        instrument: outcome.instrument.map(|text| words(&text, 100)),
        raw_code: outcome.raw_code.map(|text| words(&text, 100)),
        already_verified: outcome.already_verified,
    })
}

fn status(status: types::PaymentStatus) -> OutcomeStatus {
    match status {
        types::PaymentStatus::Pending => OutcomeStatus::Pending,
        types::PaymentStatus::Authorized => OutcomeStatus::Authorized,
        types::PaymentStatus::Captured => OutcomeStatus::Captured,
        types::PaymentStatus::Voided => OutcomeStatus::Voided,
        types::PaymentStatus::Failed => OutcomeStatus::Failed,
        types::PaymentStatus::Cancelled => OutcomeStatus::Cancelled,
        types::PaymentStatus::Refunded => OutcomeStatus::Refunded,
    }
}

pub(crate) fn refund(outcome: types::RefundOutcome) -> Read<RefundOutcome> {
    let status = match outcome.status {
        types::RefundStatus::Pending => RefundStatus::Pending,
        types::RefundStatus::Succeeded => RefundStatus::Succeeded,
        types::RefundStatus::Failed => RefundStatus::Failed,
    };
    let reference = outcome.gateway_reference.map(name).transpose()?;
    Ok(RefundOutcome { status, reference, raw_code: outcome.raw_code.map(|text| words(&text, 100)) })
}

pub(crate) fn event(event: types::WebhookEvent) -> Read<WebhookEvent> {
    Ok(WebhookEvent { reference: name(event.gateway_reference)?, outcome: event.outcome.map(outcome).transpose()? })
}

pub(crate) fn unverified(list: Vec<types::Unverified>) -> Read<Vec<Unverified>> {
    if list.len() > LISTED {
        return Err(Broke("it lists more than 1,000 payments"));
    }
    let one = |one: types::Unverified| {
        Ok(Unverified { amount: money(&one.amount)?, reference: name(one.gateway_reference)? })
    };
    list.into_iter().map(one).collect()
}

/// What a gateway said went wrong. That it sent something is the host's word, not its.
pub(crate) fn error(error: types::GatewayError, sent: bool) -> GatewayError {
    let said = |text: String| words(&text, SENTENCE);
    match error {
        types::GatewayError::InvalidRequest(why) => GatewayError::InvalidRequest(said(why)),
        types::GatewayError::Misconfigured(why) => GatewayError::Misconfigured(said(why)),
        types::GatewayError::Rejected(types::Rejection { code, message }) => {
            GatewayError::Rejected(Rejection { code: words(&code, 100), message: said(message) })
        }
        types::GatewayError::NotSent(why) => GatewayError::NotSent(said(why)),
        types::GatewayError::Indeterminate(why) => GatewayError::Indeterminate(said(why)),
        types::GatewayError::Unauthentic(why) => GatewayError::Unauthentic(said(why)),
        types::GatewayError::Unsupported(why) => GatewayError::Unsupported(said(why)),
        types::GatewayError::Internal(why) => GatewayError::Internal { message: said(why), sent },
    }
}
