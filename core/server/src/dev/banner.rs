//! What `stoa dev` tells whoever started it: addresses, log-ins, lines to paste.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use kit::Providers;
use serde::Serialize;

/// A log-in of the development deployment.
#[derive(Serialize)]
pub(super) struct LogInTold {
    pub(super) email: String,
    pub(super) password: String,
}

/// A demo store.
#[derive(Serialize)]
pub(super) struct StoreTold {
    pub(super) slug: String,
    pub(super) url: String,
    pub(super) owner: LogInTold,
}

/// The payment providers of the demo stores.
#[derive(Serialize)]
pub(super) struct ProvidersTold {
    zarinpal: String,
    fake: String,
}

impl ProvidersTold {
    pub(super) fn of(providers: &Providers) -> Self {
        Self { zarinpal: providers.zarinpal.url(), fake: providers.fake.url() }
    }
}

/// All that is told.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) url: String,
    /// Whether stores are reached by a header alone: names below `localhost` lead elsewhere.
    #[serde(skip)]
    pub(super) by_header: bool,
    pub(super) stores: Vec<StoreTold>,
    pub(super) providers: Option<ProvidersTold>,
    pub(super) operator: LogInTold,
    pub(super) database_url: String,
}

impl Told {
    /// One line for programs.
    pub(super) fn print_json(&self) -> Result<()> {
        print(&serde_json::to_string(self)?)
    }

    /// For people.
    pub(super) fn print(&self) -> Result<()> {
        print(&self.text())
    }

    fn text(&self) -> String {
        let url = &self.url;
        let pages = format!("  API pages: {url}/docs   Mails: {url}/dev/mailbox   Metrics: {url}/dev/metrics");
        let mut lines = vec![String::new(), format!("  Stoa serves at {url}"), pages, String::new()];
        for store in &self.stores {
            let (place, owner) = (self.place(store, ""), &store.owner);
            lines.push(format!("  Store     {place}  owner {}  password {}", owner.email, owner.password));
        }
        if let Some(ProvidersTold { zarinpal, fake }) = &self.providers {
            lines.push(format!("  Payments  Zarinpal's sandbox {zarinpal}  fake provider {fake}"));
        }
        lines.push(format!("  Operator  {url}  {}  password {}", self.operator.email, self.operator.password));
        lines.push(String::new());
        if self.by_header {
            lines.push("  Names below localhost do not lead here: name the store by the header Stoa-Store.".to_owned());
            lines.push(String::new());
        }
        lines.push("  Try:".to_owned());
        lines.extend(self.tries().into_iter().map(|line| format!("    {line}")));
        lines.push(String::new());
        lines.push("  Ctrl-C stops the server and its database; the data stays.".to_owned());
        lines.join("\n") + "\n"
    }

    /// How curl asks a store for `path`.
    fn place(&self, store: &StoreTold, path: &str) -> String {
        if self.by_header {
            return format!("'{}{path}' -H 'Stoa-Store: {}'", self.url, store.slug);
        }
        if path.is_empty() { store.url.clone() } else { format!("'{}{path}'", store.url) }
    }

    fn tries(&self) -> Vec<String> {
        let json = "-H 'Content-Type: application/json'";
        match self.stores.first() {
            Some(store) => vec![
                format!("curl {}", self.place(store, "/store/v1/products?limit=3")),
                format!("curl {}", self.place(store, "/store/v1/products?sort=-price&limit=3")),
                format!(
                    "curl {} {json} -d '{{\"email\":\"{}\",\"password\":\"{}\"}}'",
                    self.place(store, "/admin/v1/auth/login"),
                    store.owner.email,
                    store.owner.password
                ),
            ],
            None => vec![
                format!("curl {}/readyz", self.url),
                format!(
                    "curl {}/platform/v1/stores {json} -d '{{\"name\":\"My shop\",\"slug\":\"my-shop\",\
                     \"currency\":\"EUR\",\"owner\":{{\"name\":\"Me\",\"email\":\"me@example.com\",\
                     \"password\":\"a good long password\"}}}}'",
                    self.url
                ),
                format!("curl {}/store/v1/products -H 'Stoa-Store: my-shop'", self.url),
            ],
        }
    }
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("standard output is closed")
}
