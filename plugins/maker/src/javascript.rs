//! Making gateways that are written in JavaScript: QuickJS with the gateway's modules in it, by `componentize-qjs`.
//!
//! The tool is npm's, in the version that `package-lock.json` beside the SDK names, and no script of a package is run. What it makes
//! differs each time by some bytes, so that a component is made once of the same sources and kept.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io, thread};

use crate::toolchain::clean;
use crate::{Manifest, Trouble, failed};

/// Where a gateway's first module lies in its folder.
pub const MODULE: &str = "src/gateway.js";

const INSTALL: &str = "install Node 20 or newer, with npm (on Debian: `apt-get install nodejs npm`)";
/// How long npm and the tool may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long npm is not asked again after it failed.
const PAUSE: Duration = Duration::from_secs(600);

/// A gateway in JavaScript, and what it is made with.
#[derive(Debug)]
pub struct JavaScript<'a> {
    /// The gateway's folder.
    pub folder: &'a Path,
    /// The folder of the SDK, with the tool's `package.json` and lock.
    pub sdk: &'a Path,
    /// The contract.
    pub wit: &'a Path,
    /// A folder that holds all of the modules.
    pub root: &'a Path,
    /// Where what is made is kept.
    pub target: &'a Path,
}

impl JavaScript<'_> {
    /// Makes the component, and answers where it lies.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn build(&self, manifest: &Manifest) -> Result<PathBuf, Trouble> {
        let unread = |error: io::Error| failed("reading the sources", &error);
        let mut hasher = DefaultHasher::new();
        (&manifest.id, &manifest.capabilities, env!("CARGO_PKG_VERSION")).hash(&mut hasher);
        for place in [self.folder.join("src"), self.sdk.to_owned(), self.wit.to_owned()] {
            for file in files(&place).map_err(unread)? {
                (file.strip_prefix(&place).ok(), fs::read(&file).map_err(unread)?).hash(&mut hasher);
            }
        }
        let made = self.target.join(format!("{}-{:016x}.wasm", manifest.id, hasher.finish()));
        if made.exists() {
            return Ok(made);
        }
        let tool = self.tool()?;
        let scratch = self.target.join(format!("{}-{}", manifest.id, std::process::id()));
        let outcome = self.componentize(&tool, manifest, &scratch, &made);
        // What is left of it is made anew each time.
        let _ = fs::remove_dir_all(&scratch);
        outcome.map(|()| made)
    }

    fn componentize(&self, tool: &Path, manifest: &Manifest, scratch: &Path, made: &Path) -> Result<(), Trouble> {
        let unwritten = |error: io::Error| failed("writing the component", &error);
        let wit = scratch.join("wit");
        fs::create_dir_all(&wit).map_err(unwritten)?;
        let contract = fs::read_to_string(self.wit).map_err(unwritten)?;
        let joined = manifest.capabilities.iter().map(|can| format!("    include with-{can};\n")).collect::<String>();
        let world = format!("\nworld made {{\n    include payment-gateway;\n{joined}}}\n");
        fs::write(wit.join("gateway.wit"), contract + &world).map_err(unwritten)?;
        let half = scratch.join("half.wasm");
        let mut node = clean("node");
        node.arg(tool).arg("--wit").arg(&wit).arg("--js").arg(self.folder.join(MODULE)).arg("--module-root");
        node.arg(self.root).args(["--world", "made", "--sync", "--stub-wasi", "--opt-size", "--output"]).arg(&half);
        bounded(node, "componentize-qjs")?.map_err(Trouble::Mistake)?;
        fs::rename(&half, made).map_err(unwritten)
    }

    /// Where the tool lies, installed where it is not.
    fn tool(&self) -> Result<PathBuf, Trouble> {
        if !clean("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            return Err(Trouble::Missing(INSTALL.to_owned()));
        }
        let unwritten = |error: io::Error| failed("npm ci", &error);
        let lock = fs::read(self.sdk.join("package-lock.json")).map_err(unwritten)?;
        let mut hasher = DefaultHasher::new();
        lock.hash(&mut hasher);
        let folder = self.target.join(format!("tools-{:016x}", hasher.finish()));
        let tool = folder.join("node_modules/componentize-qjs/bin/componentize-qjs");
        if tool.exists() {
            return Ok(tool);
        }
        let failed_before = self.target.join("npm-failed");
        if let Ok(why) = fs::read_to_string(&failed_before)
            && fs::metadata(&failed_before).and_then(|file| file.modified()).is_ok_and(recent)
        {
            return Err(Trouble::Missing(why));
        }
        let half = self.target.join(format!("npm-{}", std::process::id()));
        fs::create_dir_all(&half).map_err(unwritten)?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(self.sdk.join(name), half.join(name)).map_err(unwritten)?;
        }
        let mut npm = clean("npm");
        npm.current_dir(&half).args([
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]);
        let installed = bounded(npm, "npm ci").and_then(|ended| ended.map_err(|why| failed("npm ci", &why)));
        if let Err(Trouble::Missing(why)) = &installed {
            let _ = fs::write(&failed_before, why);
        }
        // Another build may have been first.
        if installed.is_err() || fs::rename(&half, &folder).is_err() {
            let _ = fs::remove_dir_all(&half);
        }
        installed.map(|()| tool)
    }
}

fn recent(since: SystemTime) -> bool {
    SystemTime::now().duration_since(since).is_ok_and(|age| age < PAUSE)
}

/// All files below a folder, or the file itself, in an order that is always the same.
fn files(place: &Path) -> io::Result<BTreeSet<PathBuf>> {
    if place.is_file() {
        return Ok([place.to_owned()].into());
    }
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if path.file_name().is_none_or(|name| name != "node_modules") {
            found.extend(files(&path)?);
        }
    }
    Ok(found)
}

/// Runs a command, for as long as it may take; the inner error is what it said.
fn bounded(mut command: Command, what: &str) -> Result<Result<(), String>, Trouble> {
    let folder = std::env::temp_dir();
    let told = folder.join(format!("stoa-{}-{:?}.log", std::process::id(), thread::current().id()));
    let log = fs::File::create(&told).map_err(|error| failed(what, &error))?;
    let other = log.try_clone().map_err(|error| failed(what, &error))?;
    let started = command.stdout(Stdio::from(log)).stderr(Stdio::from(other)).spawn();
    let mut child = started.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Trouble::Missing(INSTALL.to_owned()),
        _ => failed(what, &error),
    })?;
    let until = Instant::now() + PATIENCE;
    let good = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    let said = fs::read(&told).map(|said| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default();
    let _ = fs::remove_file(&told);
    let said = if Instant::now() < until { said } else { format!("{what} was given up after two minutes\n{said}") };
    Ok(if good { Ok(()) } else { Err(said) })
}
