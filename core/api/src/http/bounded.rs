//! Lists and maps of bounded size: reading stops where the bound is passed, so that a long one costs no more than a short
//! one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use kernel::Text;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::In;

/// A list of `MIN` to `MAX` items.
#[derive(Debug, Clone)]
pub struct List<T, const MIN: usize, const MAX: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Deserialize<'de> for List<T, MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

struct Items<T, const MIN: usize, const MAX: usize>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>, const MIN: usize, const MAX: usize> Visitor<'de> for Items<T, MIN, MAX> {
    type Value = List<T, MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < MAX {
            let Some(item) = seq.next_element()? else { break };
            items.push(item);
        }
        let more = items.len() == MAX && seq.next_element::<IgnoredAny>()?.is_some();
        if more || items.len() < MIN {
            let rule = if MIN == 0 { format!("at most {MAX}") } else { format!("{MIN} to {MAX}") };
            return Err(A::Error::custom(format!("must have {rule} items")));
        }
        Ok(List(items))
    }
}

impl<T: Type, const MIN: usize, const MAX: usize> Type for List<T, MIN, MAX> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = T::RawValueType;

    fn name() -> Cow<'static, str> {
        format!("list_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(T::schema_ref())),
            min_items: (MIN > 0).then_some(MIN),
            max_items: Some(MAX),
            ..MetaSchema::new("array")
        }))
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a T::RawValueType> + 'a> {
        Box::new(self.0.iter().filter_map(Type::as_raw_value))
    }
}

impl<T: ParseFromJSON, const MIN: usize, const MAX: usize> ParseFromJSON for List<T, MIN, MAX> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Vec::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl<T: ToJSON, const MIN: usize, const MAX: usize> ToJSON for List<T, MIN, MAX> {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

/// A map of at most `MAX` entries, each name once.
#[derive(Debug, Clone)]
pub struct Entries<K, V, const MAX: usize>(pub BTreeMap<K, V>);

impl<'de, K: Text + Ord, V: Text, const MAX: usize> Deserialize<'de> for Entries<K, V, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Named(PhantomData))
    }
}

struct Named<K, V, const MAX: usize>(PhantomData<fn() -> (K, V)>);

impl<'de, K: Text + Ord, V: Text, const MAX: usize> Visitor<'de> for Named<K, V, MAX> {
    type Value = Entries<K, V, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(In(name)) = map.next_key::<In<K>>()? {
            if entries.contains_key(&name) {
                // Refused as the value, so that the refusal points at the name.
                map.next_value::<Twice>()?;
            }
            if entries.len() == MAX {
                return Err(A::Error::custom(format!("must have at most {MAX} entries")));
            }
            entries.insert(name, map.next_value::<In<V>>()?.0);
        }
        Ok(Entries(entries))
    }
}

/// A value that is refused, whatever it is.
struct Twice;

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("is there twice"))
    }
}

impl<K: Send + Sync, V: Text + Send + Sync, const MAX: usize> Type for Entries<K, V, MAX> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("map_{}", V::NAME).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            additional_properties: Some(Box::new(In::<V>::schema_ref())),
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

impl<K: Text + Ord + Send + Sync, V: Text + Send + Sync, const MAX: usize> ParseFromJSON for Entries<K, V, MAX> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        serde_json::from_value(value.unwrap_or_default()).map_err(ParseError::custom)
    }
}

impl<K: Text + Send + Sync, V: Text + Send + Sync, const MAX: usize> ToJSON for Entries<K, V, MAX> {
    fn to_json(&self) -> Option<Value> {
        let entry = |(name, value): (&K, &V)| (name.as_str().to_owned(), Value::from(value.as_str()));
        Some(Value::Object(self.0.iter().map(entry).collect()))
    }
}
