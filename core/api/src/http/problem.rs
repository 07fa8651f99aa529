//! Problems (RFC 9457): the one shape of every refusal.

use std::fmt;
use std::marker::PhantomData;

use kernel::{DomainError, FieldError, Kind};
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Response, error::ResponseError};
use serde_json::{Value, json};

/// Fields that a problem names, at most.
const MOST_ERRORS: usize = 20;

/// Why a request is refused, for the caller to read. Inner causes were logged where they became one of these.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// The stable public name, dotted.
    pub code: &'static str,
    /// What happened, and what would help.
    pub detail: String,
    /// The fields that are to blame.
    pub errors: Vec<FieldError>,
    /// What else there is to know, for programs.
    pub members: Vec<(&'static str, Value)>,
    /// Headers that belong to the refusal: `Retry-After`, `Allow`, `WWW-Authenticate` …
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A refusal without fields.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), members: Vec::new(), headers: Vec::new() }
    }

    /// A refusal of one field, well-formed but wrong.
    pub fn of_field(field: FieldError) -> Self {
        let detail = "a field is not as it must be; see `errors`";
        let errors = vec![field];
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "request.invalid", detail) }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.push((name, value));
        }
        self
    }

    /// The same with a member of its own (RFC 9457, 3.2).
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// The body, for the request of this id.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Value {
        let errors: Vec<_> = self
            .errors
            .iter()
            .take(MOST_ERRORS)
            .map(|field| json!({ "pointer": field.pointer, "detail": field.detail }))
            .collect();
        let mut body = json!({
            "type": format!("urn:stoa:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Refused"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "errors": errors,
            "request_id": request_id,
        });
        for (name, value) in &self.members {
            body[*name] = value.clone();
        }
        body
    }

    /// The whole answer, for the request of this id.
    #[must_use]
    pub fn response(&self, request_id: &str) -> Response {
        let mut response = Response::builder()
            .status(self.status)
            .content_type("application/problem+json")
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.body(request_id).to_string());
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response
    }

    /// The problem that an error of the domain is to a caller. Its causes are logged.
    pub fn of(err: &dyn DomainError) -> Self {
        let status = match err.kind() {
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Stale => StatusCode::PRECONDITION_FAILED,
            Kind::VersionRequired => StatusCode::PRECONDITION_REQUIRED,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            log_causes(err);
        }
        let mut problem = Self { errors: err.fields(), ..Self::new(status, err.code(), err.to_string()) };
        if let Some(seconds) = err.retry_after_seconds() {
            problem = problem.with_header(header::RETRY_AFTER, seconds.to_string());
        }
        if status == StatusCode::UNAUTHORIZED {
            problem = problem.with_header(header::WWW_AUTHENTICATE, "Bearer");
        }
        problem
    }
}

/// Inner causes are logged here, once, and never sent.
fn log_causes(err: &dyn DomainError) {
    let mut causes = String::new();
    let mut cause = std::error::Error::source(err);
    while let Some(inner) = cause {
        causes = format!("{causes}: {inner}");
        cause = inner.source();
    }
    tracing::error!(code = err.code(), "{err}{causes}");
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn as_response(&self) -> Response {
        self.response("")
    }
}

impl<E: DomainError> From<E> for Problem {
    fn from(err: E) -> Self {
        Self::of(&err)
    }
}

/// A refusal by an operation that documents the statuses `S`.
pub struct Fail<S>(Problem, PhantomData<fn() -> S>);

impl<S, E: Into<Problem>> From<E> for Fail<S> {
    fn from(err: E) -> Self {
        Self(err.into(), PhantomData)
    }
}

impl<S> From<Fail<S>> for poem::Error {
    fn from(fail: Fail<S>) -> Self {
        fail.0.into()
    }
}
