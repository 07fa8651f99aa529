//! `If-Match`: which version of a thing the caller means to change.

use kernel::FieldError;
use poem::http::{StatusCode, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use super::Problem;

/// The version that the caller read, from `If-Match: "3"`; none for `If-Match: *`, which means any.
///
/// Required: a change without it would overwrite what the caller has not seen.
#[derive(Debug, Clone, Copy)]
pub struct Expected(pub Option<i64>);

impl<'a> ApiExtractor<'a> for Expected {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("The `ETag` that came with what is to be changed, or `*` for any version."),
            pattern: Some(r#"^(\*|"(0|[1-9][0-9]{0,17})")$"#.to_owned()),
            example: Some(Value::from("\"1\"")),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let mut lines = request.headers().get_all(header::IF_MATCH).iter();
        let Some(sent) = lines.next() else {
            let detail = "send `If-Match` with the `ETag` of what is to be changed, so that no change is lost";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "request.version_required", detail).into());
        };
        let alone = sent.to_str().ok().filter(|_| lines.next().is_none());
        alone.and_then(parse).ok_or_else(|| {
            let detail = "must be the `ETag` of what is to be changed, such as \"3\", or *";
            Problem::of_field(FieldError::new("/header/If-Match", detail)).into()
        })
    }
}

/// The same where the caller may leave it out: none then, too.
#[derive(Debug, Clone, Copy)]
pub struct OptionalVersion(pub Option<i64>);

impl<'a> ApiExtractor<'a> for OptionalVersion {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Expected::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Expected::param_schema_ref()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        if request.headers().get(header::IF_MATCH).is_none() {
            return Ok(Self(None));
        }
        Expected::from_request(request, body, options).await.map(|expected| Self(expected.0))
    }
}

fn parse(sent: &str) -> Option<Expected> {
    if sent.trim() == "*" {
        return Some(Expected(None));
    }
    let digits = sent.trim().strip_prefix('"')?.strip_suffix('"')?;
    // Tags are compared as they are written: `"01"` is no version.
    let right = (1..=18).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    right.then(|| digits.parse().ok()).flatten().map(|version| Expected(Some(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_written_in_one_way() {
        let version = |sent| parse(sent).map(|expected| expected.0);
        assert_eq!(version("\"1\""), Some(Some(1)));
        assert_eq!(version(" * "), Some(None));
        for wrong in ["\"01\"", "1", "\"\"", "W/\"1\"", "\"1\", \"2\"", "\"-1\"", "\"1234567890123456789\"", ""] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
    }
}
