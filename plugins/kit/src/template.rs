//! What a new gateway begins with: a folder that builds and conforms, with the contract and the SDK of this build beside it, so that it
//! needs nothing of this tree.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use maker::Language;

type File = (&'static str, &'static str);

macro_rules! files {
    ($at:literal, $to:literal: $($file:literal),* $(,)?) => {
        &[$((concat!($to, $file), include_str!(concat!($at, $file)))),*]
    };
}

const BOTH: &[&[File]] = &[
    files!("../templates/", "": "recordings/create-payment.json", "recordings/refund.json", "recordings/verify-cancelled.json",
        "recordings/verify-paid.json"),
    files!("../../wit/", "wit/": "gateway.wit"),
];
const RUST: &[&[File]] = &[
    files!("../templates/rust/", "": "Cargo.toml", "src/lib.rs"),
    files!("../../gateways/", "": ".cargo/config.toml"),
    files!("../../sdk/", "stoa-sdk/": "Cargo.toml", "src/answers.rs", "src/bindings.rs", "src/describe.rs", "src/error.rs", "src/fake.rs",
        "src/host.rs", "src/http.rs", "src/json.rs", "src/lib.rs", "src/macros.rs"),
];
const JAVASCRIPT: &[&[File]] = &[
    files!("../templates/javascript/", "": "src/gateway.js"),
    files!("../../sdk-js/", "sdk/": "stoa.js", "package.json", "package-lock.json"),
];

/// Writes a new gateway into a folder that is not there, or empty.
///
/// # Errors
/// Where the name is none, or the folder can't be written.
pub fn write(folder: &Path, name: &str, language: Language) -> Result<()> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = (1..=64).contains(&name.len()) && name.bytes().all(letter) && name.as_bytes()[0].is_ascii_lowercase();
    ensure!(
        good && !name.ends_with('-'),
        "a gateway's name is 1 to 64 small letters, digits and dashes, and begins with a letter"
    );
    let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    ensure!(!taken, "{} is there, and not empty", folder.display());
    let (word, own) = match language {
        Language::Rust => ("rust", RUST),
        Language::JavaScript => ("javascript", JAVASCRIPT),
    };
    for (path, text) in BOTH.iter().chain(own).flat_map(|files| files.iter()) {
        let text = match *path {
            // Beside its gateway the SDK is a member of that workspace.
            "stoa-sdk/Cargo.toml" => text.replace("workspace = \"../gateways\"\n", ""),
            "Cargo.toml" | "src/lib.rs" | "src/gateway.js" => text.replace("NAME", name),
            _ => (*text).to_owned(),
        };
        put(&folder.join(path), &text)?;
    }
    let manifest = format!(
        "id = \"{name}\"\nversion = \"0.1.0\"\ncontract = \"0.1.0\"\nlanguage = \"{word}\"\n\
         allowed-hosts = [\"api.example.com\"]\ncapabilities = [\"refunds\"]\n"
    );
    put(&folder.join("plugin.toml"), &manifest)?;
    put(&folder.join(".gitignore"), "target\n")?;
    match language {
        Language::Rust => put(&folder.join(".rustfmt.toml"), include_str!("../../../.rustfmt.toml")),
        Language::JavaScript => Ok(()),
    }
}

fn put(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("{} can't be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An SDK without one of its modules would not build.
    #[test]
    fn the_whole_sdk_goes_along() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/src");
        for entry in fs::read_dir(folder).unwrap() {
            let name = format!("stoa-sdk/src/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(RUST.iter().any(|files| files.iter().any(|(path, _)| *path == name)), "{name}");
        }
    }

    #[test]
    fn a_gateway_is_written_once_and_under_a_good_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "-a", "a-", "Aa", "a b", "1a"] {
            assert!(write(&folder.path().join("bad"), name, Language::Rust).is_err(), "{name}");
        }
        let place = folder.path().join("good");
        write(&place, "good", Language::Rust).unwrap();
        assert!(fs::read_to_string(place.join("Cargo.toml")).unwrap().contains("name = \"good\""));
        assert!(!fs::read_to_string(place.join("stoa-sdk/Cargo.toml")).unwrap().contains("../gateways"));
        assert!(write(&place, "good", Language::Rust).is_err(), "nothing is written over");
    }
}
