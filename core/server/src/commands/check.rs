//! `stoa check`: the settings and the database, looked over.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use tenants::schema::{may_change_schema, place_of};

use super::{quietly, say};
use crate::{config, serve};

pub(super) async fn run(file: Option<&Path>) -> Result<()> {
    let config = quietly(config::read(file)?);
    say("The settings can be read.")?;
    if config.database.migrator.is_none() {
        say("STOA_MIGRATOR_URL is not set: `stoa migrate` won't run with these settings.")?;
    }
    serve::refuse_unsound(&config).await?;
    if let Some(migrator) = &config.database.migrator {
        let place = place_of(migrator).await.context("STOA_MIGRATOR_URL")?;
        ensure!(
            place == place_of(&config.database.app).await.context("STOA_DATABASE_URL")?,
            "STOA_MIGRATOR_URL leads to another database (`{}`) than STOA_DATABASE_URL",
            place.database
        );
        ensure!(
            may_change_schema(migrator).await.context("STOA_MIGRATOR_URL")?,
            "STOA_MIGRATOR_URL: its role is not a member of stoa_owner, and can't run `stoa migrate`"
        );
    }
    say("The database is at this build's version, and keeps stores apart.")
}
