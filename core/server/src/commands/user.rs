//! `stoa user …`: accounts, made and mended without the API.

use std::io::BufRead as _;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use domain::audit::{self, Entry, Origin};
use domain::identity::{self, Email, NewUser, Password, PasswordHash, Passwords, PersonName, Role};
use kernel::Text as _;
use rand::distr::{Alphanumeric, SampleString as _};
use tenants::{Database, DatabaseOptions, PlatformDb, TenantDb};

use super::say;
use super::store::{argument, id_of, told};
use crate::config::Databases;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account: of a store's staff, or of an operator
    Create {
        /// The e-mail address
        email: String,
        #[command(flatten)]
        place: Place,
        /// The role in the store
        #[arg(long, default_value = "admin", conflicts_with = "operator")]
        role: String,
        /// The person's name
        #[arg(long, default_value = "New user")]
        name: String,
        #[command(flatten)]
        secret: Secret,
    },
    /// Set a new password, and end all log-ins of the account
    ResetPassword {
        /// The e-mail address
        email: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        secret: Secret,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Place {
    /// The slug of the store that the account belongs to
    #[arg(long)]
    store: Option<String>,
    /// The account is an operator's
    #[arg(long)]
    operator: bool,
}

#[derive(Debug, Args)]
pub(super) struct Secret {
    /// Read the password from the first line of standard input; without this one is made and shown
    #[arg(long)]
    password_stdin: bool,
}

impl Secret {
    /// The password, and its text where it was made here and must be shown.
    pub(super) fn password(&self) -> Result<(Password, Option<String>)> {
        let (text, shown) = if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("no password could be read")?;
            (line.trim_end_matches(['\r', '\n']).to_owned(), None)
        } else {
            let made = random_password();
            (made.clone(), Some(made))
        };
        let password = Password::parse(&text).map_err(|err| anyhow::anyhow!("the password {err}"))?;
        Ok((password, shown))
    }
}

/// A password for a person to copy: 20 letters and digits, some 119 bits.
#[must_use]
pub fn random_password() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 20)
}

/// The hash of a password, for a program that hashes only one.
pub(crate) async fn hashed(password: Password) -> Result<PasswordHash> {
    Ok(Passwords::new(1)?.hash(password).await?)
}

/// The databases, for a command that does one thing.
pub(crate) fn databases(config: &Databases) -> (TenantDb, PlatformDb) {
    let pool = |connect: &sqlx::postgres::PgConnectOptions| {
        Database::new(DatabaseOptions { connect: connect.clone(), connections: 1, patience: config.patience })
    };
    (TenantDb::new(pool(&config.urls.app)), PlatformDb::new(pool(&config.urls.platform)))
}

pub(super) async fn run(command: UserCommand, config: &Databases) -> Result<()> {
    match command {
        UserCommand::Create { email, place, role, name, secret } => {
            create(email, place, role, name, secret, config).await
        }
        UserCommand::ResetPassword { email, place, secret } => reset_password(email, place, secret, config).await,
    }
}

async fn create(
    email: String,
    place: Place,
    role: String,
    name: String,
    secret: Secret,
    config: &Databases,
) -> Result<()> {
    let email: Email = argument("the e-mail address", &email)?;
    let name: PersonName = argument("the name", &name)?;
    let Some(role) = Role::read(&role) else {
        bail!("there is no role `{role}`; choose one of {}", Role::ALL.map(Role::as_str).join(", "));
    };
    let (password, shown) = secret.password()?;
    let new = NewUser { email, name, password: hashed(password).await? };
    let (tenants, platform) = databases(config);
    let mut registry = platform.begin().await?;
    match place.store {
        None => {
            let id = identity::add_operator(&mut registry, &new).await?;
            let entry = Entry::new("addOperator", "operator", id);
            audit::record_platform(&mut registry, &Origin::shell(), &entry).await?;
            registry.commit().await?;
        }
        Some(slug) => {
            let mut tx = tenants.begin(id_of(&mut registry, &slug).await?).await?;
            let user = identity::add_user(&mut tx, &new).await?;
            identity::give_role(&mut tx, user.id, role).await?;
            let given = serde_json::json!({ "roles": [role.as_str()] });
            audit::record(&mut tx, &Origin::shell(), &Entry::new("createUser", "user", user.id).after(given)).await?;
            tx.commit().await?;
        }
    }
    say("The account is there now.")?;
    told(shown)
}

async fn reset_password(email: String, place: Place, secret: Secret, config: &Databases) -> Result<()> {
    let email: Email = argument("the e-mail address", &email)?;
    let (password, shown) = secret.password()?;
    let password = hashed(password).await?;
    let (tenants, platform) = databases(config);
    let mut registry = platform.begin().await?;
    match place.store {
        None => {
            let id = identity::set_operator_password(&mut registry, &email, &password).await?;
            let entry = Entry::new("resetPassword", "operator", id);
            audit::record_platform(&mut registry, &Origin::shell(), &entry).await?;
            registry.commit().await?;
        }
        Some(slug) => {
            let mut tx = tenants.begin(id_of(&mut registry, &slug).await?).await?;
            let user = identity::set_password(&mut tx, &email, &password).await?;
            audit::record(&mut tx, &Origin::shell(), &Entry::new("resetPassword", "user", user.id)).await?;
            tx.commit().await?;
        }
    }
    say("The password is set, and every log-in of the account has ended.")?;
    told(shown)
}
