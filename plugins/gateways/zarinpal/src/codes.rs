//! Zarinpal's codes, in words that a merchant can act on.

use stoa_sdk::json::{Json, text};
use stoa_sdk::{Error, invalid, misconfigured, rejected};

use crate::answer::{Effect, lost};

/// What a code means.
pub fn error(code: i64, details: &Json, effect: Effect) -> Error {
    let explained = |meaning: &str| format!("{meaning} (Zarinpal's code {code})");
    match code {
        -9 => rejected(code.to_string(), validation(details)),
        -10 => misconfigured(explained("the merchant id is wrong, or this server's address is not registered for it")),
        -11 => misconfigured(explained("the terminal is not active: ask Zarinpal's support")),
        -12 => Error::NotSent(explained("too many attempts in a short time: try again later")),
        -13 => misconfigured(explained("the terminal has reached its limit")),
        -14 => misconfigured(explained("the store's domain is not the one that is registered for the terminal")),
        -15 => misconfigured(explained("the terminal is suspended: ask Zarinpal's support")),
        -16 | -17 => misconfigured(explained("the account's level of verification is too low for this")),
        -18 => misconfigured(explained("the address that payments come from is not the registered one")),
        -19 => misconfigured(explained("the terminal may take no payments")),
        -39..=-30 => misconfigured(explained("the sharing of payments is not set up rightly at Zarinpal's")),
        -41 => invalid(explained("the amount is above what Zarinpal takes at once")),
        -50 => rejected(code.to_string(), "the amount that was paid is not the amount of the order"),
        -51 => rejected(code.to_string(), "this was not paid"),
        -52 => lost(effect, explained("something went wrong at Zarinpal's: its support can tell more")),
        -53 => rejected(code.to_string(), "the payment belongs to another merchant"),
        -54 => rejected(code.to_string(), "Zarinpal knows no such payment"),
        -55 => rejected(code.to_string(), "Zarinpal can't find the transaction of this payment"),
        -60 => rejected(code.to_string(), "the bank lets this payment not be reversed"),
        -61 => rejected(code.to_string(), "this was not paid, or was reversed before"),
        -62 => misconfigured(explained("reversing needs this server's address to be registered at Zarinpal's")),
        -63 => rejected(code.to_string(), "the half hour in which a payment can be reversed is over"),
        _ => rejected(code.to_string(), text(&details["message"]).unwrap_or_else(|| "Zarinpal refused".into())),
    }
}

/// The fields that Zarinpal complains of.
fn validation(details: &Json) -> String {
    let mut fields: Vec<String> = match &details["validations"] {
        Json::Object(fields) => fields.keys().cloned().collect(),
        Json::Array(rows) => rows.iter().filter_map(Json::as_object).flat_map(|row| row.keys().cloned()).collect(),
        _ => Vec::new(),
    };
    fields.sort();
    fields.dedup();
    if fields.is_empty() {
        "Zarinpal finds the request wrong".into()
    } else {
        format!("Zarinpal finds these wrong: {}", fields.join(", "))
    }
}
