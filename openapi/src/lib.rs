//! The committed OpenAPI documents are a promise: this says what a newer one would take away from clients.

use std::collections::BTreeMap;

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
        match object(&new, "/components/schemas").get(name) {
            None => lost.push(format!("{name} is gone")),
            Some(now) => schema_breaks(name, schema, now, &mut lost),
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
    let (before, now) = (parameters(old), parameters(new));
    for (place_and_name, schema) in &before {
        match now.get(place_and_name) {
            None => lost.push(format!("{place} no longer takes the {place_and_name}")),
            Some(now) => value_breaks(&format!("{place}: {place_and_name}"), &schema.0, &now.0, lost),
        }
    }
    for (place_and_name, (_, required)) in &now {
        if *required && !before.get(place_and_name).is_some_and(|(_, required)| *required) {
            lost.push(format!("{place} now requires the {place_and_name}"));
        }
    }
}

/// The parameters of an operation: schema, and whether it is required, by place and name.
fn parameters(operation: &Value) -> BTreeMap<String, (Value, bool)> {
    let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let read = |says: &Value| {
        let text = |name: &str| says.get(name).and_then(Value::as_str).unwrap_or("");
        let required = says.get("required") == Some(&Value::Bool(true));
        let schema = says.get("schema").cloned().unwrap_or_default();
        (format!("{} parameter `{}`", text("in"), text("name")), (schema, required))
    };
    parameters.map(read).collect()
}

/// What a client loses that reads or sends a value of this schema.
fn value_breaks(place: &str, old: &Value, new: &Value, lost: &mut Vec<String>) {
    let kind = |schema: &Value| {
        let text = |name: &str| schema.get(name).and_then(Value::as_str).map(str::to_owned);
        let of_all = schema.pointer("/allOf/0/$ref").and_then(Value::as_str).map(str::to_owned);
        (text("$ref").or(of_all), text("type"), text("format"))
    };
    if kind(old) != kind(new) {
        lost.push(format!("{place} has another type"));
    }
    let values = |schema: &Value| schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    let now = values(new);
    if values(old).is_empty() && !now.is_empty() {
        lost.push(format!("{place} is now one of a few values"));
    }
    for value in values(old).into_iter().filter(|value| !now.is_empty() && !now.contains(value)) {
        lost.push(format!("{place} is no longer {value}"));
    }
    if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
        value_breaks(&format!("{place}: an item"), old, new, lost);
    }
}

fn schema_breaks(name: &str, old: &Value, new: &Value, lost: &mut Vec<String>) {
    value_breaks(name, old, new, lost);
    for (property, schema) in object(old, "/properties") {
        match object(new, "/properties").get(property) {
            None => lost.push(format!("{name} no longer has `{property}`")),
            Some(now) => value_breaks(&format!("{name}: `{property}`"), schema, now, lost),
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
            "paths": { "/lamps": { "get": {
                "operationId": "listLamps", "responses": { "200": {} },
                "parameters": [{ "name": "sort", "in": "query", "required": false, "schema": { "$ref": "#/Sort" } }],
            } } },
            "components": { "schemas": {
                "Sort": { "type": "string", "enum": ["name", "price"] },
                "Lamp": { "properties": { "name": { "type": "string" }, "price": {} } },
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
        let less =
            lost(|new| new["components"]["schemas"]["Lamp"]["properties"] = json!({ "name": { "type": "string" } }));
        assert_eq!(less, ["Lamp no longer has `price`"]);
        let more = lost(|new| new["components"]["schemas"]["LampBody"]["required"] = json!(["name", "price"]));
        assert_eq!(more, ["LampBody now requires \"price\""]);
        let asked = lost(|new| {
            let parameters = new["paths"]["/lamps"]["get"]["parameters"].as_array_mut();
            parameters.into_iter().for_each(|all| all.push(json!({ "name": "q", "in": "query", "required": true })));
        });
        assert_eq!(asked, ["GET /lamps now requires the query parameter `q`"]);
        let renamed = lost(|new| new["paths"]["/lamps"]["get"]["parameters"][0]["name"] = json!("order"));
        assert_eq!(renamed, ["GET /lamps no longer takes the query parameter `sort`"]);
        let moved = lost(|new| new["paths"]["/lamps"]["get"]["parameters"][0]["schema"] = json!({ "type": "string" }));
        assert_eq!(moved, ["GET /lamps: query parameter `sort` has another type"]);
        let gone = lost(|new| drop(new["components"]["schemas"].as_object_mut().map(|all| all.remove("Lamp"))));
        assert_eq!(gone, ["Lamp is gone"]);
        let typed = lost(|new| new["components"]["schemas"]["Lamp"]["properties"]["name"]["type"] = json!("integer"));
        assert_eq!(typed, ["Lamp: `name` has another type"]);
        let fewer = lost(|new| new["components"]["schemas"]["Sort"]["enum"] = json!(["name", "new"]));
        assert_eq!(fewer, ["Sort is no longer \"price\""]);
    }
}
