//! Uploading a gateway to a server, as an operator of it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};

use super::super::say;

/// How long the server may take: it compiles what it is sent.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The gateway's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The server's address, such as `https://shops.example`
    #[arg(long)]
    server: Url,
    /// An operator's e-mail address
    #[arg(long, env = "STOA_OPERATOR_EMAIL")]
    email: String,
    /// That operator's password: better from the environment, where no list of processes shows it
    #[arg(long, env = "STOA_OPERATOR_PASSWORD", hide_env_values = true)]
    password: String,
}

pub(super) async fn run(options: Publish) -> Result<()> {
    let local = options.server.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    ensure!(options.server.scheme() == "https" || local, "a password is sent by https only");
    let (manifest, path) = super::build(&options.folder)?;
    // Fails only where somebody was first.
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
    let at = |path: &str| options.server.join(path).context("the server's address is none");
    let session = json!({ "email": options.email, "password": options.password });
    let session = client.post(at("/platform/v1/auth/login")?).json(&session).send().await;
    let session = good(session.context("the server was not reached")?).await?;
    let token = session["access_token"].as_str().context("the server's answer holds no token")?;
    let mut upload = at("/platform/v1/gateways")?;
    upload.query_pairs_mut().append_pair("gateway", &manifest.id);
    let sent = client.post(upload).bearer_auth(token).header("content-type", "application/wasm");
    let sent = sent.body(std::fs::read(path)?).send().await.context("the server was not reached")?;
    let version = good(sent).await;
    let ended =
        client.post(at("/platform/v1/auth/logout")?).json(&json!({ "refresh_token": session["refresh_token"] }));
    // A session that stays ends by itself.
    let _ = ended.send().await;
    let version = version?;
    let [gateway, number, state] =
        ["gateway", "version", "state"].map(|name| version[name].as_str().unwrap_or_default());
    say(&format!("{gateway} {number} is {state}, with the SHA-256 {}.", version["sha256"].as_str().unwrap_or_default()))
}

/// What the server answers; an error holds its sentence.
async fn good(answer: Response) -> Result<Value> {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap_or_default();
    if status.is_success() {
        return Ok(body);
    }
    let told = body["detail"].as_str().or(body["title"].as_str()).unwrap_or_default();
    let fields = body["errors"].as_array().into_iter().flatten();
    let fields: Vec<_> = fields.filter_map(|field| field["detail"].as_str()).collect();
    bail!("the server answers {status}: {told} {}", fields.join(", "))
}
