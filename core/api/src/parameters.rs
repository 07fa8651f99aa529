//! Parameters behind the question mark: those that an operation does not know, and those that are there twice, are
//! refused. A misspelt filter would list everything.

use std::collections::HashSet;

use kernel::FieldError;
use poem::{Endpoint, IntoResponse as _, Middleware, Request, Response};

use crate::documents::operation_at;
use crate::http::{Problem, escape};

/// Looks at the parameters of a request before its operation does.
pub(crate) struct Parameters;

impl<E: Endpoint> Middleware<E> for Parameters {
    type Output = Checked<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Checked(inner)
    }
}

pub(crate) struct Checked<E>(E);

impl<E: Endpoint> Endpoint for Checked<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        check(&request)?;
        Ok(self.0.call(request).await?.into_response())
    }
}

fn check(request: &Request) -> Result<(), Problem> {
    if request.original_uri().query().is_none_or(str::is_empty) {
        return Ok(());
    }
    // What is in no document is refused for that.
    let Some(operation) = operation_at(request.original_uri().path(), request.method()) else { return Ok(()) };
    // Gateways choose what they send.
    if operation.takes_anything() {
        return Ok(());
    }
    let sent: Vec<(String, String)> = request.params().unwrap_or_default();
    let mut seen = HashSet::new();
    let wrong = sent.iter().find_map(|(name, _)| match operation.in_query(name) {
        None => Some((name, "is not a parameter of this operation")),
        Some(known) if !seen.insert(name) && !known.repeats => Some((name, "is there twice")),
        Some(_) => None,
    });
    match wrong {
        None => Ok(()),
        Some((name, why)) => Err(Problem::of_field(FieldError::new(format!("/query/{}", escape(name)), why))),
    }
}
