//! The outermost layer: ids, logs, limits of size, and one shape for every refusal, whoever it comes from.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use kernel::FieldError;
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt as _, IntoResponse as _, Request, Response, Route};
use poem_openapi::error::{ParseParamError, ParsePathError};
use tracing::info;
use uuid::Uuid;

use crate::cors::{Cors, ReadableBy};
use crate::documents::{methods_at, parameter_at};
use crate::guard::RequestId;
use crate::http::Problem;
use crate::resolve::Resolve;
use crate::{App, admin, docs, health, platform, storefront};

const REQUEST_ID: HeaderName = HeaderName::from_static("stoa-request-id");
/// Most bytes of a request's headers, names and values together.
const HEADER_BYTES: usize = 32 * 1024;

/// Everything that the listener serves.
pub fn routes(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let scoped = || (Resolve(Arc::clone(&app)), Cors);
    let (resolve, cors) = scoped();
    let store = storefront::service().with(cors).with(resolve);
    let (resolve, cors) = scoped();
    let staff = admin::service().with(cors).with(resolve);
    let routes = Route::new()
        .nest("/store/v1", store)
        .nest("/admin/v1", staff)
        .nest("/platform/v1", platform::service())
        .nest("/docs", docs::pages())
        .at("/", docs::home())
        .at("/store/openapi.json", docs::document("storefront"))
        .at("/admin/openapi.json", docs::document("admin"))
        .at("/platform/openapi.json", docs::document("platform"))
        .at("/.well-known/jwks.json", health::jwks())
        .at("/livez", health::live())
        .at("/readyz", health::ready())
        .data(app);
    Outer(routes)
}

struct Outer<E>(E);

impl<E: Endpoint> Endpoint for Outer<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let (uuid, began) = (Uuid::now_v7(), Instant::now());
        let id = uuid.to_string();
        request.set_data(RequestId(uuid));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let mut response = self.answer(request, &id).await;
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let status = response.status().as_u16();
        let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        info!(request.id = %id, http.method = %method, http.path = %path, http.status = status, took_us, "Answered {method} {path} with {status}");
        Ok(response)
    }
}

impl<E: Endpoint> Outer<E> {
    async fn answer(&self, request: Request, id: &str) -> Response {
        if let Err(problem) = bounded(&request) {
            return problem.response(id);
        }
        let head = request.method() == Method::HEAD;
        let path = request.uri().path().to_owned();
        match AssertUnwindSafe(self.0.call(request)).catch_unwind().await {
            Ok(Ok(answer)) => without_body(head, answer.into_response()),
            Ok(Err(err)) => without_body(head, refused(err, id, &path)),
            Err(_) => {
                // The panic itself was logged by the hook, with its place.
                let detail = "something went wrong on our side; it was noted under the request's id";
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "service.fault", detail).response(id)
            }
        }
    }
}

fn bounded(request: &Request) -> Result<(), Problem> {
    let bytes: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEADER_BYTES {
        let detail = format!("the headers have {bytes} bytes; at most {HEADER_BYTES} are read");
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "request.headers_too_large", detail));
    }
    Ok(())
}

fn without_body(head: bool, mut response: Response) -> Response {
    if head {
        response.take_body();
    }
    response
}

/// Turns any error into a problem: ours as they are, poem's by what they are.
fn refused(err: poem::Error, id: &str, path: &str) -> Response {
    let readable_by = err.data::<ReadableBy>().cloned();
    let problem = match err.downcast_ref::<Problem>() {
        Some(problem) => problem.clone(),
        None => translated(&err, path),
    };
    let mut response = problem.response(id);
    if let Some(readable_by) = readable_by {
        readable_by.mark(response.headers_mut());
    }
    response
}

fn translated(err: &poem::Error, path: &str) -> Problem {
    if let Some(err) = err.downcast_ref::<ParseParamError>() {
        return bad_parameter("query", err.name, &err.reason);
    }
    if let Some(err) = err.downcast_ref::<ParsePathError>() {
        // poem-openapi numbers the parameters of a path; the document knows their names.
        let place = err.name.strip_prefix("param").and_then(|number| number.parse().ok());
        let name = place.and_then(|place| parameter_at(path, place)).unwrap_or(err.name);
        return bad_parameter("path", name, &err.reason);
    }
    if err.is::<NotFoundError>() {
        return Problem::new(StatusCode::NOT_FOUND, "request.unknown_path", "there is nothing at this path; see /docs");
    }
    if err.is::<MethodNotAllowedError>() {
        let detail = "the path knows other methods; see `Allow`";
        let allow = methods_at(path).unwrap_or_else(|| "GET, HEAD".to_owned());
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "request.method_not_allowed", detail)
            .with_header(header::ALLOW, allow);
    }
    let status = err.status();
    if status.is_server_error() {
        tracing::error!("A request ended in an error that nobody expected: {err}");
    }
    Problem::new(status, "request.refused", status.canonical_reason().unwrap_or("refused"))
}

fn bad_parameter(place: &str, name: &str, reason: &str) -> Problem {
    let detail = reason.split_once("\": ").map_or(reason, |(_, why)| why);
    Problem::of_field(FieldError::new(format!("/{place}/{name}"), detail.to_owned()))
}
