//! Points in time in bodies.

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _, SubsecRound as _, Utc};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A point in time (RFC 3339), as precise as the database keeps it, in a year of four digits.
#[derive(Debug, Clone, Copy)]
pub struct Moment(pub DateTime<Utc>);

const RULE: &str = "must be a point in time by RFC 3339, such as 2026-01-31T12:00:00Z";

fn parse(text: &str) -> Option<Moment> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).trunc_subsecs(6);
    (1..=9999).contains(&at.year()).then_some(Moment(at))
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom(RULE))
    }
}

impl Type for Moment {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_date-time".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            example: Some(Value::from("2026-01-31T12:00:00Z")),
            ..MetaSchema::new_with_format("string", "date-time")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Moment {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        value.as_ref().and_then(Value::as_str).and_then(parse).ok_or_else(|| ParseError::custom(RULE))
    }
}

impl ToJSON for Moment {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0.to_rfc3339()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_a_zone_and_a_year_that_the_database_knows() {
        assert!(parse("2026-01-31T12:00:00Z").is_some() && parse("2026-01-31T12:00:00.123456789+03:30").is_some());
        for wrong in ["", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "+262142-01-01T00:00:00Z", "now"]
        {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}
