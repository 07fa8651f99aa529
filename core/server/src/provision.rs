//! A database made ready by its administrator: roles, tables, log-ins. For `stoa dev` and the tests.

use std::str::FromStr as _;

use anyhow::{Context as _, Result, bail};
use sqlx::postgres::PgConnectOptions;
use tenants::schema::{LogIn, RolesError, Whose, adopt_database, create_database, create_roles, mark, marker, migrate};

use crate::config::DatabaseUrls;

/// A server and its administrator.
#[derive(Clone)]
pub struct Admin {
    connect: PgConnectOptions,
}

impl Admin {
    /// Reads the administrator's address.
    ///
    /// # Errors
    /// Where it is no address; it is not repeated.
    pub fn new(url: &str) -> Result<Self> {
        let connect = PgConnectOptions::from_str(url).ok().context("the administrator's database URL can't be read")?;
        Ok(Self { connect })
    }

    /// Makes the roles of a cluster that is ours alone; the log-ins get the password that `password` says.
    ///
    /// # Errors
    /// The server's.
    pub async fn create_roles(&self, password: impl Fn(LogIn) -> String) -> Result<()> {
        self.create_roles_of(Whose::Ours, password).await
    }

    /// Makes the roles, where those that are there are ours to change.
    ///
    /// # Errors
    /// Where they are another deployment's, or the server's.
    pub async fn create_roles_of(&self, whose: Whose<'_>, password: impl Fn(LogIn) -> String) -> Result<()> {
        match create_roles(&self.connect, whose, password).await {
            Err(RolesError::Db(err)) => Err(err).context("the roles could not be made; is this an administrator?"),
            Err(RolesError::OfAnother) => bail!(
                "the server has the roles of another deployment, whose passwords would change: use another server, or \
                 none for a private one, or restore the `secrets.json` that they were made with"
            ),
            Ok(()) => Ok(()),
        }
    }

    /// Whether the roles bear the mark of the deployment `mark`.
    ///
    /// # Errors
    /// The server's.
    pub async fn is_marked(&self, mark: &str) -> Result<bool> {
        let found = marker(&self.connect).await.context("the administrator's database can't be used")?;
        Ok(found.as_deref() == Some(mark))
    }

    /// Marks the roles as those of the deployment `name`.
    ///
    /// # Errors
    /// The server's.
    pub async fn mark(&self, name: &str) -> Result<()> {
        Ok(mark(&self.connect, name).await?)
    }

    /// Makes the database `name`, if it is not there.
    ///
    /// # Errors
    /// The server's.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<()> {
        create_database(&self.connect, name, template)
            .await
            .with_context(|| format!("the database `{name}` could not be made"))
    }

    /// Makes the database that the address names ours, so that the migrations may change it.
    ///
    /// # Errors
    /// The server's.
    pub async fn adopt_database(&self) -> Result<()> {
        adopt_database(&self.connect).await.context("the database could not be handed to `stoa_owner`")
    }

    /// The name of the database in the address.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.connect.get_database()
    }

    /// The addresses of the log-ins to the database `name`.
    pub fn urls(&self, name: &str, password: impl Fn(LogIn) -> String) -> DatabaseUrls {
        let url =
            |log_in: LogIn| self.connect.clone().database(name).username(log_in.role()).password(&password(log_in));
        DatabaseUrls {
            app: url(LogIn::App),
            platform: url(LogIn::Platform),
            worker: Some(url(LogIn::Worker)),
            direct: None,
            migrator: Some(url(LogIn::Migrator)),
        }
    }
}

/// Brings the database up to this build's schema.
///
/// # Errors
/// The migration's.
pub async fn migrated(urls: &DatabaseUrls) -> Result<()> {
    let migrator = urls.migrator.as_ref().context("STOA_MIGRATOR_URL is not set")?;
    migrate(migrator).await?;
    Ok(())
}
