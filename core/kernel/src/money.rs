//! Money: integer minor units and a currency. No floats anywhere.

use crate::text::{Text, TextError};

/// An amount of money in minor units: cents for EUR, whole yen for JPY, whole rials for IRR.
///
/// From 0 to [`Amount::MAX`], which JSON readers that keep numbers as doubles still hold exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: 999,999,999,999,999 minor units, below 2^53.
    pub const MAX: i64 = 999_999_999_999_999;

    /// Takes `minor` units; none where it is negative or above [`Amount::MAX`].
    #[must_use]
    pub fn new(minor: i64) -> Option<Self> {
        (0..=Self::MAX).contains(&minor).then_some(Self(minor))
    }

    /// The minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.0
    }
}

/// A currency of ISO 4217 that people pay in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// How many decimal digits the minor unit has, by ISO 4217, with one exception: IRR is kept in whole rials (0),
    /// since nobody has priced anything in its hundredth for decades.
    #[must_use]
    pub fn exponent(self) -> u16 {
        if self.0 == iso_currency::Currency::IRR { 0 } else { self.0.exponent().unwrap_or(0) }
    }

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl Text for Currency {
    const NAME: &'static str = "currency";
    const MIN: usize = 3;
    const MAX: usize = 3;
    const PATTERN: Option<&'static str> = Some("^[A-Z]{3}$");
    const EXAMPLE: &'static str = "EUR";

    fn parse(text: &str) -> Result<Self, TextError> {
        let known = iso_currency::Currency::from_code(text).filter(|c| c.exponent().is_some());
        known.map(Self).ok_or_else(|| TextError::new("is not a currency of ISO 4217, such as EUR, JPY or IRR"))
    }

    fn as_str(&self) -> &str {
        self.code()
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub amount: Amount,
    /// What they are units of.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponent(code: &str) -> Option<u16> {
        Currency::parse(code).ok().map(Currency::exponent)
    }

    #[test]
    fn exponents_follow_iso_4217_but_for_the_rial() {
        let seen = ["EUR", "JPY", "KWD", "IRR", "CLF"].map(exponent);
        assert_eq!(seen, [Some(2), Some(0), Some(3), Some(0), Some(4)]);
    }

    #[test]
    fn gold_and_lower_case_are_no_currencies() {
        assert_eq!([exponent("XAU"), exponent("eur"), exponent(""), exponent("IRT")], [None; 4]);
    }

    #[test]
    fn amounts_end_where_doubles_stop_being_exact() {
        assert_eq!(Amount::new(-1), None);
        assert_eq!(Amount::new(Amount::MAX + 1), None);
        assert_eq!(Amount::new(Amount::MAX).map(Amount::minor), Some(Amount::MAX));
    }
}
