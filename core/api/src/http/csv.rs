//! Files of CSV: taken in piece by piece, and handed out piece by piece. Nobody holds a whole one.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use tokio::time::{Instant, timeout, timeout_at};

use super::Problem;
use super::answer::set;
use super::body::{binary, media_type, require_plain};

const CSV: &str = "text/csv";
/// How long the next bytes may take to come.
const SILENCE: Duration = Duration::from_secs(30);
/// How long the whole file may take to come.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A file of at most `MAX` bytes, still to be read.
pub struct CsvBody<const MAX: usize>(poem::Body);

impl<'a, const MAX: usize> ApiExtractor<'a> for CsvBody<MAX> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let description = Some("The file itself, not a form: with curl `--data-binary @products.csv`.");
        let content = vec![MetaMediaType { content_type: CSV, schema: binary() }];
        Some(MetaRequest { description, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if media_type(request) != CSV {
            let detail = "send the file itself, with the header `Content-Type: text/csv`";
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail);
            return Err(problem.with_header(header::ACCEPT, CSV).into());
        }
        let sent = request.content_type().unwrap_or("");
        let charset = sent.split(';').skip(1).filter_map(|part| part.trim().split_once('='));
        let mut charset = charset.filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
        if charset.any(|(_, name)| !name.trim_matches('"').eq_ignore_ascii_case("utf-8")) {
            let detail = "send the file as UTF-8: spreadsheets can save it so";
            return Err(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", detail).into()
            );
        }
        require_plain(request)?;
        let announced = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MAX) {
            return Err(too_large(MAX).into());
        }
        Ok(Self(body.take()?))
    }
}

fn too_large(most: usize) -> Problem {
    let detail = format!("a file has at most {most} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail)
}

impl<const MAX: usize> CsvBody<MAX> {
    /// Its bytes, to be read in pieces.
    pub fn pieces(self) -> Pieces<MAX> {
        let stream = Box::pin(self.0.into_bytes_stream());
        Pieces { stream, waiting: BytesMut::new(), read: 0, until: Instant::now() + PATIENCE }
    }
}

/// The bytes of a file, as they come.
pub struct Pieces<const MAX: usize> {
    stream: std::pin::Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
    waiting: BytesMut,
    read: usize,
    until: Instant,
}

impl<const MAX: usize> Pieces<MAX> {
    /// The next `size` bytes; fewer at the end, and none behind it.
    ///
    /// # Errors
    /// 413 where the file is too large, 408 where it does not come in time, 400 where it breaks off.
    pub async fn next(&mut self, size: usize) -> Result<Bytes, Problem> {
        while self.waiting.len() < size {
            let coming = timeout_at(self.until, timeout(SILENCE, self.stream.next()));
            let Ok(Ok(came)) = coming.await else {
                let detail = "the file did not come in time";
                let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "request.timeout", detail);
                return Err(problem.with_header(header::CONNECTION, "close"));
            };
            let Some(bytes) = came else { break };
            let bytes = bytes.map_err(|_| {
                let detail = "the file could not be read to its end";
                Problem::new(StatusCode::BAD_REQUEST, "request.unreadable", detail)
            })?;
            self.read += bytes.len();
            if self.read > MAX {
                return Err(too_large(MAX));
            }
            self.waiting.extend_from_slice(&bytes);
        }
        let size = size.min(self.waiting.len());
        Ok(self.waiting.split_to(size).freeze())
    }
}

/// 200 with a file to be saved, read as it goes.
pub struct CsvFile {
    name: String,
    length: i64,
    body: poem::Body,
}

impl CsvFile {
    /// A file of `length` bytes, of these pieces.
    pub fn new<E>(name: String, length: i64, pieces: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let pieces = pieces.map(|piece| piece.map_err(std::io::Error::other));
        Self { name, length, body: poem::Body::from_bytes_stream(pieces) }
    }
}

impl IntoResponse for CsvFile {
    fn into_response(self) -> Response {
        let mut response = Response::builder().content_type("text/csv; charset=utf-8").body(self.body);
        set(&mut response, header::CACHE_CONTROL, "no-store");
        set(&mut response, header::CONTENT_LENGTH, &self.length.to_string());
        set(&mut response, header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{}\"", self.name));
        response
    }
}

impl ApiResponse for CsvFile {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "text/csv; charset=utf-8", schema: binary() }];
        let response = MetaResponse {
            description: "Here it is.",
            status: Some(200),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![response] }
    }

    fn register(_: &mut Registry) {}
}
