//! Examples of bodies, made of the examples of their fields.

use serde_json::{Map, Value, json};

use super::described::resolved;
use super::operations;

/// Gives every body that an operation takes an example.
pub(super) fn add(spec: &mut Value) {
    let known = spec.clone();
    for operation in operations(spec) {
        let content = operation.get_mut("requestBody").and_then(|body| body.get_mut("content"));
        let media = content.and_then(Value::as_object_mut).into_iter().flatten();
        for (_, media) in media.filter(|(kind, _)| *kind == "application/json") {
            let example = media.get("schema").map(|schema| example(schema, &known));
            if let (Some(media), Some(example)) = (media.as_object_mut(), example) {
                media.insert("example".to_owned(), example);
            }
        }
    }
}

fn example(schema: &Value, spec: &Value) -> Value {
    if let Some(own) = schema.get("example") {
        return own.clone();
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        return parts.iter().map(|part| example(part, spec)).find(|found| !found.is_null()).unwrap_or_default();
    }
    let schema = resolved(schema, spec);
    if let Some(own) = schema.get("example") {
        return own.clone();
    }
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    match (text("type"), text("format")) {
        (Some("object"), _) => Value::Object(fields(schema, spec)),
        (Some("array"), _) => schema.get("items").map(|items| json!([example(items, spec)])).unwrap_or_default(),
        (Some("boolean"), _) => Value::Bool(true),
        (Some("integer"), _) => Value::from(1),
        (Some("string"), Some("uuid")) => Value::from("0192f0c1-2345-7000-8000-000000000000"),
        (Some("string"), _) => Value::from("text"),
        _ => Value::Null,
    }
}

/// What is required; and what may be left out, where it has an example of its own and so fits whatever else is there.
fn fields(schema: &Value, spec: &Value) -> Map<String, Value> {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let shown = properties.filter(|(name, property)| {
        property.get("example").is_some() || required.iter().any(|known| *known == name.as_str())
    });
    shown.map(|(name, property)| (name.clone(), example(property, spec))).collect()
}
