//! Zarinpal, version 4 of its interface.

mod answer;
mod codes;
mod money;
mod refund;
mod settings;
#[cfg(test)]
mod tests;

use stoa_sdk::json::{Json, json, minor_units, text};
use stoa_sdk::{
    Callback, Captures, Error, Gateway, GatewayInfo, Inquiry, Level, Money, NextStep, PaymentOutcome, PaymentRef,
    PaymentRequest, PaymentSession, PaymentStatus, Reconciliation, RefundOutcome, RefundRequest, Refunds, Result,
    Unverified, field, invalid, log, secret, unauthentic,
};

use crate::answer::{Effect, call};
use crate::money::{amount_of, rials};
use crate::settings::base;

/// Zarinpal.
#[derive(Debug)]
pub struct Zarinpal;
stoa_sdk::gateway!(Zarinpal: captures, refunds, inquiry, reconciliation);

/// What Zarinpal takes at least.
const LEAST: u64 = 1_000;

impl Gateway for Zarinpal {
    fn describe() -> GatewayInfo {
        settings::describe()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        let amount = rials(&request.amount)?;
        if amount < LEAST {
            return Err(invalid(format!("Zarinpal takes no less than {LEAST} rials")));
        }
        let mut metadata = json!({ "order_id": request.order_number });
        if let Some(mobile) = request.customer_phone.as_deref().and_then(settings::mobile) {
            metadata["mobile"] = json!(mobile);
        }
        if let Some(email) = request.customer_email.filter(|email| email.contains('@')) {
            metadata["email"] = json!(email);
        }
        // A lost answer harms nobody: without the authority in it nobody can pay, so asking again is safe.
        let answer = call(
            &format!("{}/pg/v4/payment/request.json", base(request.sandbox)),
            &json!({
                "merchant_id": secret("merchant_id")?,
                "amount": amount,
                "currency": "IRR",
                "description": request.description.chars().take(500).collect::<String>(),
                "callback_url": request.callback_url,
                "metadata": metadata,
            }),
            Effect::None,
        )?;
        let authority = text(&answer.data["authority"]).filter(|authority| is_authority(authority));
        let authority = authority.ok_or_else(|| Error::NotSent("Zarinpal's answer names no authority".into()))?;
        Ok(PaymentSession {
            next: NextStep::Redirect(format!("{}/pg/StartPay/{authority}", base(request.sandbox))),
            gateway_reference: authority,
            expires_at: None,
            state: Vec::new(),
        })
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        let payment = callback.payment;
        if field(&callback.query, "Authority").is_some_and(|authority| authority != payment.gateway_reference) {
            return Err(unauthentic("the buyer came back with another payment's authority"));
        }
        // The buyer's browser says so, and anybody may say anything: Zarinpal is asked whether it has the money after all.
        if field(&callback.query, "Status").is_some_and(|status| status != "OK") {
            let there = Self::inquire(payment.clone())?;
            if !matches!(there.status, PaymentStatus::Authorized | PaymentStatus::Captured) {
                return Ok(PaymentOutcome { status: PaymentStatus::Cancelled, ..there });
            }
        }
        verify(&payment)
    }
}

impl Captures for Zarinpal {
    /// What was paid is taken by verifying it, all or nothing.
    fn capture(payment: PaymentRef, amount: Money) -> Result<PaymentOutcome> {
        if amount != payment.expected {
            return Err(invalid("Zarinpal takes a payment as a whole"));
        }
        verify(&payment)
    }

    fn void(payment: PaymentRef) -> Result<PaymentOutcome> {
        let answer = about(&payment, "reverse", Effect::Money)?;
        Ok(outcome(PaymentStatus::Voided, &payment, answer.code))
    }
}

impl Refunds for Zarinpal {
    fn refund(request: RefundRequest) -> Result<RefundOutcome> {
        refund::give_back(&request)
    }
}

