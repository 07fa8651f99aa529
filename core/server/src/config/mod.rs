//! Settings: defaults, then a file, then the environment. Read once at start; nothing else reads the environment.

mod load;
mod model;
mod reading;
mod settings;
mod values;

pub use load::Source;
pub use model::{Config, DatabaseUrls, Databases, LogFormat, Mail, Pictures};
pub use settings::{SETTINGS, Setting};

use std::path::Path;

use sqlx::postgres::PgConnectOptions;

use self::values::Values;

/// Why the settings are of no use: each mistake is one line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Mistakes(pub Vec<String>);

/// Reads the settings from `file`, or from `stoa.toml` where that is there, and from this process's environment. Answers
/// what deserves a warning, too.
///
/// # Errors
/// [`Mistakes`], all of them at once. No line repeats a secret.
pub fn read(file: Option<&Path>) -> Result<(Config, Vec<String>), Mistakes> {
    read_with(file, reading::config)
}

/// Reads only what it takes to work on the database.
///
/// # Errors
/// [`Mistakes`] in that.
pub fn read_databases(file: Option<&Path>) -> Result<(Databases, Vec<String>), Mistakes> {
    read_with(file, reading::databases)
}

/// Reads only where the schema is changed.
///
/// # Errors
/// [`Mistakes`] in that.
pub fn read_migrator(file: Option<&Path>) -> Result<(PgConnectOptions, Vec<String>), Mistakes> {
    read_with(file, reading::migrator)
}

fn read_with<T>(
    file: Option<&Path>,
    read: impl FnOnce(&mut Values) -> Option<T>,
) -> Result<(T, Vec<String>), Mistakes> {
    let (mut environment, mut unreadable) = (Vec::new(), Vec::new());
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => environment.push((name, value)),
            Err(_) if name.starts_with("STOA_") => unreadable.push(format!("{name} is not UTF-8, and is ignored")),
            Err(_) => {}
        }
    }
    let mut values = load::values(file, &environment)?;
    let read = read(&mut values);
    values.warnings.extend(unreadable);
    match read {
        Some(read) if values.mistakes.is_empty() => Ok((read, values.warnings)),
        _ => Err(Mistakes(values.mistakes)),
    }
}
