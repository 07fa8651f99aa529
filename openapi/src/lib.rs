//! The committed OpenAPI documents are a promise: this says what a newer one would take away from clients.

use serde_json::{Map, Value};

/// What a client written against `old` can no longer do with `new`, one line each. An old document that is missing or
/// no JSON promised nothing.
#[must_use]
pub fn breaks(old: &str, new: &str) -> Vec<String> {
    let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let (old, new): (Value, Value) = (parse(old), parse(new));
    let mut lost = Vec::new();
    for (path, item) in object(&old, "/paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let place = format!("{} {path}", method.to_uppercase());
            match object(&new, "/paths").get(path).and_then(|item| item.get(method)) {
                None => lost.push(format!("{place} is gone")),
                Some(now) => operation_breaks(&place, operation, now, &mut lost),
            }
        }
    }
    for (name, schema) in object(&old, "/components/schemas") {
        if let Some(now) = object(&new, "/components/schemas").get(name) {
            schema_breaks(name, schema, now, &mut lost);
        }
    }
    lost
}

fn object<'a>(value: &'a Value, pointer: &str) -> &'a Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.pointer(pointer).and_then(Value::as_object).unwrap_or(&EMPTY)
}

fn operation_breaks(place: &str, old: &Value, new: &Value, lost: &mut Vec<String>) {
    if old.get("operationId") != new.get("operationId") {
        lost.push(format!("{place} has another operationId"));
    }
    for status in object(old, "/responses").keys().filter(|status| status.starts_with('2')) {
        if !object(new, "/responses").contains_key(status) {
            lost.push(format!("{place} no longer answers {status}"));
        }
    }
    let required = |operation: &Value| -> Vec<String> {
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let required = parameters.filter(|parameter| parameter.get("required") == Some(&Value::Bool(true)));
        required.filter_map(|parameter| Some(parameter.get("name")?.as_str()?.to_owned())).collect()
    };
    let before = required(old);
    for name in required(new).into_iter().filter(|name| !before.contains(name)) {
        lost.push(format!("{place} now requires the parameter `{name}`"));
    }
}

fn schema_breaks(name: &str, old: &Value, new: &Value, lost: &mut Vec<String>) {
    for property in object(old, "/properties").keys() {
        if !object(new, "/properties").contains_key(property) {
            lost.push(format!("{name} no longer has `{property}`"));
        }
    }
    if !name.ends_with("Body") {
        return;
    }
    let required = |schema: &Value| schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let before = required(old);
    for property in required(new).into_iter().filter(|property| !before.contains(property)) {
        lost.push(format!("{name} now requires {property}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "paths": { "/lamps": { "get": { "operationId": "listLamps", "responses": { "200": {} } } } },
            "components": { "schemas": {
                "Lamp": { "properties": { "name": {}, "price": {} } },
                "LampBody": { "properties": { "name": {} }, "required": ["name"] },
            } },
        })
    }

    fn lost(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut new = document();
        change(&mut new);
        breaks(&document().to_string(), &new.to_string())
    }

    #[test]
    fn growing_breaks_nobody() {
        let grown = lost(|new| {
            new["paths"]["/shades"] = json!({ "get": {} });
            new["components"]["schemas"]["Lamp"]["properties"]["colour"] = json!({});
            new["components"]["schemas"]["LampBody"]["properties"]["colour"] = json!({});
        });
        assert!(grown.is_empty(), "{grown:?}");
        assert!(breaks("", &document().to_string()).is_empty());
    }

    #[test]
    fn what_clients_lose_is_named() {
        let gone = lost(|new| new["paths"] = json!({}));
        assert_eq!(gone, ["GET /lamps is gone"]);
        let less = lost(|new| new["components"]["schemas"]["Lamp"]["properties"] = json!({ "name": {} }));
        assert_eq!(less, ["Lamp no longer has `price`"]);
        let more = lost(|new| new["components"]["schemas"]["LampBody"]["required"] = json!(["name", "price"]));
        assert_eq!(more, ["LampBody now requires \"price\""]);
        let asked =
            lost(|new| new["paths"]["/lamps"]["get"]["parameters"] = json!([{ "name": "q", "required": true }]));
        assert_eq!(asked, ["GET /lamps now requires the parameter `q`"]);
    }
}
