//! The schema of a gateway's settings: a bounded part of JSON Schema (2020-12), of which a form can be made.
//!
//! One object, each property of which is a text, a number, a flag or a list of these. What refers elsewhere, recurses or
//! combines schemas is refused, so that checking settings takes time in proportion to their size and reaches for nothing.
//! Patterns run on an engine that never goes back.

use std::collections::BTreeSet;

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::{Draft, PatternOptions, Validator};
use kernel::FieldError;
use serde_json::{Map, Value};

/// Settings of a gateway, at most.
pub const MOST_SETTINGS: usize = 50;
/// Bytes of a secret, at most.
pub const LARGEST_SECRET: usize = 4_096;
/// Bytes of all settings that are no secrets, at most.
const LARGEST_SETTINGS: usize = 32 * 1_024;
/// Bytes of a schema, at most.
const LARGEST_SCHEMA: usize = 32 * 1_024;
/// Characters of a pattern, at most.
const LONGEST_PATTERN: usize = 200;
/// Bytes that a compiled pattern may take.
const LARGEST_PATTERN: usize = 256 * 1_024;
/// Wrong settings that are named, at most.
const MOST_ERRORS: usize = 20;

/// What the schema of the whole may say.
const OF_OBJECT: &[&str] =
    &["$schema", "$comment", "title", "description", "type", "properties", "required", "additionalProperties"];
/// What the schema of one setting may say.
const OF_SETTING: &[&str] = &[
    "$comment",
    "title",
    "description",
    "type",
    "default",
    "examples",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "writeOnly",
    "readOnly",
    "deprecated",
];
/// What a setting may be.
const TYPES: &[&str] = &["string", "integer", "number", "boolean", "array"];

/// The schema of a gateway's settings, checked and compiled.
pub struct SettingsSchema {
    names: BTreeSet<String>,
    secrets: BTreeSet<String>,
    validator: Validator,
}

/// Why a schema can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct SchemaFault {
    /// JSON pointer into the schema.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

fn fault<T>(at: impl Into<String>, what: impl Into<String>) -> Result<T, SchemaFault> {
    let at: String = at.into();
    Err(SchemaFault { at: if at.is_empty() { "the whole".to_owned() } else { at }, what: what.into() })
}

impl SettingsSchema {
    /// Reads a schema.
    ///
    /// # Errors
    /// [`SchemaFault`].
    pub fn parse(text: &str) -> Result<Self, SchemaFault> {
        if text.len() > LARGEST_SCHEMA {
            return fault("", format!("must have at most {LARGEST_SCHEMA} bytes"));
        }
        let Ok(json) = serde_json::from_str::<Value>(text) else { return fault("", "is not JSON") };
        let Some(object) = json.as_object() else { return fault("", "must be an object") };
        only(object, OF_OBJECT, "")?;
        if object.get("type").is_none_or(|of| of != "object") {
            return fault("/type", "must be `object`");
        }
        if object.get("additionalProperties").is_some_and(|more| more != false) {
            return fault("/additionalProperties", "must be false: settings have names that are known");
        }
        let none = Map::new();
        let properties = match object.get("properties") {
            Some(Value::Object(properties)) => properties,
            None => &none,
            Some(_) => return fault("/properties", "must be an object"),
        };
        if properties.len() > MOST_SETTINGS {
            return fault("/properties", format!("must be at most {MOST_SETTINGS}"));
        }
        let mut secrets = BTreeSet::new();
        for (name, property) in properties {
            let at = format!("/properties/{}", escape(name));
            if !is_name(name) {
                return fault(at, "a setting's name has 1 to 100 letters, digits, dashes, dots and underscores");
            }
            if setting(property, &at)? {
                secrets.insert(name.clone());
            }
        }
        let names = properties.keys().cloned().collect();
        let validator = compiled(&json)?;
        Ok(Self { names, secrets, validator })
    }

    /// A schema that was found to be good, to be shown, and which of its settings are secrets. Much cheaper than
    /// [`SettingsSchema::parse`].
    #[must_use]
    pub fn secrets_of(text: &str) -> (Value, BTreeSet<String>) {
        let json: Value = serde_json::from_str(text).unwrap_or_default();
        let properties = json.get("properties").and_then(Value::as_object).into_iter().flatten();
        let secrets = properties.filter(|(_, schema)| schema.get("writeOnly").is_some_and(|it| it == true));
        let secrets = secrets.map(|(name, _)| name.clone()).collect();
        (json, secrets)
    }

    /// The names of those settings that are secrets.
    #[must_use]
    pub fn secrets(&self) -> &BTreeSet<String> {
        &self.secrets
    }

