//! Whole numbers of bounded size in bodies.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy)]
pub struct Whole<const MIN: i32, const MAX: i32>(pub i32);

impl<const MIN: i32, const MAX: i32> Whole<MIN, MAX> {
    fn of(number: &Number) -> Result<Self, String> {
        let whole = number.as_i64().and_then(|number| i32::try_from(number).ok());
        whole.filter(|whole| (MIN..=MAX).contains(whole)).map(Self).ok_or_else(Self::rule)
    }

    fn rule() -> String {
        format!("must be a whole number from {MIN} to {MAX}")
    }
}

impl<'de, const MIN: i32, const MAX: i32> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer).map_err(|_| D::Error::custom(Self::rule()))?;
        Self::of(&number).map_err(D::Error::custom)
    }
}

impl<const MIN: i32, const MAX: i32> Type for Whole<MIN, MAX> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("whole number from {MIN} to {MAX}").into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            minimum: Some(f64::from(MIN)),
            maximum: Some(f64::from(MAX)),
            example: Some(Value::from(MAX)),
            ..MetaSchema::new_with_format("integer", "int32")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<const MIN: i32, const MAX: i32> ParseFromJSON for Whole<MIN, MAX> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let number = value.as_ref().and_then(Value::as_number).ok_or_else(ParseError::expected_input)?;
        Self::of(number).map_err(ParseError::custom)
    }
}

impl<const MIN: i32, const MAX: i32> ToJSON for Whole<MIN, MAX> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0))
    }
}
