//! What stands in a cell, read and written: money, attributes, and what a spreadsheet would take for a formula.

use std::borrow::Cow;

use kernel::{Amount, Currency};

/// Whether a spreadsheet would reckon with this, once apostrophes in front of it are away.
fn is_formula(cell: &str) -> bool {
    let begins = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    cell.trim_start_matches('\'').starts_with(begins)
}

/// A cell as it is written: an apostrophe stands before what begins like a formula, and [`unguarded`] takes it away.
pub(super) fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What a cell says.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Money as people write it: `12.50`, with as many decimals as the currency has, or fewer. No separators of thousands.
pub(super) fn read_money(text: &str, currency: Currency) -> Result<Amount, String> {
    let digits = usize::from(currency.exponent());
    let example = if digits == 0 { "125".to_owned() } else { format!("12.{:0<digits$}", 5) };
    let wrong = || format!("must be an amount in {}, such as {example}", currency.code());
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let right = !whole.is_empty() && whole.len() <= 15 && part.len() <= digits && plain(whole) && plain(part);
    if !right || text.ends_with('.') {
        return Err(wrong());
    }
    let minor: i64 = format!("{whole}{part:0<digits$}").parse().map_err(|_| wrong())?;
    Amount::new(minor).ok_or_else(|| format!("must be at most {} minor units", Amount::MAX))
}

/// The same, written with all decimals.
pub(super) fn written_money(minor: i64, currency: Currency) -> String {
    let digits = usize::from(currency.exponent());
    if digits == 0 {
        return minor.to_string();
    }
    let text = format!("{minor:0>width$}", width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    format!("{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use kernel::Text as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("'=1+1", "''=1+1"),
            ("-", "'-"),
            ("'quoted'", "'quoted'"),
            ("plain", "plain"),
            ("", ""),
            ("\t=x", "'\t=x"),
        ] {
            assert_eq!(guarded(cell), written);
            assert_eq!(unguarded(written), cell);
        }
        assert_eq!(unguarded("=x"), "=x", "what nobody guarded is taken as it is");
    }

    #[test]
    fn money_is_exact() {
        let in_ = |code: &str| Currency::parse(code).unwrap();
        let read = |text, code| read_money(text, in_(code)).ok().map(Amount::minor);
        assert_eq!(read("12.5", "EUR"), Some(1250));
        assert_eq!(read("12", "EUR"), Some(1200));
        assert_eq!(read("0.01", "EUR"), Some(1));
        assert_eq!(read("1500000", "IRR"), Some(1_500_000));
        assert_eq!(read("9999999999999.99", "EUR"), Some(Amount::MAX));
        for wrong in ["", ".5", "1.", "1.234", "-1", "1,5", "1e3", "٣", " 1", "99999999999999.99", "1.5.0", "+1"] {
            assert_eq!(read(wrong, "EUR"), None, "{wrong}");
        }
        assert_eq!(read("1.0", "JPY"), None);
        assert_eq!([written_money(5, in_("EUR")), written_money(5, in_("JPY"))], ["0.05", "5"]);
    }

    proptest! {
        #[test]
        fn every_cell_and_amount_comes_back(cell in any::<String>(), minor in 0..=Amount::MAX) {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(&written), cell.as_str());
            for code in ["EUR", "JPY", "KWD"] {
                let currency = Currency::parse(code).unwrap();
                let read = read_money(&written_money(minor, currency), currency);
                prop_assert_eq!(read.map(Amount::minor), Ok(minor));
            }
        }
    }
}
