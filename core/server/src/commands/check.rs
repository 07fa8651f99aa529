//! `stoa check`: the settings and the database, looked over.

use std::path::Path;

use anyhow::{Result, bail};

use super::{say, settings};
use crate::serve;

pub(super) async fn run(file: Option<&Path>) -> Result<()> {
    let config = settings(file, false)?;
    say("The settings can be read.")?;
    if config.database.migrator.is_none() {
        say("STOA_MIGRATOR_URL is not set: `stoa migrate` won't run with these settings.")?;
    }
    if let Err(err) = serve::refuse_unsound(&config).await {
        bail!("{err:#}");
    }
    say("The database is at this build's version, and keeps stores apart.")
}
