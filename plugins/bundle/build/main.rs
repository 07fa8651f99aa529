//! Builds the gateways of `plugins/gateways`, and embeds them.
//!
//! All profiles and commands share one target folder for them, `target/gateways`: what was built for `cargo test` is not
//! built again for `cargo dev`. Where the tools are missing, a warning says what to install, and the program is built without
//! them.

#![allow(clippy::print_stdout, reason = "that is how a build script speaks to cargo")]

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use maker::{JavaScript, Language, Manifest, Rust, Trouble};

/// One that no build brings, for tests of what finds its faults.
const FAULTY: &str = "faulty";

/// A gateway of the tree.
struct Source {
    folder: PathBuf,
    manifest: Manifest,
}

fn main() -> io::Result<()> {
    let plugins = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let out = PathBuf::from(variable("OUT_DIR"));
    // target/debug/build/bundle-…/out
    let target = out.ancestors().nth(4).expect("cargo's folders are nested so").join("gateways");
    fs::create_dir_all(&target)?;
    for watched in ["gateways", "sdk", "sdk-js", "wit"] {
        println!("cargo:rerun-if-changed={}", plugins.join(watched).display());
    }
    println!("cargo:rerun-if-env-changed=PATH");

    let sources = sources(&plugins.join("gateways"))?;
    let (mut built, mut missing) = (Vec::new(), Vec::new());
    let rust: Vec<&Source> = sources.iter().filter(|source| source.manifest.language == Language::Rust).collect();
    let packages: Vec<String> = rust.iter().map(|source| source.manifest.id.clone()).collect();
    let workspace = Rust { workspace: &plugins.join("gateways"), target: &target, cargo: variable("CARGO").into() };
    match workspace.build(&packages) {
        Ok(made) => built.extend(rust.into_iter().zip(made)),
        Err(trouble) => {
            missing.push(format!("the gateways {} were not built: {}", packages.join(", "), sentence(trouble)))
        }
    }
    for source in sources.iter().filter(|source| source.manifest.language == Language::JavaScript) {
        let javascript = JavaScript {
            folder: &source.folder,
            sdk: &plugins.join("sdk-js"),
            wit: &plugins.join("wit/gateway.wit"),
            root: &plugins,
            target: &target,
        };
        match javascript.build(&source.manifest) {
            Ok(made) => built.push((source, made)),
            Err(trouble) => {
                missing.push(format!("the gateway {} was not built: {}", source.manifest.id, sentence(trouble)))
            }
        }
    }
    built.sort_by(|one, other| one.0.manifest.id.cmp(&other.0.manifest.id));
    for why in &missing {
        println!("cargo:warning={why}");
        // Looked for again by the next build: it may be installed by then.
        println!("cargo:rerun-if-changed={}", out.join("never-there").display());
    }
    let mut entries = Vec::new();
    for (source, made) in built {
        let component = out.join(&source.manifest.id).with_extension("wasm");
        fs::copy(made, &component)?;
        entries.push((source, component));
    }
    fs::write(out.join("gateways.rs"), list(&entries, &missing))
}

/// What is missing; a mistake in a gateway stops the build like any other mistake.
fn sentence(trouble: Trouble) -> String {
    match trouble {
        Trouble::Missing(why) => why,
        #[expect(clippy::panic, reason = "that is how a build script fails")]
        Trouble::Mistake(told) => panic!("the gateways can't be built:\n{told}"),
    }
}

fn sources(folder: &Path) -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let folder = entry?.path();
        if folder.join("plugin.toml").exists() {
            found.push(Source { manifest: Manifest::read(&folder).map_err(io::Error::other)?, folder });
        }
    }
    found.sort_by(|one, other| one.manifest.id.cmp(&other.manifest.id));
    Ok(found)
}

/// The Rust that names them.
fn list(built: &[(&Source, PathBuf)], missing: &[String]) -> String {
    let entry = |(source, component): &(&Source, PathBuf)| {
        let (id, manifest) = (&source.manifest.id, source.folder.join("plugin.toml"));
        format!(
            "Bundled {{ id: {id:?}, component: include_bytes!({component:?}), manifest: include_str!({manifest:?}) }}"
        )
    };
    let coming = |(source, _): &&(&Source, PathBuf)| source.manifest.id != FAULTY;
    let gateways: String = built.iter().filter(coming).map(|one| format!("    {},\n", entry(one))).collect();
    let faulty = built.iter().find(|one| !coming(one)).map_or("None".to_owned(), |one| format!("Some({})", entry(one)));
    format!(
        "/// The gateways that come with this build.\npub const GATEWAYS: &[Bundled] = &[\n{gateways}];\n\n\
         /// Why some do not, in a sentence each.\npub const MISSING: &[&str] = &{missing:?};\n\n\
         /// One that does whatever its settings say that it does wrong, for tests of what finds that.\n\
         pub const FAULTY: Option<Bundled> = {faulty};\n"
    )
}

fn variable(name: &str) -> String {
    env::var(name).expect("cargo sets it")
}
