//! Which store a request is for: by a domain of its own, by the subdomain, by the header `Stoa-Store`. The first that
//! names a store wins; the body never does.

use std::sync::Arc;

use domain::keys::KeySecret;
use kernel::Text as _;
use poem::http::{StatusCode, Version, header};
use poem::{Endpoint, Middleware, Request};
use tenants::Named;
use tenants::registry::{Store, StoreSlug, StoreStatus};

use crate::App;
use crate::http::Problem;

/// Names the store where the host does not.
const STORE: &str = "stoa-store";

/// The store of a request, whatever its status; none where no name in the request leads to one.
#[derive(Clone)]
pub(crate) struct Resolved(pub(crate) Option<Arc<Store>>);

impl Resolved {
    /// The store, if visitors may see it.
    ///
    /// # Errors
    /// One and the same 404 for a store that is unknown, suspended or gone.
    pub(crate) fn open(&self) -> Result<&Arc<Store>, Problem> {
        self.0.as_ref().filter(|store| store.status == StoreStatus::Active).ok_or_else(no_store)
    }

    /// The store, if its staff may see it.
    ///
    /// # Errors
    /// The same 404 for a store that is unknown or gone.
    pub(crate) fn staffed(&self) -> Result<&Arc<Store>, Problem> {
        self.0.as_ref().filter(|store| store.status != StoreStatus::Erased).ok_or_else(no_store)
    }
}

fn no_store() -> Problem {
    let detail = "there is no store here: name one by the host, as in acme.example.com, or by the header `Stoa-Store`";
    Problem::new(StatusCode::NOT_FOUND, "store.not_found", detail)
}

/// Resolves the store once, before anything else looks at the request.
pub(crate) struct Resolve(pub(crate) Arc<App>);

impl<E: Endpoint> Middleware<E> for Resolve {
    type Output = Resolving<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Resolving { inner, app: Arc::clone(&self.0) }
    }
}

pub(crate) struct Resolving<E> {
    inner: E,
    app: Arc<App>,
}

impl<E: Endpoint> Endpoint for Resolving<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> poem::Result<E::Output> {
        one_host(&request)?;
        let mut found = None;
        for named in names(&request, &self.app.base_domain) {
            found = self.app.directory.find(&named).await.map_err(|err| Problem::of(&*err))?;
            if found.is_some() {
                break;
            }
        }
        request.set_data(Resolved(found));
        self.inner.call(request).await
    }
}

/// Two names of a host could lead two readers of the same request to two stores (RFC 9112, section 3.2).
fn one_host(request: &Request) -> Result<(), Problem> {
    if request.headers().get_all(STORE).iter().count() > 1 {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "request.bad_host",
            "send one `Stoa-Store` header, not more",
        ));
    }
    let sent = request.headers().get_all(header::HOST).iter().count();
    if sent == 1 || (sent == 0 && request.version() != Version::HTTP_11) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::BAD_REQUEST, "request.bad_host", "send one `Host` header, neither none nor more"))
}

fn names(request: &Request, base_domain: &str) -> Vec<Named> {
    let by_host = host(request).and_then(|host| named_by_host(&host, base_domain));
    let by_header = request.headers().get(STORE).and_then(|slug| slug.to_str().ok());
    let by_header = by_header.and_then(|slug| StoreSlug::parse(slug).ok()).map(Named::Slug);
    by_host.into_iter().chain(by_header).chain(by_key(request)).collect()
}

/// The store that an API key says it is of. Whether it is one is the guard's question.
fn by_key(request: &Request) -> Option<Named> {
    let sent = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    KeySecret::presented(sent.split_once(' ')?.1.trim()).map(|secret| Named::Id(secret.store()))
}

/// The host that the client asked for, lower-case, without port or final dot. Where the target itself names one, that
/// counts (RFC 9112, section 3.2.2).
fn host(request: &Request) -> Option<String> {
    let sent = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(sent)?.to_owned();
    let name = if host.starts_with('[') {
        host.as_str()
    } else {
        host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name)
    };
    Some(name.trim_end_matches('.').to_ascii_lowercase())
}

fn named_by_host(host: &str, base_domain: &str) -> Option<Named> {
    if host.is_empty() || host == base_domain || host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return None;
    }
    match host.strip_suffix(base_domain).and_then(|rest| rest.strip_suffix('.')) {
        Some(label) => StoreSlug::parse(label).ok().map(Named::Slug),
        None => (host.len() <= 253).then(|| Named::Host(host.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(host: &str, header: Option<&str>) -> Vec<Named> {
        let mut request = Request::builder().header("host", host);
        if let Some(header) = header {
            request = request.header("stoa-store", header);
        }
        names(&request.finish(), "shops.example")
    }

    #[test]
    fn the_target_comes_before_the_host_and_there_is_one_host() {
        let asked = |hosts: &[&str], uri: &str| {
            let request = Request::builder().uri(uri.parse().unwrap());
            hosts.iter().fold(request, |request, host| request.header("host", *host)).finish()
        };
        let absolute = asked(&["other.shops.example"], "http://acme.shops.example:8080/store/v1/products");
        assert_eq!(names(&absolute, "shops.example"), [slug("acme")]);
        assert!(one_host(&absolute).is_ok());
        assert!(one_host(&asked(&[], "/")).is_err());
        assert!(one_host(&asked(&["a.shops.example", "a.shops.example"], "/")).is_err());
        let twice = Request::builder().header("host", "shops.example").header(STORE, "acme").header(STORE, "other");
        assert!(one_host(&twice.finish()).is_err());
    }

    fn slug(slug: &str) -> Named {
        Named::Slug(StoreSlug::parse(slug).unwrap())
    }

    #[test]
    fn the_host_comes_before_the_header() {
        assert_eq!(names_of("acme.shops.example:8080", Some("other")), [slug("acme"), slug("other")]);
        assert_eq!(names_of("ACME.Shops.Example.", None), [slug("acme")]);
        assert_eq!(names_of("www.acme.example", None), [Named::Host("www.acme.example".into())]);
        assert_eq!(names_of("shops.example", Some("acme")), [slug("acme")]);
        assert_eq!(names_of("127.0.0.1:8080", Some("acme")), [slug("acme")]);
        assert_eq!(names_of("[::1]:8080", None), []);
        assert_eq!(names_of("evilshops.example", None), [Named::Host("evilshops.example".into())]);
        assert_eq!(names_of("a.b.shops.example", Some("No Slug")), []);
    }
}
