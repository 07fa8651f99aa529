//! Where a value comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::values::Values;
use super::{Mistakes, SETTINGS};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The file of this name.
    File(String),
    /// The environment.
    Environment,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "in {name}"),
            Self::Environment => f.write_str("from the environment"),
        }
    }
}

/// What a file is called where nobody names one.
const FILE: &str = "stoa.toml";

pub(super) fn values(file: Option<&Path>, environment: &[(String, String)]) -> Result<Values, Mistakes> {
    let mut values = Values { found: BTreeMap::new(), mistakes: Vec::new(), warnings: Vec::new() };
    if let Some((name, text)) = read_file(file)? {
        add_file(&mut values, &name, &text);
    }
    for (name, value) in environment {
        let Some(name) = name.strip_prefix("STOA_") else { continue };
        add_variable(&mut values, name, value);
    }
    Ok(values)
}

fn read_file(file: Option<&Path>) -> Result<Option<(String, String)>, Mistakes> {
    let path = file.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(err) if file.is_none() && err.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(Mistakes(vec![format!("{} can't be read: {err}", path.display())])),
    }
}

fn add_file(values: &mut Values, name: &str, text: &str) {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(err) => {
            let line = err.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            values.mistakes.push(format!("{name}, line {line}: {}", err.message()));
            return;
        }
    };
    for (key, value) in table {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
            values.mistakes.push(format!("{name}: there is no setting `{key}`{}", suggestion(&key)));
            continue;
        };
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Array(items) => match items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>() {
                Some(items) => items.join(","),
                None => {
                    values.mistakes.push(format!("{name}: each item of `{key}` must stand in quotes"));
                    continue;
                }
            },
            other => other.to_string(),
        };
        values.found.insert(setting.name, (text, Source::File(name.to_owned())));
    }
}

fn add_variable(values: &mut Values, name: &str, value: &str) {
    let key = name.to_ascii_lowercase();
    match SETTINGS.iter().find(|setting| setting.name == key) {
        Some(setting) => {
            values.found.insert(setting.name, (value.to_owned(), Source::Environment));
        }
        // Not a mistake: an orchestrator puts variables of its own beside ours, such as STOA_SERVICE_HOST.
        None => values.warnings.push(format!("STOA_{name} is no setting of ours{}", suggestion(&key))),
    }
}

fn suggestion(key: &str) -> String {
    let same_letters = |name: &str| {
        let (mut a, mut b): (Vec<_>, Vec<_>) = (key.bytes().collect(), name.bytes().collect());
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    let part = |name: &str| name.contains(key) || key.contains(name);
    let near = SETTINGS.iter().find(|setting| same_letters(setting.name));
    let near = near.or_else(|| SETTINGS.iter().find(|setting| part(setting.name)));
    near.map(|setting| format!("; is `{}` meant?", setting.name)).unwrap_or_default()
}
