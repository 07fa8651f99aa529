//! Countries, as addresses, taxes and shipping name them.

use crate::text::{Text, TextError};

/// A country or territory by its two letters (ISO 3166-1 alpha-2, those officially assigned).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

macro_rules! countries {
    ($first:ident $($code:ident)*) => {
        const CODES: &[&str] = &[stringify!($first) $(, stringify!($code))*];
        const PATTERN: &str = concat!("^(", stringify!($first) $(, "|", stringify!($code))*, ")$");
    };
}

// Sorted: looked up by halving.
#[rustfmt::skip]
countries! {
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
}

impl Country {
    /// The two letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl Text for Country {
    const NAME: &'static str = "country";
    const MIN: usize = 2;
    const MAX: usize = 2;
    const PATTERN: Option<&'static str> = Some(PATTERN);
    const EXAMPLE: &'static str = "DE";

    fn parse(text: &str) -> Result<Self, TextError> {
        let found = CODES.binary_search(&text).ok().and_then(|place| CODES.get(place));
        found
            .map(|code| Self(code))
            .ok_or_else(|| TextError::new("is not a country of ISO 3166-1, such as DE, IR or US"))
    }

    fn as_str(&self) -> &str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_those_of_iso_3166() {
        assert!(CODES.is_sorted() && CODES.len() == 249);
        assert!(CODES.iter().all(|code| Country::parse(code).is_ok_and(|country| country.code() == *code)));
        for wrong in ["de", "UK", "EU", "XX", "", "DEU", "D", "ＤＥ"] {
            assert!(Country::parse(wrong).is_err(), "{wrong}");
        }
    }
}
