//! Bodies that are pictures: bytes, of bounded size and patience. Taken by the operation, when it is ready for them.

use std::time::Duration;

use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::Problem;
use super::body::{binary, media_type, within};

/// What may be declared; what the bytes really are is seen when they are decoded.
const TYPES: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/gif", "application/octet-stream"];
/// How long a picture may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bytes of a picture of at most `MAX` bytes, still to be read.
pub struct Picture<const MAX: usize>(poem::Body);

impl<'a, const MAX: usize> ApiExtractor<'a> for Picture<MAX> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let media_type = |content_type: &&'static str| MetaMediaType { content_type, schema: binary() };
        let description = Some(
            "The file itself, not a form: in a browser `fetch(url, {method: \"POST\", body: file})`, with curl `--data-binary @photo.jpg`.",
        );
        Some(MetaRequest { description, content: TYPES.iter().map(media_type).collect(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !TYPES.contains(&media_type(request).as_str()) {
            let detail = format!("send the picture itself, with a `Content-Type` of these: {}", TYPES.join(", "));
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail);
            return Err(problem.with_header(header::ACCEPT, TYPES.join(", ")).into());
        }
        Ok(Self(body.take()?))
    }
}

impl<const MAX: usize> Picture<MAX> {
    /// Reads the bytes.
    ///
    /// # Errors
    /// 413 where there are more than `MAX`, 408 where they do not come in time.
    pub async fn read(self) -> Result<Bytes, Problem> {
        within(self.0, MAX, PATIENCE).await
    }
}
