//! `stoa audit`: the books of the stores, reckoned anew.

use anyhow::{Result, bail};
use clap::Args;
use domain::books;
use kernel::{Limit, Text as _};
use tenants::TenantId;
use tenants::registry;

use super::say;
use super::store::id_of;
use super::user::databases;
use crate::config::Databases;

#[derive(Debug, Args)]
pub(super) struct AuditOptions {
    /// The slug of one store; all stores where it is left out
    #[arg(long, value_name = "SLUG")]
    store: Option<String>,
}

/// Says everything that does not add up, and fails if there is anything.
pub(super) async fn run(options: AuditOptions, config: &Databases) -> Result<()> {
    let (tenants, platform) = databases(config);
    let stores = match &options.store {
        Some(slug) => vec![(id_of(&mut platform.begin().await?, slug).await?, slug.clone())],
        None => all(config).await?,
    };
    let mut differences = 0;
    for (store, slug) in &stores {
        for difference in books::differences(&mut tenants.begin_read(*store).await?).await? {
            differences += 1;
            say(&format!("{slug}: {}: {}", difference.rule, difference.detail))?;
        }
    }
    if differences > 0 {
        bail!("the books do not add up: {differences} differences");
    }
    let stores = if stores.len() == 1 { "1 store".to_owned() } else { format!("{} stores", stores.len()) };
    say(&format!("The books of {stores} add up."))
}

async fn all(config: &Databases) -> Result<Vec<(TenantId, String)>> {
    let mut tx = databases(config).1.begin().await?;
    let (mut stores, mut after, limit) = (Vec::new(), None, Limit::new(Limit::MAX).unwrap_or_default());
    loop {
        let page = registry::list(&mut tx, after, limit).await?;
        stores.extend(page.items.iter().map(|store| (store.id, store.slug.as_str().to_owned())));
        after = page.items.last().map(|store| store.id);
        if !page.more {
            return Ok(stores);
        }
    }
}
