//! Pictures, as browsers load them: below no store's host, because their names tell whose they are and nobody guesses them.

use std::sync::Arc;

use domain::images::Key;
use poem::http::{HeaderMap, StatusCode, header};
use poem::web::{Data, Path};
use poem::{Endpoint, Response, get, handler};
use tenants::Named;
use tenants::registry::StoreStatus;

use crate::App;
use crate::http::{Problem, is_listed};

/// What is written under a name never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// A picture runs nothing and loads nothing, even opened by itself.
const POLICY: &str = "default-src 'none'; sandbox";

pub(crate) fn object() -> impl Endpoint {
    get(show)
}

#[handler]
async fn show(
    app: Data<&Arc<App>>,
    headers: &HeaderMap,
    Path((store, file)): Path<(String, String)>,
) -> poem::Result<Response> {
    let key = Key::parse(&store, &file).ok_or_else(missing)?;
    let store = app.directory.find(&Named::Id(key.store())).await.map_err(|err| Problem::of(&*err))?;
    if store.is_none_or(|store| store.status != StoreStatus::Active) {
        return Err(missing().into());
    }
    let etag = format!("\"{}\"", key.file());
    let response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::CACHE_CONTROL, FOR_GOOD)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    let sent = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if sent.is_some_and(|tags| is_listed(&etag, tags)) {
        // To say "unchanged" of what is not there would be a lie.
        let is_there = app.studio.has_object(&key).await.map_err(unreached)?;
        return Ok(is_there.then(|| response.status(StatusCode::NOT_MODIFIED).finish()).ok_or_else(missing)?);
    }
    let bytes = app.studio.object(&key).await.map_err(unreached)?.ok_or_else(missing)?;
    Ok(response.content_type(key.format().media_type()).body(bytes))
}

fn unreached(err: domain::images::ObjectError) -> Problem {
    Problem::of(&domain::images::ImageError::from(err))
}

/// One and the same for whatever is not there, whoever's it would be.
fn missing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "images.no_picture_here", "there is no picture at this address")
}
