//! What a gateway imports, and what is kept of a call while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngCore as _;
use uuid::Uuid;
use wasmtime::{Error, Result};

use crate::bindings::stoa::gateway::http::{HttpError, Request, Response};
use crate::bindings::stoa::gateway::log::Level;
use crate::bindings::stoa::gateway::types::KeyValue;
use crate::bindings::stoa::gateway::{clock, http, log, random, settings, types};
use crate::call::Turn;
use crate::fetch::{Fetch, Incoming, Unfetched, outgoing};
use crate::host::Clock;
use crate::limits::{Broke, CHANCE, FETCHES, HOST_CALLS, LOG, LOG_LINE, Memory};
use crate::secrets::Secrets;

/// What is kept of a call while it runs.
pub(crate) struct Running {
    pub(crate) memory: Memory,
    /// How many ticks of computing are left.
    pub(crate) ticks: u64,
    /// Whether it has computed for more than a tick, and whose turn it is then.
    pub(crate) turn: Option<Turn>,
    /// On whose behalf it is, and with what.
    imports: Option<Imports>,
    calls: u32,
}

/// What a call imports.
pub(crate) struct Imports {
    pub(crate) store: Uuid,
    pub(crate) gateway: Arc<str>,
    pub(crate) hosts: Arc<[String]>,
    pub(crate) allow_loopback: bool,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) fetch: Arc<dyn Fetch>,
    /// Whether something may have reached the provider; outlives the call.
    pub(crate) sent: Arc<AtomicBool>,
    pub(crate) fetches: u32,
    pub(crate) log: usize,
}

impl Imports {
    pub(crate) const FETCHES: u32 = FETCHES;
    pub(crate) const LOG: usize = LOG;
}

impl Running {
    /// Without `imports`, the first use of one ends the call.
    pub(crate) fn new(memory: usize, ticks: u64, imports: Option<Imports>) -> Self {
        Self { memory: Memory { most: memory, used: 0 }, ticks, turn: None, imports, calls: HOST_CALLS }
    }

    fn imports(&mut self) -> Result<&mut Imports> {
        let left = self.calls.checked_sub(1).ok_or_else(|| Error::new(Broke("it called its host too often")))?;
        self.calls = left;
        self.imports.as_mut().ok_or_else(|| Error::new(Broke("it used its host where it may not")))
    }
}

impl types::Host for Running {}

impl http::Host for Running {
    async fn fetch(&mut self, request: Request) -> Result<Result<Response, HttpError>> {
        if let Some(turn) = &self.turn {
            turn.end();
        }
        Ok(self.imports()?.fetch(request).await)
    }
}

impl Imports {
    async fn fetch(&mut self, request: Request) -> Result<Response, HttpError> {
        self.fetches = self.fetches.checked_sub(1).ok_or(HttpError::BudgetExhausted)?;
        let request = outgoing(request, &self.hosts, self.allow_loopback, &self.secrets)?;
        let before = self.sent.swap(true, Ordering::Relaxed);
        match self.fetch.fetch(request).await {
            Ok(answer) => Ok(self.shown(answer)),
            Err(err) => {
                if !err.was_sent() {
                    self.sent.store(before, Ordering::Relaxed);
                }
                Err(err.into())
            }
        }
    }

    /// An answer as a gateway may see it: without the secrets that went out.
    fn shown(&mut self, Incoming { status, headers, body }: Incoming) -> Response {
        let mut text = |bytes: &[u8]| String::from_utf8_lossy(&self.secrets.take_out(bytes.to_vec())).into_owned();
        let headers =
            headers.iter().map(|(name, value)| KeyValue { key: name.to_string(), value: text(value.as_bytes()) });
        Response { status, headers: headers.collect(), body: self.secrets.take_out(body) }
    }

