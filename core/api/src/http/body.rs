//! Bodies: JSON, of bounded size, that names the field which is wrong.

use poem::http::{StatusCode, header};
use poem::{Request, RequestBody, error::ReadBodyError};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;

use kernel::FieldError;

use super::Problem;

/// The largest body that is read: 1 MiB.
const LARGEST: usize = 1024 * 1024;

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
        require_json(request)?;
        let bytes = body.take()?.into_bytes_limit(LARGEST).await.map_err(unreadable)?;
        Ok(Self(parse(&bytes)?))
    }
}

fn require_json(request: &Request) -> Result<(), Problem> {
    let sent = request.content_type().unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let detail = "send JSON, with the header `Content-Type: application/json`";
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail);
    Err(problem.with_header(header::ACCEPT, "application/json"))
}

fn unreadable(err: ReadBodyError) -> Problem {
    if matches!(err, ReadBodyError::PayloadTooLarge) {
        let detail = format!("a body has at most {LARGEST} bytes");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail);
    }
    Problem::new(StatusCode::BAD_REQUEST, "request.unreadable", "the body could not be read to its end")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|err| {
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

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use kernel::Line;
    use serde::Deserialize;

    use super::*;
    use crate::http::{In, MoneyBody};

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

    #[test]
    fn deep_nesting_is_refused_and_nothing_sent_is_repeated() {
        let deep = format!(r#"{{"name": {}{}, "prices": []}}"#, "[".repeat(200), "]".repeat(200));
        assert!(parse::<Lamp>(deep.as_bytes()).is_err());
        let problem = parse::<Lamp>(br#"{"name": 12345678, "prices": []}"#).err().unwrap();
        assert!(!format!("{problem:?}").contains("12345678"));
    }
}
