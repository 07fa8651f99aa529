//! Fields of bodies and parameters: the domain's own texts, parsed as they are read, described as they are parsed.

use std::borrow::Cow;

use kernel::Text;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text of the domain, in a body or a parameter.
#[derive(Debug, Clone)]
pub struct In<T>(pub T);

impl<'de, T: Text> Deserialize<'de> for In<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        T::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<T: Text + Send + Sync> Type for In<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            format: T::FORMAT,
            min_length: (T::MIN > 0).then_some(T::MIN),
            max_length: Some(T::MAX),
            pattern: T::PATTERN.map(str::to_owned),
            enum_items: T::VALUES.iter().copied().map(Value::from).collect(),
            example: Some(Value::from(T::EXAMPLE)),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Text + Send + Sync> ParseFromJSON for In<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let text = value.as_ref().and_then(Value::as_str).ok_or_else(ParseError::expected_input)?;
        T::parse(text).map(Self).map_err(ParseError::custom)
    }
}

impl<T: Text + Send + Sync> ParseFromParameter for In<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        T::parse(value).map(Self).map_err(ParseError::custom)
    }
}

impl<T: Text + Send + Sync> ToJSON for In<T> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.0.as_str()))
    }
}

/// Reads a field that may be left out, but not be null: `#[serde(default, deserialize_with = "given")]`.
///
/// # Errors
/// The field's own.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field of a change that may be left out, or be null to take the value away.
#[derive(Debug, Clone, Default)]
pub enum Maybe<T> {
    /// Left out: stays as it is.
    #[default]
    Absent,
    /// Null: is taken away.
    Null,
    /// Is set.
    Value(T),
}

impl<T> Maybe<T> {
    /// The change as nested options: none for what stays, some none for what is taken away.
    pub fn change<U>(self, set: impl FnOnce(T) -> U) -> Option<Option<U>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(set(value))),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: Type> Type for Maybe<T> {
    const IS_REQUIRED: bool = false;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("maybe_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema { nullable: true, ..MetaSchema::ANY })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        if let Self::Value(value) = self { value.as_raw_value() } else { None }
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        if let Self::Value(value) = self { value.raw_element_iter() } else { Box::new(std::iter::empty()) }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Maybe<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::Absent),
            Some(Value::Null) => Ok(Self::Null),
            some => T::parse_from_json(some).map(Self::Value).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Maybe<T> {
    fn to_json(&self) -> Option<Value> {
        if let Self::Value(value) = self { value.to_json() } else { None }
    }
}