    /// Checks all settings of a store together, secrets among them. What is wrong is named below `/settings`, and never
    /// repeats what was set.
    ///
    /// # Errors
    /// Each setting that is wrong.
    pub fn check(&self, settings: &Map<String, Value>) -> Result<(), Vec<FieldError>> {
        let at = |name: &str| format!("/settings/{}", escape(name));
        let unknown = settings.keys().filter(|name| !self.names.contains(*name));
        let mut wrong: Vec<_> =
            unknown.take(MOST_ERRORS).map(|name| FieldError::new(at(name), "is no setting of this gateway")).collect();
        for (name, value) in settings.iter().filter(|(name, _)| self.secrets.contains(*name)) {
            if value.as_str().is_some_and(|secret| secret.is_empty() || secret.len() > LARGEST_SECRET) {
                wrong.push(FieldError::new(at(name), format!("must have 1 to {LARGEST_SECRET} bytes")));
            }
        }
        let plain: usize = settings
            .iter()
            .filter(|(name, _)| !self.secrets.contains(*name))
            .map(|(name, value)| name.len() + value.to_string().len())
            .sum();
        if plain > LARGEST_SETTINGS {
            wrong.push(FieldError::new("/settings", format!("must have at most {LARGEST_SETTINGS} bytes together")));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let whole = Value::Object(settings.clone());
        let wrong: Vec<_> = self.validator.iter_errors(&whole).take(MOST_ERRORS).map(|err| told(&err)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// Checks the schema of one setting; true where that is a secret.
fn setting(schema: &Value, at: &str) -> Result<bool, SchemaFault> {
    let Some(object) = schema.as_object() else { return fault(at, "must be an object") };
    only(object, OF_SETTING, at)?;
    let kind = object.get("type").and_then(Value::as_str).unwrap_or("");
    if !TYPES.contains(&kind) {
        return fault(format!("{at}/type"), format!("must be one of {}", TYPES.join(", ")));
    }
    if let Some(pattern) = object.get("pattern") {
        let right = pattern.as_str().is_some_and(|pattern| pattern.len() <= LONGEST_PATTERN);
        if !right {
            return fault(format!("{at}/pattern"), format!("must be a text of at most {LONGEST_PATTERN} bytes"));
        }
    }
    let secret = match object.get("writeOnly") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return fault(format!("{at}/writeOnly"), "must be true or false"),
    };
    if secret && kind != "string" {
        return fault(format!("{at}/writeOnly"), "a secret is a text");
    }
    match object.get("items") {
        Some(items) if kind == "array" => {
            let at = format!("{at}/items");
            if items.get("type").is_some_and(|of| of == "array") {
                return fault(at, "a list holds no lists");
            }
            if setting(items, &at)? {
                return fault(at, "a secret is a setting of its own");
            }
        }
        Some(_) => return fault(format!("{at}/items"), "is for lists"),
        None if kind == "array" => return fault(at, "a list says what its items are"),
        None => {}
    }
    Ok(secret)
}

fn only(object: &Map<String, Value>, known: &[&str], at: &str) -> Result<(), SchemaFault> {
    // What begins with `x-` is for whoever makes a form of it.
    match object.keys().find(|word| !known.contains(&word.as_str()) && !word.starts_with("x-")) {
        Some(word) => fault(format!("{at}/{}", escape(word)), "is not taken in the schema of settings"),
        None => Ok(()),
    }
}

fn compiled(json: &Value) -> Result<Validator, SchemaFault> {
    if json.get("$schema").is_some_and(|of| of != "https://json-schema.org/draft/2020-12/schema") {
        return fault("/$schema", "must be https://json-schema.org/draft/2020-12/schema");
    }
    let patterns = PatternOptions::regex().size_limit(LARGEST_PATTERN).dfa_size_limit(LARGEST_PATTERN);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .should_validate_formats(true)
        .offline()
        .build(json)
        .or_else(|err| fault(err.instance_path().as_str(), err.to_string()))
}

fn told(err: &ValidationError<'_>) -> FieldError {
    let path = format!("/settings{}", err.instance_path().as_str());
    match err.kind() {
        ValidationErrorKind::Required { property } => {
            FieldError::new(format!("{path}/{}", escape(property.as_str().unwrap_or(""))), "is required")
        }
        _ => FieldError::new(path, err.masked_with("it").to_string()),
    }
}

fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A name as a part of a JSON pointer (RFC 6901); one that is too long to be ours is cut.
fn escape(name: &str) -> String {
    let shown = name.char_indices().nth(100).map_or(name, |(end, _)| &name[..end]);
    shown.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bank() -> SettingsSchema {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["merchant_id", "key"],
            "properties": {
                "merchant_id": { "type": "string", "format": "uuid" },
                "key": { "type": "string", "writeOnly": true, "minLength": 4, "pattern": "^k" },
                "mode": { "type": "string", "enum": ["fast", "slow"] },
                "wait": { "type": "integer", "minimum": 1, "maximum": 60 },
            },
        });
        SettingsSchema::parse(&schema.to_string()).unwrap()
    }

    fn wrong(settings: Value) -> Vec<(String, String)> {
        let wrong = bank().check(settings.as_object().unwrap()).err().unwrap_or_default();
        wrong.into_iter().map(|field| (field.pointer.into_owned(), field.detail)).collect()
    }

    #[test]
    fn settings_are_checked_and_what_was_set_is_not_repeated() {
        let id = "1344b5d4-0048-11e8-94db-005056a205be";
        assert_eq!(bank().secrets().iter().collect::<Vec<_>>(), ["key"]);
        assert!(wrong(json!({ "merchant_id": id, "key": "kept" })).is_empty());
        let cases = [
            (json!({ "merchant_id": id }), "/settings/key"),
            (json!({ "merchant_id": "shop-77", "key": "kept" }), "/settings/merchant_id"),
            (json!({ "merchant_id": id, "key": "hush-hush" }), "/settings/key"),
            (json!({ "merchant_id": id, "key": 77 }), "/settings/key"),
            (json!({ "merchant_id": id, "key": "kept", "wait": 77 }), "/settings/wait"),
            (json!({ "merchant_id": id, "key": "kept", "mode": "shop-77" }), "/settings/mode"),
            (json!({ "merchant_id": id, "key": "kept", "hush-hush": 1 }), "/settings/hush-hush"),
            (json!({ "merchant_id": id, "key": format!("k{}", "é".repeat(4_000)) }), "/settings/key"),
        ];
        for (settings, pointer) in cases {
            let found = wrong(settings);
            assert_eq!(found[0].0, pointer, "{found:?}");
            assert!(!found[0].1.contains("hush-hush") && !found[0].1.contains("77"), "{found:?}");
        }
    }

    #[test]
    fn what_refers_recurses_or_combines_is_refused() {
        let of = |property: Value| json!({ "type": "object", "properties": { "a": property } });
        let deep = (0..100).fold(json!({ "type": "string" }), |inner, _| json!({ "type": "array", "items": inner }));
        let many: Map<_, _> = (0..51).map(|n| (format!("s{n}"), json!({ "type": "string" }))).collect();
        let cases = [
            of(json!({ "$ref": "https://evil.example/schema.json" })),
            of(json!({ "$ref": "#" })),
            of(json!({ "type": "string", "$dynamicRef": "#x" })),
            json!({ "type": "object", "$ref": "file:///etc/passwd" }),
            json!({ "type": "object", "$defs": {} }),
            json!({ "type": "object", "allOf": [] }),
            json!({ "type": "object", "additionalProperties": true }),
            json!({ "type": "object", "patternProperties": { "^a": {} } }),
            json!({ "type": "object", "$schema": "https://evil.example/schema" }),
            json!({ "type": "object", "properties": many }),
            json!({ "type": "string" }),
            json!([]),
            of(json!(true)),
            of(json!({ "type": "object" })),
            of(json!({ "type": ["string", "null"] })),
            of(json!({ "type": "integer", "writeOnly": true })),
            of(json!({ "type": "array", "items": { "type": "string", "writeOnly": true } })),
            of(json!({ "type": "array" })),
            of(json!({ "type": "string", "pattern": "(" })),
            of(json!({ "type": "string", "pattern": "(a{1000}){1000}" })),
            of(json!({ "type": "string", "pattern": r"(a)\1" })),
            of(json!({ "type": "string", "pattern": "a".repeat(201) })),
            of(json!({ "type": "string", "minLength": "three" })),
            of(deep),
            json!({ "type": "object", "properties": { "a/b": { "type": "string" } } }),
            json!({ "type": "object", "title": "x".repeat(40_000) }),
        ];
        for schema in cases {
            assert!(SettingsSchema::parse(&schema.to_string()).is_err(), "{schema}");
        }
        assert!(SettingsSchema::parse("nonsense").is_err());
        assert!(SettingsSchema::parse(&"[".repeat(10_000)).is_err());
    }

    #[test]
    fn a_pattern_that_would_go_back_for_ever_does_not() {
        let schema = json!({ "type": "object", "properties": { "a": { "type": "string", "pattern": "^(a+)+$" } } });
        let schema = SettingsSchema::parse(&schema.to_string()).unwrap();
        let settings = json!({ "a": format!("{}!", "a".repeat(30_000)) });
        assert!(schema.check(settings.as_object().unwrap()).is_err());
    }
}