    fn write(&mut self, level: Level, message: &str) {
        // Words of this call mean nothing any more; secrets themselves never were the gateway's to write.
        let line = line(message);
        let Some(left) = self.log.checked_sub(line.len()) else {
            self.log = 0;
            return;
        };
        self.log = left;
        let (store, gateway) = (&self.store, &*self.gateway);
        match level {
            Level::Debug => tracing::debug!(store.id = %store, gateway, "{line}"),
            Level::Info => tracing::info!(store.id = %store, gateway, "{line}"),
            Level::Warn => tracing::warn!(store.id = %store, gateway, "{line}"),
            Level::Error => tracing::error!(store.id = %store, gateway, "{line}"),
        }
    }
}

/// A line of the log: of one line, without what would steer a terminal.
fn line(message: &str) -> String {
    let mut end = message.len().min(LOG_LINE);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    let unseen = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    message[..end].chars().map(|c| if unseen(c) { ' ' } else { c }).collect()
}

impl From<Unfetched> for HttpError {
    fn from(err: Unfetched) -> Self {
        match err {
            Unfetched::NotAllowed(why) => Self::HostNotAllowed(why),
            Unfetched::NotSent(why) => Self::NotSent(why),
            Unfetched::TimedOut => Self::TimedOut,
            Unfetched::Interrupted(why) => Self::Interrupted(why),
            Unfetched::TooLarge => Self::TooLarge,
        }
    }
}

impl log::Host for Running {
    fn write(&mut self, level: Level, message: String) -> Result<()> {
        self.imports()?.write(level, &message);
        Ok(())
    }
}

impl clock::Host for Running {
    fn now(&mut self) -> Result<u64> {
        Ok(self.imports()?.clock.now())
    }
}

impl random::Host for Running {
    fn bytes(&mut self, length: u32) -> Result<Vec<u8>> {
        self.imports()?;
        if length > CHANCE {
            return Err(Error::new(Broke("it asked for more chance than there is at once")));
        }
        let mut bytes = vec![0; usize::try_from(length)?];
        rand::rng().fill_bytes(&mut bytes);
        Ok(bytes)
    }
}

impl settings::Host for Running {
    fn get(&mut self, name: String) -> Result<Option<String>> {
        Ok(self.imports()?.secrets.plain(&name))
    }

    fn secret_ref(&mut self, name: String) -> Result<Option<String>> {
        Ok(self.imports()?.secrets.word(&name))
    }

    fn hmac_sha256(&mut self, name: String, data: Vec<u8>) -> Result<Option<Vec<u8>>> {
        Ok(self.imports()?.secrets.sign(&name, &data))
    }
}

#[cfg(test)]
mod tests {
    use gateway::Settings;

    use super::*;
    use crate::fetch::{Fetched, Outgoing};

    struct Nowhere;

    impl Fetch for Nowhere {
        fn fetch(&self, _: Outgoing) -> Fetched<'_> {
            Box::pin(async { Err(Unfetched::TimedOut) })
        }
    }

    #[test]
    fn an_answer_repeats_no_secret_in_its_headers_and_its_body() {
        let settings = Settings { secrets: [("key".to_owned(), "hunter22".to_owned())].into(), ..Settings::default() };
        let mut imports = Imports {
            store: Uuid::nil(),
            gateway: "x".into(),
            hosts: [].into(),
            allow_loopback: false,
            clock: Clock::System,
            secrets: Secrets::new(Arc::new(settings)),
            fetch: Arc::new(Nowhere),
            sent: Arc::default(),
            fetches: 1,
            log: 1,
        };
        let headers =
            [("x-key", "Bearer hunter22")].map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let answer = Incoming { status: 200, headers: headers.into_iter().collect(), body: b"hunter22".to_vec() };
        let shown = imports.shown(answer);
        let word = imports.secrets.word("key").unwrap();
        assert_eq!(shown.headers[0].value, format!("Bearer {word}"));
        assert_eq!(shown.body, word.as_bytes());
    }
}
