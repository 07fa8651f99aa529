//! What `stoa dev` tells whoever started it: addresses, log-ins, lines to paste.

use std::io::Write as _;

use anyhow::{Context as _, Result};
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

/// All that is told.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) url: String,
    pub(super) stores: Vec<StoreTold>,
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
        let mut lines = vec![String::new(), format!("  Stoa serves at {url}"), format!("  API pages: {url}/docs   Mails: {url}/dev/mailbox"), String::new()];
        for StoreTold { url, owner, .. } in &self.stores {
            lines.push(format!("  Store     {url}  owner {}  password {}", owner.email, owner.password));
        }
        lines.push(format!("  Operator  {url}  {}  password {}", self.operator.email, self.operator.password));
        lines.push(String::new());
        lines.push("  Try:".to_owned());
        lines.extend(self.tries().into_iter().map(|line| format!("    {line}")));
        lines.push(String::new());
        lines.push("  Ctrl-C stops the server and its database; the data stays.".to_owned());
        lines.join("\n") + "\n"
    }

    fn tries(&self) -> Vec<String> {
        let json = "-H 'Content-Type: application/json'";
        match self.stores.first() {
            Some(StoreTold { url, owner, .. }) => vec![
                format!("curl '{url}/store/v1/products?limit=3'"),
                format!("curl '{url}/store/v1/products?sort=-price&limit=3'"),
                format!(
                    "curl {url}/admin/v1/auth/login {json} -d '{{\"email\":\"{}\",\"password\":\"{}\"}}'",
                    owner.email, owner.password
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
