//! What a development deployment keeps secret: made once, kept beside its database.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use domain::MasterKey;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use tenants::schema::LogIn;

use super::banner::LogInTold;
use crate::commands::user::random_password;

const FILE: &str = "secrets.json";

/// The secrets. No `Debug`: they do not print.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    /// Which deployment this is: the roles that it makes bear this mark.
    #[serde(default)]
    mark: String,
    master_key: String,
    database_password: String,
    operator_password: String,
    owner_password: String,
}

impl Secrets {
    /// Reads the secrets of `folder`, and makes them where there are none.
    pub(super) fn keep(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let path = folder.join(FILE);
        let kept: Option<Self> = match fs::read_to_string(&path) {
            Ok(text) => Some(serde_json::from_str(&text).with_context(|| format!("{} can't be read", path.display()))?),
            Err(err) if err.kind() == ErrorKind::NotFound => None,
            Err(err) => return Err(err).with_context(|| format!("{} can't be read", path.display())),
        };
        let secrets = match kept {
            Some(kept) if !kept.mark.is_empty() => return Ok(kept),
            Some(kept) => Self { mark: new_mark(), ..kept },
            None => Self::generate()?,
        };
        // Whole or not at all: a process that ends in between leaves no half file.
        let draft = folder.join(format!("{FILE}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(&secrets)?)?;
        file.sync_all()?;
        fs::rename(&draft, &path).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(secrets)
    }

    fn generate() -> Result<Self> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).context("the random source failed")?;
        Ok(Self {
            mark: new_mark(),
            master_key: MasterKey::new(bytes).to_base64(),
            database_password: random_password(),
            operator_password: random_password(),
            owner_password: random_password(),
        })
    }

    /// What the roles of this deployment are marked with.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn master(&self) -> Result<MasterKey> {
        Ok(MasterKey::parse(&self.master_key)?)
    }

    pub(super) fn database_password(&self, log_in: LogIn) -> String {
        format!("{}-{}", log_in.role(), self.database_password)
    }

    pub(super) fn operator(&self) -> LogInTold {
        LogInTold { email: "operator@stoa.localhost".to_owned(), password: self.operator_password.clone() }
    }

    pub(super) fn owner(&self, slug: &str) -> LogInTold {
        LogInTold { email: format!("owner@{slug}.localhost"), password: self.owner_password.clone() }
    }
}

fn new_mark() -> String {
    format!("stoa dev {}", random_password())
}
