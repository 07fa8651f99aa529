//! What machines ask: is it alive, is it ready, which keys sign its tokens.

use std::sync::Arc;

use chrono::Utc;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Endpoint, IntoResponse, Response, get, handler};

use crate::App;
use crate::http::Problem;

pub(crate) fn live() -> impl Endpoint {
    get(is_live)
}

pub(crate) fn ready() -> impl Endpoint {
    get(is_ready)
}

pub(crate) fn jwks() -> impl Endpoint {
    get(key_set)
}

/// The process runs. Asks nobody else: a database that is away is no reason to end the process.
#[handler]
fn is_live() -> impl IntoResponse {
    Response::builder().content_type("application/json").body(r#"{"status":"live"}"#)
}

/// The process can do its work: it is not about to stop, and the database answers.
#[handler]
async fn is_ready(app: Data<&Arc<App>>) -> poem::Result<Response> {
    if app.is_draining() {
        let detail = "the process is about to stop; ask another";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "service.draining", detail).into());
    }
    app.tenants.ping().await.map_err(Problem::from)?;
    Ok(Response::builder().content_type("application/json").body(r#"{"status":"ready"}"#))
}

/// The public keys of the deployment (RFC 7517).
#[handler]
fn key_set(app: Data<&Arc<App>>) -> Response {
    Response::builder()
        .content_type("application/jwk-set+json")
        .header(header::CACHE_CONTROL, "public, max-age=300")
        .body(app.tokens.jwks(Utc::now()).to_string())
}
