//! Objects whose fields are not known to us: each name once, at most so many.

use std::borrow::Cow;
use std::fmt;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// An object of at most `MAX` fields, with any values. Its `Debug` would print them, so it has none.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Values<const MAX: usize>(pub Map<String, Value>);

impl<'de, const MAX: usize> Deserialize<'de> for Values<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields::<MAX>)
    }
}

struct Fields<const MAX: usize>;

impl<'de, const MAX: usize> Visitor<'de> for Fields<MAX> {
    type Value = Values<MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.len() == MAX {
                return Err(A::Error::custom(format!("must have at most {MAX} fields")));
            }
            if fields.insert(name, map.next_value()?).is_some() {
                return Err(A::Error::custom("must have each field once"));
            }
        }
        Ok(Values(fields))
    }
}

impl<const MAX: usize> Type for Values<MAX> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("object of {MAX} fields").into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            additional_properties: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::ANY)))),
            max_properties: Some(MAX),
            ..MetaSchema::new("object")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<const MAX: usize> ParseFromJSON for Values<MAX> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl<const MAX: usize> ToJSON for Values<MAX> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::Object(self.0.clone()))
    }
}
