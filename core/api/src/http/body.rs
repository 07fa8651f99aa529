//! Bodies: JSON, of bounded size and patience, that names the field which is wrong.

use std::time::Duration;

use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Request, RequestBody, error::ReadBodyError};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;

use kernel::FieldError;

use super::Problem;
use super::objects::Objects;

/// The largest body that is read: 1 MiB.
const LARGEST: usize = 1024 * 1024;
/// Characters of a field's name that a refusal shows, at most.
const LONGEST_NAME: usize = 100;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body.
pub struct Body<T>(pub T);

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(Self::with_bytes(request, body).await?.0))
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// The body, and the bytes that it was read from.
    pub(super) async fn with_bytes(request: &Request, body: &mut RequestBody) -> poem::Result<(T, Bytes)> {
        require_json(request)?;
        require_plain(request)?;
        let bytes = read(body.take()?, PATIENCE).await?;
        Ok((parse(&bytes)?, bytes))
    }
}

/// The media type that a body is sent as, in small letters and without parameters.
pub(super) fn media_type(request: &Request) -> String {
    let sent = request.content_type().unwrap_or("");
    sent.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Bytes, in a document.
pub(super) fn binary() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema { format: Some("binary"), ..MetaSchema::new("string") }))
}

fn require_json(request: &Request) -> Result<(), Problem> {
    let essence = media_type(request);
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let detail = "send JSON, with the header `Content-Type: application/json`";
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail);
    Err(problem.with_header(header::ACCEPT, "application/json"))
}

/// What is compressed is not unpacked: a few bytes could become very many.
pub(super) fn require_plain(request: &Request) -> Result<(), Problem> {
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    if codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let detail = "send the body as it is, without `Content-Encoding`";
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_encoding", detail);
    Err(problem.with_header(header::ACCEPT_ENCODING, "identity"))
}

async fn read(body: poem::Body, patience: Duration) -> Result<Bytes, Problem> {
    within(body, LARGEST, patience).await
}

/// Reads a body of at most `largest` bytes that comes in time.
pub(super) async fn within(body: poem::Body, largest: usize, patience: Duration) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(patience, body.into_bytes_limit(largest)).await;
    read.map_err(|_| late(patience))?.map_err(|err| unreadable(err, largest))
}

fn late(patience: Duration) -> Problem {
    let detail = format!("the body did not come within {} seconds", patience.as_secs());
    Problem::new(StatusCode::REQUEST_TIMEOUT, "request.timeout", detail).with_header(header::CONNECTION, "close")
}

fn unreadable(err: ReadBodyError, largest: usize) -> Problem {
    if matches!(err, ReadBodyError::PayloadTooLarge) {
        let detail = format!("a body has at most {largest} bytes here");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail);
    }
    Problem::new(StatusCode::BAD_REQUEST, "request.unreadable", "the body could not be read to its end")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|err| {
        let pointer = pointer(err.path());
        refused(&pointer, err.inner())
    })?;
    json.end().map_err(|err| not_json(&err))?;
    Ok(value)
}

fn refused(pointer: &str, err: &serde_json::Error) -> Problem {
    if !err.is_data() {
        return not_json(err);
    }
    let text = err.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    Problem::of_field(field(pointer, text))
}

fn not_json(err: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "request.bad_json", format!("the body is not JSON that can be read: {err}"))
}

/// Puts what serde says into words that do not repeat what was sent.
fn field(pointer: &str, text: &str) -> FieldError {
    if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return FieldError::new(format!("{pointer}/{}", escape(name)), "is required");
    }
    if text.starts_with("unknown field `") {
        return FieldError::new(pointer.to_owned(), "is not a field of this body");
    }
    if let Some(name) = text.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next()) {
        return FieldError::new(format!("{pointer}/{}", escape(name)), "is there twice");
    }
    let wrong = ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|start| text.starts_with(start));
    match text.rsplit_once(", expected ") {
        Some((_, expected)) if wrong => FieldError::new(pointer.to_owned(), format!("must be {expected}")),
        _ => FieldError::new(pointer.to_owned(), text.to_owned()),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => "/?".to_owned(),
        })
        .collect()
}

