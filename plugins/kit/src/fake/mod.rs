//! A provider that exists nowhere else, and can all that a provider can.
//!
//! Who calls names a key that begins with `fake_`: each such key is an account of its own, and `whsec_` with the key behind it
//! signs the account's webhooks. It is for development: the provider keeps nothing when it is stopped.
//!
//! | path | what it is |
//! | --- | --- |
//! | POST `/v1/payments` | begin one: `{id, amount, currency, callback_url, webhook_url, description?, order_number?, hold?}` |
//! | GET `/v1/payments/{reference}` | where it is |
//! | POST `/v1/payments/{reference}/settle`, `/capture`, `/void`, `/refunds` | move it |
//! | GET `/v1/unsettled` | what was paid, and never settled |
//! | `/pay/{reference}` | the page with the buttons |
//! | GET `/sandbox/log` | what really happened |
//! | POST, DELETE `/sandbox/faults` | misbehave as told; behave |
//!
//! A webhook is sent when a buyer has pressed a button: the payment as JSON, with the headers `fake-time` (milliseconds since
//! 1970) and `fake-signature`, HMAC-SHA-256 of `{time}.{body}` in hexadecimal.

mod api;
mod pages;
mod state;
#[cfg(test)]
mod tests;
mod webhooks;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use poem::web::Data;
use poem::{Endpoint, EndpointExt as _, Route, get, post};

use crate::serve::Listening;
use crate::{Entry, Fault};

use state::State;
pub use state::Status;

/// The provider, until this is dropped.
#[derive(Debug)]
pub struct Provider {
    listening: Listening,
    shared: Shared,
}

#[derive(Debug, Clone)]
struct Shared {
    state: Arc<Mutex<State>>,
    /// Its address, for the links to its pages.
    address: SocketAddr,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// Where the address can't be listened on.
    pub async fn start(address: SocketAddr) -> Result<Self> {
        let state = Arc::<Mutex<State>>::default();
        let books = Arc::clone(&state);
        let listening = Listening::start(address, |address| app(Shared { state: books, address })).await?;
        let shared = Shared { state, address: listening.address };
        Ok(Self { listening, shared })
    }

    /// Its address: what `url` of the gateway is set to.
    #[must_use]
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// What really happened.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().ledger.entries()
    }

    /// Where a payment is.
    #[must_use]
    pub fn status(&self, reference: &str) -> Option<Status> {
        self.shared.lock().payments.get(reference).map(|payment| payment.status)
    }

    /// The buyer pays, without any message to the shop. Answers where their browser goes next.
    #[must_use]
    pub fn pay(&self, reference: &str) -> Option<String> {
        let mut state = self.shared.lock();
        if state.pay(reference) { state.back(reference) } else { None }
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, fault: Fault) {
        self.shared.lock().faults.add(fault);
    }

    /// The webhook that would be sent of a payment now: its headers and body.
    #[must_use]
    pub fn webhook(&self, reference: &str) -> Option<(Vec<(String, String)>, String)> {
        webhooks::message(&self.shared.lock(), reference)
    }
}

/// The secret that signs the webhooks of an account.
#[must_use]
pub fn webhook_secret(key: &str) -> String {
    format!("whsec_{key}")
}

fn app(shared: Shared) -> impl Endpoint + 'static {
    Route::new()
        .at("/v1/payments", post(api::begin))
        .at("/v1/payments/:reference", get(api::show))
        .at("/v1/payments/:reference/:what", post(api::change))
        .at("/v1/unsettled", get(api::unsettled))
        .at("/pay/:reference", get(pages::show).post(pages::press))
        .at("/sandbox/log", get(log))
        .at("/sandbox/faults", post(misbehave).delete(behave))
        .data(shared)
}

#[poem::handler]
fn log(Data(shared): Data<&Shared>) -> poem::web::Json<serde_json::Value> {
    poem::web::Json(serde_json::json!({ "entries": shared.lock().ledger.entries() }))
}

#[poem::handler]
fn misbehave(Data(shared): Data<&Shared>, fault: poem::web::Json<Fault>) {
    shared.lock().faults.add(fault.0);
}

#[poem::handler]
fn behave(Data(shared): Data<&Shared>) {
    shared.lock().faults.clear();
}
