//! Bodies that are components of WebAssembly: bytes, of bounded size and patience. Taken by the operation, when it is ready for
//! them.

use std::time::Duration;

use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::Problem;
use super::body::{binary, media_type, within};

const TYPE: &str = "application/wasm";
/// How long a component may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bytes of a component of at most `MAX` bytes, still to be read.
pub struct Component<const MAX: usize>(poem::Body);

impl<'a, const MAX: usize> ApiExtractor<'a> for Component<MAX> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let description = Some("The component itself, not a form: with curl `--data-binary @gateway.wasm`.");
        let content = vec![MetaMediaType { content_type: TYPE, schema: binary() }];
        Some(MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if media_type(request) != TYPE {
            let detail = format!("send the component itself, with the header `Content-Type: {TYPE}`");
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail);
            return Err(problem.with_header(header::ACCEPT, TYPE).into());
        }
        Ok(Self(body.take()?))
    }
}

impl<const MAX: usize> Component<MAX> {
    /// Reads the bytes.
    ///
    /// # Errors
    /// 413 where there are more than `MAX`, 408 where they do not come in time.
    pub async fn read(self) -> Result<Bytes, Problem> {
        within(self.0, MAX, PATIENCE).await
    }
}
