//! Money in bodies and answers.

use std::borrow::Cow;

use kernel::{Amount, Currency, FieldError, Money};
use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{In, Problem};

/// An amount in minor units: 0 to 999,999,999,999,999.
#[derive(Debug, Clone, Copy)]
pub struct MinorUnits(pub Amount);

const RULE: &str = "must be a whole number of minor units, 0 to 999999999999999";

impl<'de> Deserialize<'de> for MinorUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer).map_err(|_| D::Error::custom(RULE))?;
        number.as_i64().and_then(Amount::new).map(Self).ok_or_else(|| D::Error::custom(RULE))
    }
}

impl Type for MinorUnits {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "minor units".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(0.0),
            maximum: Some(999_999_999_999_999.0),
            example: Some(Value::from(1_250)),
            ..MetaSchema::new_with_format("integer", "int64")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for MinorUnits {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let minor = value.as_ref().and_then(Value::as_i64).and_then(Amount::new);
        minor.map(Self).ok_or_else(|| ParseError::custom(RULE))
    }
}

impl ParseFromParameter for MinorUnits {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        value.parse().ok().and_then(Amount::new).map(Self).ok_or_else(|| ParseError::custom(RULE))
    }
}

impl ToJSON for MinorUnits {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0.minor()))
    }
}

/// An amount in a currency, as a client sends it.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyBody {
    /// Minor units: cents for EUR, whole yen for JPY, whole rials for IRR.
    pub amount: MinorUnits,
    /// The store's currency.
    pub currency: In<Currency>,
}

impl MoneyBody {
    /// The amount, if it is in the store's currency.
    ///
    /// # Errors
    /// 422 that names `pointer`.
    pub fn in_currency(&self, currency: Currency, pointer: &str) -> Result<Amount, Problem> {
        if self.currency.0 == currency {
            return Ok(self.amount.0);
        }
        let detail = format!("must be {}, the currency of this store", currency.code());
        Err(Problem::of_field(FieldError::new(format!("{pointer}/currency"), detail)))
    }
}

/// An amount in a currency, in an answer.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Money")]
pub struct MoneyShown {
    /// Minor units: cents for EUR, whole yen for JPY, whole rials for IRR.
    amount: i64,
    /// ISO 4217.
    currency: String,
}

impl From<Money> for MoneyShown {
    fn from(money: Money) -> Self {
        Self { amount: money.amount.minor(), currency: money.currency.code().to_owned() }
    }
}
