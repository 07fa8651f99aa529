//! `plugin.toml`: what a gateway may be.

use std::fmt;
use std::path::Path;

use toml::{Table, Value};

/// What a gateway is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust.
    Rust,
    /// JavaScript.
    JavaScript,
}

/// What stands in a `plugin.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The gateway's name for good.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The version of the contract.
    pub contract: String,
    /// What it is written in.
    pub language: Language,
    /// The hosts that it may talk to.
    pub hosts: Vec<String>,
    /// What it can do besides taking payments.
    pub capabilities: Vec<String>,
}

/// What is wrong with a `plugin.toml`, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin.toml: {}", self.0)
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Reads the one in a folder.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("plugin.toml");
        let text = std::fs::read_to_string(&path).map_err(|err| ManifestError(format!("{}: {err}", path.display())))?;
        Self::parse(&text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let table: Table = text.parse().map_err(|err: toml::de::Error| ManifestError(err.message().to_owned()))?;
        let known = ["id", "version", "contract", "language", "allowed-hosts", "capabilities"];
        if let Some(unknown) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(ManifestError(format!("`{unknown}` is unknown; there are {}", known.join(", "))));
        }
        let word = |name: &str| {
            let found = table.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
            found.map(str::to_owned).ok_or_else(|| ManifestError(format!("`{name}` must be a text")))
        };
        let words = |name: &str| {
            let list = table.get(name).and_then(Value::as_array);
            let all = list.and_then(|list| list.iter().map(|word| word.as_str().map(str::to_owned)).collect());
            all.ok_or_else(|| ManifestError(format!("`{name}` must be a list of texts")))
        };
        let language = match word("language")?.as_str() {
            "rust" => Language::Rust,
            "javascript" => Language::JavaScript,
            _ => return Err(ManifestError("`language` must be `rust` or `javascript`".to_owned())),
        };
        Ok(Self {
            id: word("id")?,
            version: word("version")?,
            contract: word("contract")?,
            language,
            hosts: words("allowed-hosts")?,
            capabilities: words("capabilities")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "id = \"a\"\nversion = \"1.0.0\"\ncontract = \"0.1.0\"\nlanguage = \"rust\"\nallowed-hosts = []\n";

    #[test]
    fn what_is_wrong_is_named() {
        let whole = format!("{GOOD}capabilities = [\"refunds\"]\n");
        assert_eq!(Manifest::parse(&whole).unwrap().capabilities, ["refunds"]);
        for (text, named) in [
            (GOOD.to_owned(), "`capabilities`"),
            (whole.replace("rust", "cobol"), "`language`"),
            (whole.replace("\"a\"", "1"), "`id`"),
            (format!("{whole}hosts = []"), "`hosts` is unknown"),
            ("id = ".to_owned(), "plugin.toml"),
        ] {
            let said = Manifest::parse(&text).unwrap_err().to_string();
            assert!(said.contains(named), "{said}");
        }
    }
}
