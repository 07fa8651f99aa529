//! The OpenAPI documents: what poem-openapi writes, with what it can't say added.

mod described;
mod examples;

use std::sync::LazyLock;

use poem_openapi::{OpenApi, OpenApiService, ServerObject};
use serde_json::{Map, Value, json};

pub(crate) use self::described::{methods_at, operation_at, parameter_at, unreadable_parameter};

use self::described::Described;
use crate::{admin, platform, storefront};

/// The document of one surface, and the pages that show it.
pub struct Document {
    /// `storefront`, `admin` or `platform`.
    pub name: &'static str,
    prefix: &'static str,
    paths: Vec<Described>,
    /// The document, as it is committed.
    pub json: String,
    pub(crate) swagger: String,
    pub(crate) scalar: String,
}

static DOCUMENTS: LazyLock<[Document; 3]> = LazyLock::new(|| {
    [
        document("storefront", "/store/v1", &storefront::service()),
        document("admin", "/admin/v1", &admin::service()),
        document("platform", "/platform/v1", &platform::service()),
    ]
});

/// The documents of the three surfaces.
#[must_use]
pub fn documents() -> &'static [Document; 3] {
    &DOCUMENTS
}

pub(crate) fn server(prefix: &str) -> ServerObject {
    ServerObject::new(format!("/{prefix}/v1")).description("The host that serves this document.")
}

fn document<T: OpenApi>(name: &'static str, prefix: &'static str, service: &OpenApiService<T, ()>) -> Document {
    let spec = service.spec();
    let paths = Described::all(&serde_json::from_str(&spec).unwrap_or_default());
    let json = completed(&spec, name);
    let shown = |page: String| page.replace(&spec, &json.replace("</", "<\\/"));
    // Scalar would load its fonts from a host of its own; those of the reader's system do.
    let scalar = service.scalar_html().replacen(
        "id=\"api-reference\"",
        "id=\"api-reference\" data-configuration='{\"withDefaultFonts\":false}'",
        1,
    );
    Document { name, prefix, paths, swagger: shown(service.swagger_ui_html()), scalar: shown(scalar), json }
}

fn completed(spec: &str, name: &str) -> String {
    let mut spec: Value = serde_json::from_str(spec).unwrap_or_default();
    close_bodies(&mut spec);
    drop_unused_tags(&mut spec);
    examples::add(&mut spec);
    for operation in operations(&mut spec) {
        describe_answers(operation);
        if name != "platform" {
            name_store(operation);
        }
    }
    serde_json::to_string_pretty(&spec).map(|text| text + "\n").unwrap_or_default()
}

/// poem-openapi lists the tags of all surfaces.
fn drop_unused_tags(spec: &mut Value) {
    let used: Vec<_> = operations(spec).filter_map(|operation| operation.get("tags")?.get(0).cloned()).collect();
    if let Some(tags) = spec.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(|tag| tag.get("name").is_some_and(|name| used.contains(name)));
    }
}

/// Unknown fields are refused: bodies say so.
fn close_bodies(spec: &mut Value) {
    let schemas = spec.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        if let Some(schema) = schema.as_object_mut().filter(|_| name.ends_with("Body")) {
            schema.insert("additionalProperties".into(), Value::Bool(false));
        } else if name != "Problem" {
            // What only some problems have is left out of the others.
            show_nulls(schema);
        }
    }
}

/// In answers, what may be missing is there as null.
fn show_nulls(schema: &mut Value) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let names: Vec<_> = properties.keys().cloned().collect();
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().cloned().collect();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for name in names.iter().filter(|name| !required.iter().any(|known| known == name.as_str())) {
        let Some(property) = properties.get_mut(name).and_then(Value::as_object_mut) else { continue };
        if let Some(reference) = property.remove("$ref") {
            property.insert("allOf".into(), json!([{ "$ref": reference }]));
        }
        property.insert("nullable".into(), Value::Bool(true));
    }
    schema["required"] = json!(names);
}

fn operations(spec: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = spec.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut());
    items.flat_map(|item| item.values_mut().filter_map(Value::as_object_mut))
}

fn describe_answers(operation: &mut Map<String, Value>) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let Some(response) = response.as_object_mut() else { continue };
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        headers["Stoa-Request-Id"] = json!({ "description": "The request's id, as in our logs.", "schema": { "type": "string", "format": "uuid" } });
        if matches!(status.as_str(), "429" | "503") {
            headers["Retry-After"] = json!({ "description": "Seconds to wait.", "schema": { "type": "integer" } });
        }
    }
}

fn name_store(operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({
            "name": "Stoa-Store",
            "in": "header",
            "required": false,
            "description": "The slug of the store, where the host does not name one.",
            "schema": { "type": "string" },
            "example": "acme",
        }));
    }
}
