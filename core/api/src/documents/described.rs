//! What the documents say of a request: of its path, its method and its parameters.

use percent_encoding::percent_decode_str;
use poem::http::Method;
use serde_json::{Map, Value};

use super::{Document, documents};

/// A path below a document's prefix.
pub(super) struct Described {
    template: String,
    operations: Vec<Operation>,
}

/// What a method does there.
pub(crate) struct Operation {
    method: String,
    parameters: Vec<Parameter>,
    takes_anything: bool,
}

/// Operations whose callers read no document of ours: gateways, and the browsers that they send.
const TAKE_ANYTHING: [&str; 3] = ["returnFromPayment", "returnFromPaymentWithForm", "receiveGatewayWebhook"];

/// A parameter of an operation.
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: String,
    /// `query`, `path` or `header`.
    pub(crate) place: String,
    /// Whether it may be there more than once.
    pub(crate) repeats: bool,
    /// What it must be, where its type says that.
    pub(crate) rule: Option<String>,
}

impl Described {
    /// All paths of a document.
    pub(super) fn all(spec: &Value) -> Vec<Self> {
        let paths = spec.get("paths").and_then(Value::as_object).into_iter().flatten();
        let operations = |item: &Value| {
            item.as_object().into_iter().flatten().map(|(method, says)| Operation::new(method, says, spec)).collect()
        };
        paths.map(|(path, item)| Self { template: path.clone(), operations: operations(item) }).collect()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    fn matches(&self, path: &str) -> bool {
        let (template, path) = (self.template.trim_matches('/').split('/'), path.trim_matches('/').split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(expected, found)| expected.starts_with('{') || expected == found)
    }
}

impl Operation {
    fn new(method: &str, says: &Value, spec: &Value) -> Self {
        let parameters = says.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let parameters = parameters.filter_map(|says| Parameter::new(says, spec)).collect();
        let id = says.get("operationId").and_then(Value::as_str).unwrap_or("");
        Self { method: method.to_uppercase(), parameters, takes_anything: TAKE_ANYTHING.contains(&id) }
    }

    /// The parameter of this name, wherever it stands.
    pub(crate) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    /// Whether what is behind the question mark is the caller's choice.
    pub(crate) fn takes_anything(&self) -> bool {
        self.takes_anything
    }

    /// The parameter of this name behind the question mark.
    pub(crate) fn in_query(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.place == "query" && parameter.name == name)
    }
}

impl Parameter {
    fn new(says: &Value, spec: &Value) -> Option<Self> {
        let text = |name: &str| Some(says.get(name)?.as_str()?.to_owned());
        let schema = says.get("schema").map(|schema| resolved(schema, spec))?;
        let repeats = schema.get("type").is_some_and(|kind| kind == "array");
        Some(Self { name: text("name")?, place: text("in")?, repeats, rule: rule(schema) })
    }
}

/// The schema itself, or the one that it refers to.
pub(super) fn resolved<'a>(schema: &'a Value, spec: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| spec.pointer(pointer)).unwrap_or(schema)
}

fn rule(schema: &Value) -> Option<String> {
    let schema = schema.as_object()?;
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        return Some(format!("must be one of {}", values.join(", ")));
    }
    match (text("type")?, text("format")) {
        ("integer", _) => Some(whole_number(schema)),
        ("boolean", _) => Some("must be true or false".to_owned()),
        ("string", Some("uuid")) => Some("must be a UUID".to_owned()),
        ("string", None) if !schema.contains_key("pattern") => {
            let most = schema.get("maxLength")?.as_u64()?;
            Some(format!("must have at most {most} characters"))
        }
        _ => None,
    }
}

fn whole_number(schema: &Map<String, Value>) -> String {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("must be a whole number from {least} to {most}"),
        _ => "must be a whole number".to_owned(),
    }
}

fn described(path: &str) -> Option<(&'static Described, &str)> {
    let below = |document: &'static Document| Some((document, path.strip_prefix(document.prefix)?));
    let (document, path) = documents().iter().find_map(below)?;
    document.paths.iter().find(|described| described.matches(path)).map(|described| (described, path))
}

/// What the documents say of a method at a path.
pub(crate) fn operation_at(path: &str, method: &Method) -> Option<&'static Operation> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    described(path)?.0.operations.iter().find(|operation| operation.method == method)
}

/// The name of the parameter at this place in a path: the second of `/a/{x}/b/{y}` is `y`.
pub(crate) fn parameter_at(path: &str, place: usize) -> Option<&'static str> {
    described(path)?.0.names().nth(place)
}

/// The name of the first parameter of a path that is no UTF-8.
pub(crate) fn unreadable_parameter(path: &str) -> Option<&'static str> {
    let (described, path) = described(path)?;
    let parts = described.template.trim_matches('/').split('/').zip(path.trim_matches('/').split('/'));
    let mut unreadable = parts.filter(|(_, sent)| percent_decode_str(sent).decode_utf8().is_err());
    unreadable.find_map(|(name, _)| name.strip_prefix('{')?.strip_suffix('}'))
}

/// The methods that a path knows, as `Allow` lists them; none for a path that is in no document.
pub(crate) fn methods_at(path: &str) -> Option<String> {
    let (described, _) = described(path)?;
    let mut methods: Vec<_> = described.operations.iter().map(|operation| operation.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    Some(methods.join(", "))
}
