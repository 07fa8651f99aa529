//! What authors of gateways do: begin one, build it, look at it, examine it, repeat a recorded call, publish it. None of it needs a
//! database.

mod publish;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use gateway::Gateways as _;
use host::{Fetch, Fetched, Host, Options, Outgoing, Unfetched};
use kit::conformance::{self, Recording, Subject};
use kit::template;
use maker::{JavaScript, Language, Manifest, Rust, Trouble};

use super::say;
use crate::gateways::compiler;
use publish::Publish;

#[derive(Debug, Subcommand)]
pub(super) enum AuthorCommand {
    /// Begin a gateway: a folder that builds and conforms, to be changed step by step
    New {
        /// Its name for good: small letters, digits and dashes
        name: String,
        /// What it is written in
        #[arg(long, value_enum, default_value = "rust")]
        lang: Lang,
        /// Where; a folder of its name in this one where nothing is said
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Build a gateway's component
    Build(Folder),
    /// Show what a component says of itself, and what it imports
    Inspect {
        /// The component
        component: PathBuf,
    },
    /// Build a gateway, and examine whether it does what the contract asks for
    Test(Folder),
    /// Build a gateway, and repeat a recorded call of it
    Run {
        /// The recording
        #[arg(long)]
        replay: PathBuf,
        #[command(flatten)]
        folder: Folder,
    },
    /// Build a gateway, and upload it to a server, where an operator approves it
    Publish(Publish),
}

#[derive(Debug, Args)]
pub(super) struct Folder {
    /// The gateway's folder
    #[arg(default_value = ".")]
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Lang {
    Rust,
    Js,
}

pub(super) async fn run(command: AuthorCommand) -> Result<()> {
    match command {
        AuthorCommand::New { name, lang, folder } => new(&name, lang, folder),
        AuthorCommand::Build(Folder { folder }) => {
            let (_, path) = build(&folder)?;
            say(&format!("{} ({} KiB)", path.display(), std::fs::metadata(&path)?.len() / 1024))
        }
        AuthorCommand::Inspect { component } => inspect(&component).await,
        AuthorCommand::Test(Folder { folder }) => test(&folder).await,
        AuthorCommand::Run { replay, folder } => replay_one(&replay, &folder.folder).await,
        AuthorCommand::Publish(options) => publish::run(options).await,
    }
}

fn new(name: &str, lang: Lang, folder: Option<PathBuf>) -> Result<()> {
    let folder = folder.unwrap_or_else(|| PathBuf::from(name));
    let language = match lang {
        Lang::Rust => Language::Rust,
        Lang::Js => Language::JavaScript,
    };
    template::write(&folder, name, language)?;
    say(&format!("{} is there. Next: `cd {0}`, then `stoa gateway test`.", folder.display()))
}

/// Builds what is in a folder, and answers where the component lies.
fn build(folder: &Path) -> Result<(Manifest, PathBuf)> {
    let folder = folder.canonicalize().with_context(|| format!("{} is not there", folder.display()))?;
    let manifest = Manifest::read(&folder)?;
    let target = folder.join("target");
    std::fs::create_dir_all(&target).with_context(|| format!("{} can't be made", target.display()))?;
    let made = match manifest.language {
        Language::Rust => {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let rust = Rust { workspace: &folder, target: &target, cargo };
            rust.build(std::slice::from_ref(&manifest.id)).map(|mut made| made.remove(0))
        }
        Language::JavaScript => JavaScript {
            folder: &folder,
            sdk: &folder.join("sdk"),
            wit: &folder.join("wit/gateway.wit"),
            root: &folder,
            target: &target,
        }
        .build(&manifest),
    };
    let made = made.map_err(|trouble| match trouble {
        Trouble::Missing(why) => anyhow::anyhow!("{why}"),
        Trouble::Mistake(told) => anyhow::anyhow!("the gateway can't be built:\n{told}"),
    })?;
    let path = target.join(&manifest.id).with_extension("wasm");
    std::fs::copy(&made, &path).with_context(|| format!("{} can't be written", path.display()))?;
    Ok((manifest, path))
}

struct Nowhere;

impl Fetch for Nowhere {
    fn fetch(&self, _: Outgoing) -> Fetched<'_> {
        Box::pin(async { Err(Unfetched::NotSent("nothing is sent here".to_owned())) })
    }
}

async fn inspect(component: &Path) -> Result<()> {
    let bytes = std::fs::read(component).with_context(|| format!("{} can't be read", component.display()))?;
    let host = Host::with_fetch(Options { compiler: compiler(), ..Options::default() }, Arc::new(Nowhere))?;
    let found = host.inspect(&bytes).await?;
    let info = found.info;
    let listed = |words: Vec<&str>| if words.is_empty() { "-".to_owned() } else { words.join(", ") };
    let texts = |words: &[String]| listed(words.iter().map(String::as_str).collect());
    let currencies = info.currencies.iter().map(|currency| currency.code()).collect::<Vec<_>>();
    let currencies = if currencies.is_empty() { "all".to_owned() } else { currencies.join(", ") };
    say(&format!("{} {} ({})", info.id, info.version, info.name))?;
    say(&format!("  sha256        {}", found.id))?;
    say(&format!("  size          {} bytes", found.size))?;
    say(&format!("  contract      {}", found.contract))?;
    say(&format!("  imports       {}", texts(&found.imports)))?;
    say(&format!("  hosts         {}", texts(&info.allowed_hosts)))?;
    say(&format!("  currencies    {currencies}"))?;
    say(&format!("  capabilities  {}", listed(info.capabilities.iter().map(|can| can.as_str()).collect())))?;
    say(&format!("  settings      {}", info.settings_schema))
}

async fn test(folder: &Path) -> Result<()> {
    let (_, path) = build(folder)?;
    let subject = Subject::read(folder, std::fs::read(path)?)?;
    let report = conformance::examine(&subject, compiler()).await?;
    say(&report.to_string())?;
    ensure!(report.is_good(), "{} does not do what the contract asks for", subject.manifest.id);
    Ok(())
}

async fn replay_one(file: &Path, folder: &Path) -> Result<()> {
    let recording = Recording::read(file)?;
    let (_, path) = build(folder)?;
    let found = conformance::replay(&std::fs::read(path)?, &recording, compiler()).await?;
    for sent in &found.sent {
        say(&format!("sent      {sent}"))?;
    }
    say(&format!("answered  {} (in {} µs)", found.answer, found.took.as_micros()))?;
    for difference in &found.differences {
        say(&format!("differs   {difference}"))?;
    }
    if !found.differences.is_empty() {
        bail!("it did not come out as it was recorded");
    }
    say("It came out as it was recorded.")
}
