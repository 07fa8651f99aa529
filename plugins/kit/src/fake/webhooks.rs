//! Telling the shop, signed.

use std::time::Duration;

use hmac::{Hmac, Mac as _};
use reqwest::{Method, Request};
use sha2::Sha256;
use tokio::time::sleep;
use url::Url;

use super::state::{State, milliseconds};
use super::{Shared, webhook_secret};
use crate::visit;

/// How long it waits before it tries once more.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5)];

/// What is sent of a payment: headers and body.
pub(super) fn message(state: &State, reference: &str) -> Option<(Vec<(String, String)>, String)> {
    let account = &state.payments.get(reference)?.account;
    let (time, body) = (milliseconds(), state.told(reference)?.to_string());
    let mut sum = Hmac::<Sha256>::new_from_slice(webhook_secret(account).as_bytes()).ok()?;
    sum.update(format!("{time}.{body}").as_bytes());
    let signature: String = sum.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let header = |name: &str, value: String| (name.to_owned(), value);
    let headers = vec![
        header("content-type", "application/json".to_owned()),
        header("fake-time", time.to_string()),
        header("fake-signature", signature),
    ];
    Some((headers, body))
}

/// Sends it in the background: three tries.
pub(super) fn send(shared: &Shared, reference: &str) {
    let to = shared.lock().payments.get(reference).map(|payment| payment.asked.webhook_url.clone());
    let Some(url) = to.and_then(|url| Url::parse(&url).ok()) else { return };
    let (shared, reference) = (shared.clone(), reference.to_owned());
    tokio::spawn(async move {
        for pause in AGAIN {
            sleep(pause).await;
            let Some((headers, body)) = message(&shared.lock(), &reference) else { return };
            let mut request = Request::new(Method::POST, url.clone());
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (name.parse::<reqwest::header::HeaderName>(), value.parse()) {
                    request.headers_mut().insert(name, value);
                }
            }
            *request.body_mut() = Some(body.into());
            match visit::send(request).await {
                Ok(200..=299) => return,
                Ok(status) => tracing::warn!("The shop answers a webhook with {status}"),
                Err(why) => tracing::warn!("The shop was not reached by a webhook: {why}"),
            }
        }
    });
}
