//! Pages for people: the three documents, in Scalar and in Swagger UI. Everything is in the binary; the browser is told
//! to ask nobody else.

use poem::http::{StatusCode, header};
use poem::{Endpoint, Response, Route, endpoint::make_sync};

use crate::documents::{Document, documents};

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

fn page(body: String) -> impl Endpoint<Output = Response> {
    make_sync(move |_| {
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .body(body.clone())
    })
}

/// `/docs` and what is below it.
pub(crate) fn pages() -> impl Endpoint {
    documents().iter().fold(
        Route::new().at("/", page(HOME.to_owned())),
        |route, Document { name, scalar, swagger, .. }| {
            route.at(format!("/{name}"), page(scalar.clone())).at(format!("/{name}/swagger"), page(swagger.clone()))
        },
    )
}

/// `/`: there is nothing else to see.
pub(crate) fn home() -> impl Endpoint {
    make_sync(|_| Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, "/docs").finish())
}

/// The document of one surface.
pub(crate) fn document(name: &str) -> impl Endpoint {
    let json = documents().iter().find(|document| document.name == name).map(|document| document.json.clone());
    make_sync(move |_| Response::builder().content_type("application/json").body(json.clone().unwrap_or_default()))
}
