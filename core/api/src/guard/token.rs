//! The token of a request.

use poem::Request;
use poem::http::{StatusCode, header};

use crate::http::Problem;

/// The text behind `Authorization: Bearer`.
///
/// # Errors
/// 401 where there is none.
pub(super) fn bearer(request: &Request) -> Result<&str, Problem> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token.map(|(_, token)| token.trim()).ok_or_else(|| {
        let detail = "log in, and send the access token with the header `Authorization: Bearer …`";
        Problem::new(StatusCode::UNAUTHORIZED, "access.unauthenticated", detail)
            .with_header(header::WWW_AUTHENTICATE, "Bearer")
    })
}
