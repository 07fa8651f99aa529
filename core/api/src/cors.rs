//! Cross-origin requests (Fetch standard): a store's APIs answer pages of its own host and of the origins that its
//! staff allowed, and nobody's else.

use std::sync::Arc;

use kernel::Text as _;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse as _, Middleware, Request, Response};
use tenants::registry::Store;

use crate::http::Problem;
use crate::resolve::Resolved;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str =
    "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Stoa-Store, Stoa-Cart, Stoa-Order-Token";
const ANSWER_HEADERS: &str = "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Stoa-Request-Id";

/// Answers preflights, and marks answers for the pages that may read them. Stands behind [`crate::resolve::Resolve`].
/// Holds how the surface finds its store: what it does not show has no origins either.
pub(crate) struct Cors(pub(crate) Finds);

type Finds = fn(&Resolved) -> Result<&Arc<Store>, Problem>;

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        CorsEndpoint { inner, finds: self.0 }
    }
}

pub(crate) struct CorsEndpoint<E> {
    inner: E,
    finds: Finds,
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
            return Ok(self.inner.call(request).await?.into_response());
        };
        let allowed = is_allowed(&request, &origin, self.finds);
        let preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = if preflight {
            Response::builder().status(StatusCode::NO_CONTENT).finish()
        } else {
            match self.inner.call(request).await {
                Ok(answer) => answer.into_response(),
                // A page must be able to read why it was refused.
                Err(err) => return Err(mark_error(err, allowed, &origin)),
            }
        };
        mark(response.headers_mut(), allowed, &origin);
        if preflight && allowed {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
        Ok(response)
    }
}

/// The origin that a refused request came from, if it may read the refusal; kept with the error until it is written.
#[derive(Clone)]
pub(crate) struct ReadableBy(HeaderValue);

impl ReadableBy {
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        mark(headers, true, &self.0);
    }
}

fn mark_error(mut err: poem::Error, allowed: bool, origin: &HeaderValue) -> poem::Error {
    if allowed {
        err.set_data(ReadableBy(origin.clone()));
    }
    err
}

fn is_allowed(request: &Request, origin: &HeaderValue, finds: Finds) -> bool {
    let Some(store) = request.data::<Resolved>().and_then(|resolved| finds(resolved).ok()) else { return false };
    let Ok(origin) = origin.to_str() else { return false };
    store.allowed_origins.iter().any(|allowed| allowed.as_str() == origin)
}

fn mark(headers: &mut HeaderMap, allowed: bool, origin: &HeaderValue) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
    }
}