impl Inquiry for Zarinpal {
    fn inquire(payment: PaymentRef) -> Result<PaymentOutcome> {
        let answer = about(&payment, "inquiry", Effect::None)?;
        let word = text(&answer.data["status"]).unwrap_or_default().to_ascii_uppercase();
        let status = match word.as_str() {
            // Its answer to the verification was lost, and with it the transaction's number, which refunds need: Zarinpal repeats
            // it, and moves nothing.
            "VERIFIED" if payment.transaction_id.is_none() => return verify(&payment),
            "VERIFIED" => PaymentStatus::Captured,
            "PAID" => PaymentStatus::Authorized,
            "IN_BANK" => PaymentStatus::Pending,
            "FAILED" => PaymentStatus::Failed,
            "REVERSED" => PaymentStatus::Voided,
            _ => return Err(Error::NotSent("Zarinpal names a state that is not known here".into())),
        };
        Ok(PaymentOutcome {
            transaction_id: payment.transaction_id.clone(),
            raw_code: Some(word),
            ..outcome(status, &payment, answer.code)
        })
    }
}

impl Reconciliation for Zarinpal {
    fn list_unverified(sandbox: bool) -> Result<Vec<Unverified>> {
        let url = format!("{}/pg/v4/payment/unVerified.json", base(sandbox));
        let answer = call(&url, &json!({ "merchant_id": secret("merchant_id")? }), Effect::None)?;
        let rows = answer.data["authorities"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(rows.iter().filter_map(unverified).collect())
    }
}

/// One of the list. Another shop may use the same merchant: what can't be a payment of this one is left out, and said.
fn unverified(row: &Json) -> Option<Unverified> {
    let authority = text(&row["authority"]).filter(|authority| is_authority(authority));
    let amount = minor_units(&row["amount"]).and_then(amount_of);
    match (authority, amount) {
        (Some(gateway_reference), Some(amount)) => Some(Unverified { gateway_reference, amount }),
        _ => {
            log(Level::Warn, "Zarinpal lists a payment, paid and not verified, that can't be one of this store.");
            None
        }
    }
}

fn verify(payment: &PaymentRef) -> Result<PaymentOutcome> {
    let answer = match call(
        &format!("{}/pg/v4/payment/verify.json", base(payment.sandbox)),
        &json!({
            "merchant_id": secret("merchant_id")?,
            "amount": rials(&payment.expected)?,
            "authority": payment.gateway_reference,
        }),
        Effect::Money,
    ) {
        // Not paid, or not yet: nobody but the end of the payment's time can say which.
        Err(Error::Rejected(no)) if no.code == "-51" => return Ok(outcome(PaymentStatus::Pending, payment, -51)),
        answer => answer?,
    };
    Ok(PaymentOutcome {
        // The first answer to 101 may have been lost; amount and authority were those of the books, or it were -50 or -54.
        already_verified: answer.code == 101,
        transaction_id: Some(text(&answer.data["ref_id"]).unwrap_or_else(|| payment.gateway_reference.clone())),
        instrument: text(&answer.data["card_pan"]),
        ..outcome(PaymentStatus::Captured, payment, answer.code)
    })
}

/// Asks for something about one payment.
fn about(payment: &PaymentRef, what: &str, effect: Effect) -> Result<answer::Answer> {
    let url = format!("{}/pg/v4/payment/{what}.json", base(payment.sandbox));
    call(&url, &json!({ "merchant_id": secret("merchant_id")?, "authority": payment.gateway_reference }), effect)
}

/// Zarinpal repeats no amount: it has compared what it was sent with its own books.
fn outcome(status: PaymentStatus, payment: &PaymentRef, code: i64) -> PaymentOutcome {
    PaymentOutcome {
        status,
        amount: payment.expected.clone(),
        refunded: None,
        transaction_id: None,
        instrument: None,
        raw_code: Some(code.to_string()),
        already_verified: false,
    }
}

/// Letters and digits: it becomes a part of an address.
fn is_authority(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
