//! Rials and tomans. A toman is ten rials; Zarinpal is told rials always, and told so.

use stoa_sdk::{Money, Result, invalid, setting};

/// How many rials a unit of the store's prices is: ten where it keeps them in tomans, and says so.
fn rials_each() -> u64 {
    if setting("prices_in").as_deref() == Some("toman") { 10 } else { 1 }
}

/// A sum, in rials.
pub fn rials(money: &Money) -> Result<u64> {
    let each = match money.currency.as_str() {
        "IRR" => rials_each(),
        "IRT" => 10,
        _ => return Err(invalid("Zarinpal takes rials only")),
    };
    money.minor_units.checked_mul(each).ok_or_else(|| invalid("the amount is too large"))
}

/// A sum of rials, in the store's unit; none where it is not a whole number of them.
pub fn amount_of(rials: u64) -> Option<Money> {
    let each = rials_each();
    rials.is_multiple_of(each).then(|| Money { minor_units: rials / each, currency: "IRR".into() })
}
