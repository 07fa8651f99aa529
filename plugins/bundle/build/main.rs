//! Builds the gateways of `plugins/gateways`, and embeds them.
//!
//! All profiles and commands share one target folder for them, `target/gateways`: what was built for `cargo test` is not
//! built again for `cargo dev`. Where the tools are missing, a warning says what to install, and the program is built without
//! them.

#![allow(clippy::print_stdout, reason = "that is how a build script speaks to cargo")]

mod rust;
mod toolchain;

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

/// Where things are.
struct Places {
    /// `plugins/gateways`.
    sources: PathBuf,
    /// `target/gateways`.
    target: PathBuf,
    /// Where what is embedded lies.
    out: PathBuf,
}

fn main() -> io::Result<()> {
    let plugins = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let out = PathBuf::from(variable("OUT_DIR"));
    // target/debug/build/bundle-…/out
    let target = out.ancestors().nth(4).expect("cargo's folders are nested so").join("gateways");
    let places = Places { sources: plugins.join("gateways"), target, out };
    for watched in ["gateways", "sdk", "wit", "bundle/build"] {
        println!("cargo:rerun-if-changed={}", plugins.join(watched).display());
    }

    let mut built = named(&places.sources, "rust")?;
    let mut missing = Vec::new();
    if let Err(why) = rust::build(&places, &built) {
        missing.push(format!("the gateways {} were not built: {why}", built.join(", ")));
        built.clear();
    }
    for why in &missing {
        println!("cargo:warning={why}");
        // Looked for again by the next build: it may be installed by then.
        println!("cargo:rerun-if-changed={}", places.out.join("never-there").display());
    }
    fs::write(places.out.join("gateways.rs"), list(&places, &built, &missing))
}

/// The gateways of one language: the folders whose manifest says so.
fn named(sources: &Path, language: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in fs::read_dir(sources)? {
        let folder = folder?;
        let Ok(manifest) = fs::read_to_string(folder.path().join("plugin.toml")) else { continue };
        if manifest.lines().any(|line| line == format!("language = \"{language}\"")) {
            names.push(folder.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The Rust that names them.
fn list(places: &Places, built: &[String], missing: &[String]) -> String {
    let gateways = built.iter().fold(String::new(), |text, name| {
        let component = places.out.join(name).with_extension("wasm");
        let manifest = places.sources.join(name).join("plugin.toml");
        format!(
            "{text}    Bundled {{ id: {name:?}, component: include_bytes!({component:?}), manifest: include_str!({manifest:?}) }},\n"
        )
    });
    format!(
        "/// The gateways that come with this build.\npub const GATEWAYS: &[Bundled] = &[\n{gateways}];\n\n\
         /// Why some do not, in a sentence each.\npub const MISSING: &[&str] = &{missing:?};\n"
    )
}

fn variable(name: &str) -> String {
    env::var(name).expect("cargo sets it")
}

/// A failed command, in a line.
fn failed(what: &str, error: &dyn fmt::Display) -> String {
    format!("`{what}` failed: {}", error.to_string().trim().replace('\n', " · "))
}
