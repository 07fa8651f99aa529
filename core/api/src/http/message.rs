//! Requests of those who read no document of ours, buyers' browsers that come back from paying and providers that call: taken
//! as they are, of bounded size.

use std::time::Duration;

use gateway::KeyValue;
use poem::http::{HeaderMap, StatusCode, header};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaResponses, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};

use super::answer::{described, set};
use super::body::{binary, within};

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Parameters, and headers, that are handed on.
const MOST: usize = 100;

/// A request with a body of at most `MAX` bytes, whatever is in it.
pub struct Message<const MAX: usize> {
    /// What is behind the question mark.
    pub query: Vec<KeyValue>,
    /// The headers but those that say who somebody is; names are in small letters.
    pub headers: Vec<KeyValue>,
    /// The body.
    pub body: Vec<u8>,
}

impl<'a, const MAX: usize> ApiExtractor<'a> for Message<MAX> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/octet-stream", schema: binary() }];
        Some(MetaRequest { description: Some("Whatever the gateway sends."), content, required: false })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let query = query(request);
        let body = match body.take() {
            Ok(body) => within(body, MAX, PATIENCE).await?.to_vec(),
            Err(_) => Vec::new(),
        };
        Ok(Self { query, headers: handed_on(request.headers()), body })
    }
}

fn query(request: &Request) -> Vec<KeyValue> {
    let query: Vec<(String, String)> = request.params().unwrap_or_default();
    query.into_iter().take(MOST).map(|(key, value)| KeyValue { key, value }).collect()
}

/// What is behind the question mark of a request, whatever it is.
pub struct AnyQuery(pub Vec<KeyValue>);

impl<'a> FromRequest<'a> for AnyQuery {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(query(request)))
    }
}

fn handed_on(headers: &HeaderMap) -> Vec<KeyValue> {
    let of_us = |name: &header::HeaderName| matches!(*name, header::AUTHORIZATION | header::COOKIE);
    let read = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some(KeyValue { key: name.as_str().to_owned(), value: value.to_str().ok()?.to_owned() })
    };
    headers.iter().filter(|(name, _)| !of_us(name)).filter_map(read).take(MOST).collect()
}

/// 303: the browser goes on to this address.
pub struct SentBack(pub String);

impl IntoResponse for SentBack {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        set(&mut response, header::LOCATION, &self.0);
        set(&mut response, header::CACHE_CONTROL, "no-store");
        // The gateway's words about the payment are nobody else's business.
        set(&mut response, header::REFERRER_POLICY, "no-referrer");
        response
    }
}

impl ApiResponse for SentBack {
    fn meta() -> MetaResponses {
        let description = "The browser goes back to the shop, with `order` and `status` in the address.";
        MetaResponses { responses: vec![described(303, description, None, &["Location"])] }
    }

    fn register(_: &mut Registry) {}
}
