//! Settings: defaults, then a file, then the environment. Read once at start; nothing else reads the environment.

mod load;
mod settings;
mod values;

pub use load::Source;
pub use settings::{Config, DatabaseUrls, LogFormat, Mail, SETTINGS, Setting};

use std::path::Path;

/// Why the settings are of no use: each mistake is one line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Mistakes(pub Vec<String>);

/// Reads the settings from `file`, or from `stoa.toml` where that is there, and from this process's environment.
///
/// # Errors
/// [`Mistakes`], all of them at once. No line repeats a secret.
pub fn read(file: Option<&Path>) -> Result<(Config, Vec<String>), Mistakes> {
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut values = load::values(file, &environment)?;
    let config = settings::config(&mut values);
    if !values.mistakes.is_empty() {
        return Err(Mistakes(values.mistakes));
    }
    match config {
        Some(config) => Ok((config, values.warnings)),
        None => Err(Mistakes(vec!["the settings could not be read".to_owned()])),
    }
}
