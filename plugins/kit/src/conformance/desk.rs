//! The provider of a recorded call: it answers what it answered then, or goes wrong as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host::{Fetch, Fetched, Incoming, Outgoing, Unfetched};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use super::recording::Exchange;

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(super) enum Twist {
    /// It is not sent, or its answer does not come.
    Unfetched(Unfetched),
    /// It is answered so instead.
    Answered(u16, String),
}

/// What was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Sent {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// All that a provider reads of it.
    pub(super) fn whole(&self) -> String {
        format!("{} {} {:?} {}", self.method, self.url, self.headers, self.body)
    }
}

/// What happens at the desk.
#[derive(Debug, Default)]
struct State {
    exchanges: Vec<Exchange>,
    twist: Option<(usize, Twist)>,
    sent: Vec<Sent>,
    wrong: Vec<String>,
}

/// The provider of one call after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk(Arc<Mutex<State>>);

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is the provider of a call with these exchanges, of which one goes wrong.
    pub(super) fn prepare(&self, exchanges: &[Exchange], twist: Option<(usize, Twist)>) {
        *self.lock() = State { exchanges: exchanges.to_vec(), twist, ..State::default() };
    }

    /// What was sent since, and how it differs from what was recorded.
    pub(super) fn seen(&self) -> (Vec<Sent>, Vec<String>) {
        let state = std::mem::take(&mut *self.lock());
        let (sent, mut wrong) = (state.sent, state.wrong);
        if state.twist.is_none() && sent.len() < state.exchanges.len() {
            wrong.push(format!("{} requests were sent, of {} recorded", sent.len(), state.exchanges.len()));
        }
        (sent, wrong)
    }
}

impl Fetch for Desk {
    fn fetch(&self, request: Outgoing) -> Fetched<'_> {
        let mut state = self.lock();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let sent = Sent {
            method: request.method.to_string(),
            url: request.url.to_string(),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: text(&request.body),
        };
        let number = state.sent.len();
        let recorded = state.exchanges.get(number).cloned();
        if let Some(why) = recorded.as_ref().and_then(|recorded| difference(recorded, &sent)) {
            state.wrong.push(format!("request {}: {why}", number + 1));
        }
        state.sent.push(sent);
        let twist = state.twist.as_ref().filter(|(at, _)| *at == number).map(|(_, twist)| twist.clone());
        let answer = match (twist, recorded) {
            (Some(Twist::Unfetched(why)), _) => Err(why),
            (Some(Twist::Answered(status, body)), _) => Ok(incoming(status, body)),
            (None, Some(Exchange { response, .. })) => {
                let body = response.json.map(|json| json.to_string()).or(response.body).unwrap_or_default();
                Ok(incoming(response.status, body))
            }
            (None, None) => {
                state.wrong.push(format!("request {} was not recorded", number + 1));
                Err(Unfetched::NotSent("nothing more was recorded".to_owned()))
            }
        };
        Box::pin(async { answer })
    }
}

fn incoming(status: u16, body: String) -> Incoming {
    let json = serde_json::from_str::<Value>(&body).is_ok();
    let kind = HeaderValue::from_static(if json { "application/json" } else { "text/html" });
    Incoming { status, headers: HeaderMap::from_iter([(CONTENT_TYPE, kind)]), body: body.into_bytes() }
}

/// How a request differs from the recorded one.
fn difference(recorded: &Exchange, sent: &Sent) -> Option<String> {
    let wanted = &recorded.request;
    if (wanted.method.as_str(), wanted.url.as_str()) != (&sent.method, &sent.url) {
        return Some(format!("`{} {}` instead of `{} {}`", sent.method, sent.url, wanted.method, wanted.url));
    }
    if let Some((name, value)) = wanted.headers.iter().find(|(name, value)| sent.headers.get(*name) != Some(value)) {
        let found = sent.headers.get(name).map_or("nothing", String::as_str);
        return Some(format!("its header `{name}` is `{found}` instead of `{value}`"));
    }
    let wanted = wanted.json.as_ref()?;
    let Some(body) = sent.json() else { return Some(format!("its body is no JSON: {}", sent.body)) };
    missing(wanted, &body, "").map(|at| format!("its body differs at `{at}`: {body}"))
}

/// Where `found` lacks what is wanted: everything of an object, and all else as it is.
pub(super) fn missing(wanted: &Value, found: &Value, at: &str) -> Option<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted.iter().find_map(|(name, value)| {
            let at = format!("{at}/{name}");
            missing(value, found.get(name).unwrap_or(&Value::Null), &at)
        }),
        _ => (wanted != found).then(|| if at.is_empty() { "/".to_owned() } else { at.to_owned() }),
    }
}
