//! The outermost layer: ids, logs, limits of size, and one shape for every refusal, whoever it comes from.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use kernel::FieldError;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use poem::error::{MethodNotAllowedError, NotFoundError, ParsePathError as UnreadablePath};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt as _, IntoResponse as _, Request, Response, Route};
use poem_openapi::error::{ParseParamError, ParsePathError};
use tracing::info;
use uuid::Uuid;

use crate::cors::{Cors, ReadableBy};
use crate::documents::{methods_at, operation_at, parameter_at, unreadable_parameter};
use crate::guard::RequestId;
use crate::http::Problem;
use crate::parameters::Parameters;
use crate::resolve::{Resolve, Resolved};
use crate::{App, admin, docs, health, media, platform, storefront};

const REQUEST_ID: HeaderName = HeaderName::from_static("stoa-request-id");
/// Most bytes of a request's headers, names and values together.
const HEADER_BYTES: usize = 32 * 1024;

/// Most bytes of a path that are logged.
const LOGGED_PATH: usize = 200;
/// What is not printed as it is, besides all that is no ASCII.
const UNPRINTABLE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'\\');

/// Everything that the listener serves; `development` below `/dev`.
pub fn routes(app: Arc<App>, development: Option<Route>) -> impl Endpoint<Output = Response> {
    let resolve = || Resolve(Arc::clone(&app));
    let store = storefront::service().with(Parameters).with(Cors(Resolved::open)).with(resolve());
    let staff = admin::service().with(Parameters).with(Cors(Resolved::staffed)).with(resolve());
    let routes = Route::new()
        .nest("/store/v1", store)
        .nest("/admin/v1", staff)
        .nest("/platform/v1", platform::service().with(Parameters))
        .at("/media/:store/:file", media::object())
        .nest("/docs", docs::pages())
        .at("/", docs::home())
        .at("/store/openapi.json", docs::document("storefront"))
        .at("/admin/openapi.json", docs::document("admin"))
        .at("/platform/openapi.json", docs::document("platform"))
        .at("/.well-known/jwks.json", health::jwks())
        .at("/livez", health::live())
        .at("/readyz", health::ready());
    let routes = match development {
        Some(pages) => routes.nest("/dev", pages),
        None => routes,
    };
    Outer { app: Arc::clone(&app), routes: routes.data(app) }
}

struct Outer<E> {
    app: Arc<App>,
    routes: E,
}

impl<E: Endpoint> Endpoint for Outer<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let (uuid, began) = (Uuid::now_v7(), Instant::now());
        let id = uuid.to_string();
        request.set_data(RequestId(uuid));
        let (method, path) = (request.method().clone(), shown(request.uri().path()));
        let mut response = self.answer(request, &id).await;
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let status = response.status().as_u16();
        self.app.metrics.answered(&path, status, began.elapsed());
        let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        info!(request.id = %id, http.method = %method, http.path = %path, http.status = status, took_us, "Answered {method} with {status}");
        Ok(response)
    }
}

/// A path for the log: as it was sent, its other bytes percent-encoded, and not too long.
fn shown(path: &str) -> String {
    let mut shown: String = utf8_percent_encode(path, UNPRINTABLE).take(LOGGED_PATH).collect();
    shown.truncate(LOGGED_PATH);
    shown
}

impl<E: Endpoint> Outer<E> {
    async fn answer(&self, request: Request, id: &str) -> Response {
        if let Err(problem) = bounded(&request) {
            return problem.response(id);
        }
        let head = request.method() == Method::HEAD;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        match AssertUnwindSafe(self.routes.call(request)).catch_unwind().await {
            Ok(Ok(answer)) => without_body(head, answer.into_response()),
            Ok(Err(err)) => without_body(head, refused(err, id, &method, &path)),
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
fn refused(err: poem::Error, id: &str, method: &Method, path: &str) -> Response {
    let readable_by = err.data::<ReadableBy>().cloned();
    let problem = match err.downcast_ref::<Problem>() {
        Some(problem) => problem.clone(),
        None => translated(&err, method, path),
    };
    let mut response = problem.response(id);
    if let Some(readable_by) = readable_by {
        readable_by.mark(response.headers_mut());
    }
    response
}

fn translated(err: &poem::Error, method: &Method, path: &str) -> Problem {
    if let Some(err) = err.downcast_ref::<ParseParamError>() {
        return bad_parameter(method, path, "query", err.name, &err.reason);
    }
    if let Some(err) = err.downcast_ref::<ParsePathError>() {
        // poem-openapi numbers the parameters of a path; the document knows their names.
        let place = err.name.strip_prefix("param").and_then(|number| number.parse().ok());
        let name = place.and_then(|place| parameter_at(path, place)).unwrap_or(err.name);
        return bad_parameter(method, path, "path", name, &err.reason);
    }
    if let Some(name) = unreadable_parameter(path).filter(|_| err.is::<UnreadablePath>()) {
        return Problem::of_field(FieldError::new(format!("/path/{name}"), "must be UTF-8, percent-encoded"));
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

/// Says the rule that the document gives, or else the reason of whoever refused it.
fn bad_parameter(method: &Method, path: &str, place: &str, name: &str, reason: &str) -> Problem {
    let known = operation_at(path, method).and_then(|operation| operation.parameter(name));
    let place = known.map_or(place, |known| known.place.as_str());
    let why = reason.split_once("\": ").map_or(reason, |(_, why)| why);
    let why = why.split_once(" (occurred while parsing").map_or(why, |(why, _)| why);
    let detail = known.and_then(|known| known.rule.as_deref()).unwrap_or(why);
    Problem::of_field(FieldError::new(format!("/{place}/{name}"), detail.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_path_is_printable_and_short() {
        assert_eq!(shown("/store/v1/a%20b"), "/store/v1/a%20b");
        assert_eq!(shown("/\u{202e}\u{1b}[0m"), "/%E2%80%AE%1B[0m");
        assert_eq!(shown(&format!("/{}", "é".repeat(40_000))).len(), LOGGED_PATH);
    }
}
