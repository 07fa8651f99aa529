//! `stoa openapi`: the documents, written or compared.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use api::documents;
use clap::Args;

use super::say;

#[derive(Debug, Args)]
pub(super) struct OpenapiOptions {
    /// The folder that holds them
    #[arg(long, default_value = "openapi", value_name = "FOLDER")]
    dir: PathBuf,
    /// Write nothing; fail where a document is not what this build would write, or takes something away from clients
    #[arg(long)]
    check: bool,
}

pub(super) fn run(options: &OpenapiOptions) -> Result<()> {
    let mut wrong = Vec::new();
    for document in documents() {
        let path = options.dir.join(format!("{}.json", document.name));
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if kept == document.json {
            continue;
        }
        let lost = openapi::breaks(&kept, &document.json);
        if options.check {
            wrong.push(format!("{} is not what this build would write: run `stoa openapi`", path.display()));
            wrong.extend(lost);
            continue;
        }
        std::fs::create_dir_all(&options.dir).with_context(|| format!("{} can't be made", options.dir.display()))?;
        std::fs::write(&path, &document.json).with_context(|| format!("{} can't be written", path.display()))?;
        say(&format!("Wrote {}.", path.display()))?;
        for line in lost {
            say(&format!("Clients lose something: {line}"))?;
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
}