/// A name as a part of a JSON pointer; one that is too long to be ours is cut.
pub(crate) fn escape(name: &str) -> String {
    let shown = name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end]);
    shown.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use kernel::{Line, Text as _};
    use serde::Deserialize;

    use super::*;
    use crate::http::{Entries, In, List, MoneyBody};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Lamp {
        #[expect(dead_code, reason = "read by the parser alone")]
        name: In<Line<10>>,
        #[expect(dead_code, reason = "read by the parser alone")]
        prices: Vec<MoneyBody>,
    }

    fn refusal(json: &str) -> (u16, String) {
        let problem = parse::<Lamp>(json.as_bytes()).err().unwrap();
        let pointer = problem.errors.first().map(|field| field.pointer.to_string());
        (problem.status.as_u16(), pointer.unwrap_or_default())
    }

    #[test]
    fn every_refusal_names_its_field() {
        let cases = [
            (r#"{"name": 5, "prices": []}"#, 422, "/name"),
            (r#"{"name": "a far too long name", "prices": []}"#, 422, "/name"),
            (r#"{"name": "a\u0000b", "prices": []}"#, 422, "/name"),
            (r#"{"prices": []}"#, 422, "/name"),
            (r#"{"name": "a", "name": "b", "prices": []}"#, 422, "/name"),
            (r#"{"name": "a", "prices": [], "tenant_id": 1}"#, 422, "/tenant_id"),
            (r#"{"name": "a", "prices": [{"amount": -1, "currency": "EUR"}]}"#, 422, "/prices/0/amount"),
            (
                r#"{"name": "a", "prices": [{"amount": 99999999999999999999, "currency": "EUR"}]}"#,
                422,
                "/prices/0/amount",
            ),
            (r#"{"name": "a", "prices": [{"amount": 1e400, "currency": "EUR"}]}"#, 422, "/prices/0/amount"),
            (r#"{"name": "a", "prices": [{"amount": 1.5, "currency": "EUR"}]}"#, 422, "/prices/0/amount"),
            (r#"{"name": "a", "prices": [{"amount": "1", "currency": "EUR"}]}"#, 422, "/prices/0/amount"),
            (r#"{"name": "a", "prices": [{"amount": 1, "currency": "XXX"}]}"#, 422, "/prices/0/currency"),
            (r#"{"name": "\ud800", "prices": []}"#, 400, ""),
            (r#"{"name": "a", "prices": []"#, 400, ""),
            ("[]", 422, ""),
            ("", 400, ""),
            (r#"{"name": "a", "prices": []} x"#, 400, ""),
        ];
        for (json, status, pointer) in cases {
            assert_eq!(refusal(json), (status, pointer.to_owned()), "{json}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Shelf {
        lamps: List<Lamp, 1, 2>,
        tags: Option<Entries<Line<10>, Line<10>, 2>>,
    }

    fn why(json: &str) -> (String, String) {
        let problem = parse::<Shelf>(json.as_bytes()).err().unwrap();
        problem.errors.first().map(|field| (field.pointer.to_string(), field.detail.clone())).unwrap_or_default()
    }

    #[test]
    fn only_an_object_is_an_object() {
        for (json, pointer) in [
            (r#"[[], {}]"#, ""),
            (r#"{"lamps": [["a", []]]}"#, "/lamps/0"),
            (r#"{"lamps": [{"name": "a", "prices": [[1, "EUR"]]}]}"#, "/lamps/0/prices/0"),
            (r#"{"lamps": [7]}"#, "/lamps/0"),
            (r#"{"lamps": [{"name": "a", "prices": []}], "tags": []}"#, "/tags"),
        ] {
            assert_eq!(why(json), (pointer.to_owned(), "must be an object".to_owned()), "{json}");
        }
    }

    #[test]
    fn lists_and_maps_are_bounded_and_names_are_there_once() {
        let lamp = r#"{"name": "a", "prices": []}"#;
        let bounded = "must have 1 to 2 items";
        for (json, pointer, detail) in [
            (r#"{"lamps": []}"#.to_owned(), "/lamps", bounded),
            (format!(r#"{{"lamps": [{lamp},{lamp},{{}}]}}"#), "/lamps", bounded),
            (format!(r#"{{"lamps": [{lamp}], "tags": {{"a": "b", " a ": "c"}}}}"#), "/tags/ a ", "is there twice"),
            (
                format!(r#"{{"lamps": [{lamp}], "tags": {{"a": "b", "b": "c", "c": "d"}}}}"#),
                "/tags",
                "must have at most 2 entries",
            ),
        ] {
            assert_eq!(why(&json), (pointer.to_owned(), detail.to_owned()), "{json}");
        }
        let json = format!(r#"{{"lamps": [{lamp},{lamp}], "tags": {{" a ": " b "}}}}"#);
        let shelf: Shelf = parse(json.as_bytes()).unwrap();
        let tags: Vec<_> = shelf
            .tags
            .unwrap()
            .0
            .into_iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
            .collect();
        assert_eq!((shelf.lamps.0.len(), tags), (2, vec![("a".to_owned(), "b".to_owned())]));
    }

    #[test]
    fn a_long_name_is_not_sent_back() {
        let problem = parse::<Shelf>(format!(r#"{{"{}": 1}}"#, "é".repeat(5_000)).as_bytes()).err().unwrap();
        assert!(problem.errors[0].pointer.len() < 300);
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = futures_util::stream::pending::<std::io::Result<Bytes>>();
        let problem = read(poem::Body::from_bytes_stream(never), Duration::from_millis(5)).await.err().unwrap();
        assert_eq!((problem.status.as_u16(), problem.code), (408, "request.timeout"));
    }

    #[test]
    fn deep_nesting_is_refused_and_nothing_sent_is_repeated() {
        let deep = format!(r#"{{"name": {}{}, "prices": []}}"#, "[".repeat(200), "]".repeat(200));
        assert!(parse::<Lamp>(deep.as_bytes()).is_err());
        let problem = parse::<Lamp>(br#"{"name": 12345678, "prices": []}"#).err().unwrap();
        assert!(!format!("{problem:?}").contains("12345678"));
    }
}
