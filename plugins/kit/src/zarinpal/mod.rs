//! A sandbox of Zarinpal, version 4, after its documentation: the interface for payments, the page that buyers are sent to,
//! and the interface for refunds.
//!
//! | path | what it is |
//! | --- | --- |
//! | `/pg/v4/payment/{request,verify,unVerified,inquiry,reverse}.json` | the interface |
//! | `/pg/StartPay/{authority}` | the bank's page, with buttons instead of a card |
//! | `/api/v4/graphql/` | refunds |
//! | GET `/sandbox/log` | what really happened |
//! | POST, DELETE `/sandbox/faults` | misbehave as told; behave |

mod api;
mod graphql;
mod pages;
mod state;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use poem::web::Data;
use poem::{Endpoint, EndpointExt as _, Route, get, post};

use crate::serve::Listening;
use crate::{Entry, Fault};

use state::State;
pub use state::Status;

/// The sandbox, until this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    listening: Listening,
    state: Shared,
}

#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// No panic leaves half a change behind: each is one assignment.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandbox {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// Where the address can't be listened on.
    pub async fn start(address: SocketAddr) -> Result<Self> {
        let state = Shared::default();
        let app = app(state.clone());
        Ok(Self { listening: Listening::start(address, |_| app).await?, state })
    }

    /// Its address: what `sandbox_url` of the gateway is set to.
    #[must_use]
    pub fn url(&self) -> String {
        self.listening.url()
    }

    /// Its address for refunds: what `panel_url` is set to.
    #[must_use]
    pub fn panel_url(&self) -> String {
        format!("{}/api/v4/graphql/", self.url())
    }

    /// What really happened.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.state.lock().ledger.entries()
    }

    /// Where a payment is.
    #[must_use]
    pub fn status(&self, authority: &str) -> Option<Status> {
        self.state.lock().payments.get(authority).map(|payment| payment.status)
    }

    /// The buyer pays. Answers where their browser goes next.
    #[must_use]
    pub fn pay(&self, authority: &str) -> Option<String> {
        self.state.lock().pay(authority)
    }

    /// The buyer gives up. Answers where their browser goes next.
    #[must_use]
    pub fn give_up(&self, authority: &str) -> Option<String> {
        self.state.lock().give_up(authority)
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, fault: Fault) {
        self.state.lock().faults.add(fault);
    }

    /// Lets the half hour pass in which a payment can be reversed.
    pub fn let_half_an_hour_pass(&self) {
        self.state.lock().minutes_passed += 31;
    }
}

fn app(state: Shared) -> impl Endpoint + 'static {
    Route::new()
        .at("/pg/v4/payment/:what", post(api::serve))
        .at("/pg/StartPay/:authority", get(pages::show).post(pages::press))
        .at("/api/v4/graphql", post(graphql::ask))
        .at("/api/v4/graphql/", post(graphql::ask))
        .at("/sandbox/log", get(log))
        .at("/sandbox/faults", post(misbehave).delete(behave))
        .data(state)
}

#[poem::handler]
fn log(Data(state): Data<&Shared>) -> poem::web::Json<serde_json::Value> {
    poem::web::Json(serde_json::json!({ "entries": state.lock().ledger.entries() }))
}

#[poem::handler]
fn misbehave(Data(state): Data<&Shared>, fault: poem::web::Json<Fault>) {
    state.lock().faults.add(fault.0);
}

#[poem::handler]
fn behave(Data(state): Data<&Shared>) {
    state.lock().faults.clear();
}
