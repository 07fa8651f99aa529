//! What a request must be before it leaves.

use kernel::{Reach, reach};
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::{Host, Url};

use super::Outgoing;
use crate::bindings::stoa::gateway::http::{HttpError, Request};
use crate::limits::REQUEST;
use crate::secrets::{Place, Secrets};

/// What the host says itself, or what would change where a request goes and where it ends.
const OURS: [&str; 10] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "accept-encoding",
];

/// Whether this is the name of a host, or `*.` and one: lower-case, with a dot, and no address but those of this machine.
pub(crate) fn allowed_host_pattern(pattern: &str) -> bool {
    let name = pattern.strip_prefix("*.").unwrap_or(pattern);
    if name.len() > 253 || name.ends_with('.') {
        return false;
    }
    match Host::parse(name) {
        Ok(Host::Domain(parsed)) => {
            let label =
                |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
            parsed == name && name.split('.').all(label) && (name.contains('.') || pattern == "localhost")
        }
        Ok(Host::Ipv4(address)) => pattern == address.to_string() && address.is_loopback(),
        Ok(Host::Ipv6(_)) | Err(_) => false,
    }
}

/// Makes a request of what a gateway asked for, and puts its secrets in.
pub(crate) fn outgoing(
    request: Request,
    hosts: &[String],
    allow_loopback: bool,
    secrets: &Secrets,
) -> Result<Outgoing, HttpError> {
    let wrong = |why: &str| HttpError::InvalidRequest(why.to_owned());
    let headers: usize = request.headers.iter().map(|header| header.key.len() + header.value.len()).sum();
    if request.url.len() + headers + request.body.len() > REQUEST {
        return Err(wrong("the request is larger than 256 KiB"));
    }
    let method = match request.method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => return Err(wrong("the method must be GET, POST, PUT, PATCH or DELETE")),
    };
    if secrets.stand_in(request.url.as_bytes()) {
        return Err(wrong("a secret can't stand in an address"));
    }
    let url = address(&request.url, hosts, allow_loopback)?;
    let mut headers = Vec::with_capacity(request.headers.len());
    let mut place = None;
    for header in &request.headers {
        let name = HeaderName::from_bytes(header.key.as_bytes()).map_err(|_| wrong("a header has no good name"))?;
        if OURS.contains(&name.as_str()) || name.as_str().starts_with("proxy-") {
            return Err(HttpError::InvalidRequest(format!("the header `{name}` is set by the host")));
        }
        if name == "content-type" {
            place = place_in(&header.value);
        }
        let value = secrets.put_in(header.value.as_bytes(), Place::Header);
        // Refuses line breaks and other control characters, in secrets as well.
        let mut value = HeaderValue::from_bytes(&value).map_err(|_| wrong("a header has no good value"))?;
        value.set_sensitive(true);
        headers.push((name, value));
    }
    let body = match place {
        Some(place) => secrets.put_in(&request.body, place),
        None if secrets.stand_in(&request.body) => {
            return Err(wrong("a secret stands in bodies of JSON and in forms only: say so in `content-type`"));
        }
        None => request.body,
    };
    Ok(Outgoing { method, url, headers, body })
}

fn place_in(content_type: &str) -> Option<Place> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => Some(Place::Json),
        "application/x-www-form-urlencoded" => Some(Place::Form),
        kind if kind.ends_with("+json") => Some(Place::Json),
        _ => None,
    }
}

/// An address that the gateway may reach, as far as its name tells.
fn address(text: &str, hosts: &[String], allow_loopback: bool) -> Result<Url, HttpError> {
    let wrong = |why: &str| HttpError::InvalidRequest(why.to_owned());
    // Read in two ways by two programs; nobody needs them.
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(wrong("an address has no spaces, control characters and backslashes"));
    }
    let url = Url::parse(text).map_err(|_| wrong("this is no address"))?;
    let refused = || HttpError::HostNotAllowed(url.host_str().unwrap_or_default().chars().take(253).collect());
    let host = url.host().ok_or_else(|| wrong("the address has no host"))?;
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err(wrong("an address has no user and no password"));
    }
    let own = match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => is_own(address.into()).ok_or_else(refused)?,
        Host::Ipv6(address) => is_own(address.into()).ok_or_else(refused)?,
    };
    // In development every gateway may reach this machine: providers on trial run here.
    let name = url.host_str().unwrap_or_default();
    if !(own && allow_loopback || hosts.iter().any(|pattern| matches(pattern, name))) {
        return Err(refused());
    }
    match (url.scheme(), own) {
        (_, true) if !allow_loopback => Err(refused()),
        ("http" | "https", true) => Ok(url),
        ("https", false) if url.port().is_none() => Ok(url),
        ("https", false) => Err(wrong("only the usual port of https can be reached")),
        _ => Err(wrong("only https can be reached")),
    }
}

/// What stands between the scheme and the path, as it was written: `https:a@b` and `https:///a@b` are read as `a@b`, too.
fn authority(text: &str) -> &str {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest).trim_start_matches('/');
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}

/// Whether an address is this machine's; none where it is one that nobody may reach.
fn is_own(address: std::net::IpAddr) -> Option<bool> {
    match reach(address) {
        Reach::Public => Some(false),
        Reach::Loopback => Some(true),
        Reach::Hidden => None,
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        // With its dot: `*.example.com` is nothing of `badexample.com`, nor `example.com` itself.
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => pattern == name,
    }
}
