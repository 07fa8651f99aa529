//! Reading what providers write, who are not always careful: a number may come as a text, a list as an object.

use serde_json::Value;

use crate::Money;

pub use serde_json::{Value as Json, json};

/// A text, or a number as a text; none where it is empty or something else.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, or a text that is one.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A sum of minor units: a whole number that is not negative, or a text that is one.
#[must_use]
pub fn minor_units(value: &Value) -> Option<u64> {
    integer(value).and_then(|number| u64::try_from(number).ok())
}

/// A sum of minor units with its currency.
#[must_use]
pub fn money(amount: &Value, currency: &Value) -> Option<Money> {
    Some(Money { minor_units: minor_units(amount)?, currency: text(currency)? })
}
