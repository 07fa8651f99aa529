//! Pages for people: the three documents, in Scalar and in Swagger UI. Everything is in the binary; the browser is told
//! to ask nobody else.

use bytes::Bytes;
use poem::http::{StatusCode, header};
use poem::{Endpoint, Response, Route, RouteMethod, endpoint::make_sync, get};

use crate::documents::{Document, documents};
use crate::http::{etag_of, is_listed};

/// Scripts and styles are in the page itself; only our own host may be called.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; \
                      img-src data: 'self'; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

const HOME: &str = r##"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stoa: API documentation</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 4rem auto; padding: 0 1.5rem; color: #1c2430; background: #fbfaf7; }
h1 { font-weight: 600; letter-spacing: -.02em; } table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .6rem .8rem .6rem 0; border-bottom: 1px solid #e4e0d6; vertical-align: top; }
a { color: #0b5a8a; } small { color: #666; }
</style></head><body>
<h1>Stoa</h1>
<p>One roof over many independent shops. Three APIs on one listener:</p>
<table>
<tr><th>Storefront</th><td>what a shop's website and apps call<br><small>/store/v1</small></td>
<td><a href="/docs/storefront">Scalar</a> · <a href="/docs/storefront/swagger">Swagger UI</a> · <a href="/store/openapi.json">document</a></td></tr>
<tr><th>Admin</th><td>what a store's staff and back office call<br><small>/admin/v1</small></td>
<td><a href="/docs/admin">Scalar</a> · <a href="/docs/admin/swagger">Swagger UI</a> · <a href="/admin/openapi.json">document</a></td></tr>
<tr><th>Platform</th><td>opening stores, running the platform<br><small>/platform/v1</small></td>
<td><a href="/docs/platform">Scalar</a> · <a href="/docs/platform/swagger">Swagger UI</a> · <a href="/platform/openapi.json">document</a></td></tr>
</table>
<p>A store is named by the host (<code>acme.localhost:8080</code>) or by the header <code>Stoa-Store: acme</code>.</p>
</body></html>
"##;

/// What never changes while the process runs: for who reads (`GET`, `HEAD`), and only once where the reader keeps it.
fn fixed(text: &'static str, kind: &'static str) -> RouteMethod {
    let etag = etag_of(text.as_bytes());
    get(make_sync(move |request| {
        let response = Response::builder()
            .header(header::ETAG, &etag)
            .header(header::CACHE_CONTROL, "public, max-age=300")
            .header(header::CONTENT_SECURITY_POLICY, POLICY);
        let sent = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        if sent.is_some_and(|tags| is_listed(&etag, tags)) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        response.content_type(kind).body(Bytes::from_static(text.as_bytes()))
    }))
}

fn page(html: &'static str) -> RouteMethod {
    fixed(html, "text/html; charset=utf-8")
}

/// `/docs` and what is below it.
pub(crate) fn pages() -> impl Endpoint {
    documents().iter().fold(Route::new().at("/", page(HOME)), |route, Document { name, scalar, swagger, .. }| {
        route.at(format!("/{name}"), page(scalar)).at(format!("/{name}/swagger"), page(swagger))
    })
}

/// `/`: there is nothing else to see.
pub(crate) fn home() -> impl Endpoint {
    get(make_sync(|_| Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, "/docs").finish()))
}

/// The document of one surface.
pub(crate) fn document(name: &str) -> impl Endpoint {
    let json = documents().iter().find(|document| document.name == name).map_or("", |document| document.json.as_str());
    fixed(json, "application/json")
}
