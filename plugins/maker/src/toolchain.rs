//! How gateways in Rust can be built on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN: &str = "/usr/bin/rustc";
const INSTALL: &str = "install the target: `rustup target add wasm32-unknown-unknown` (on Debian, without it: `apt-get \
    install rustc-web rust-web-src`)";

/// A compiler that knows the target.
pub enum Toolchain {
    /// The one of this build.
    Own,
    /// Debian's, which has the sources of the standard library beside it; the linkers are of rustup's, in this folder.
    Debian(PathBuf),
}

/// What is there, or can be had within a minute.
pub fn find(target: &Path) -> Result<Toolchain, String> {
    if has_target() {
        return Ok(Toolchain::Own);
    }
    if let Some(linkers) = debian() {
        return Ok(Toolchain::Debian(linkers));
    }
    if add_target(target) && has_target() {
        return Ok(Toolchain::Own);
    }
    Err(INSTALL.to_owned())
}

/// A command without what cargo told whoever calls this: the inner cargo would take it for its own.
pub fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let network = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];
        let inherited = name.starts_with("CARGO_") && !network.iter().any(|kept| name.starts_with(kept));
        let told = ["TARGET", "HOST", "OUT_DIR", "PROFILE", "OPT_LEVEL", "DEBUG", "NUM_JOBS", "LD_LIBRARY_PATH"];
        if inherited || name.starts_with("RUSTC") || name == "RUSTFLAGS" || told.contains(&&*name) {
            command.env_remove(&*name);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let answer = clean(program).args(arguments).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

fn has_target() -> bool {
    let folder = ask("rustc", &["--print", "target-libdir", "--target", TARGET]);
    folder.and_then(|folder| fs::read_dir(folder).ok()).is_some_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

fn debian() -> Option<PathBuf> {
    // Compiler and sources come from one source package, and must be of one version.
    let sysroot = PathBuf::from(ask(DEBIAN, &["--print", "sysroot"])?);
    fs::metadata(sysroot.join("lib/rustlib/src/rust/library/Cargo.lock")).ok()?;
    let own = PathBuf::from(ask("rustc", &["--print", "sysroot"])?);
    let linkers = own.join("lib/rustlib").join(ask("rustc", &["--print", "host-tuple"])?).join("bin");
    linkers.join("wasm-component-ld").exists().then_some(linkers)
}

/// Asks rustup for the target: at most a minute, and not again for a day where it was of no use.
fn add_target(target: &Path) -> bool {
    let tried = target.join("rustup-was-asked");
    let since = fs::metadata(&tried).and_then(|file| file.modified()).ok();
    if since.and_then(|since| SystemTime::now().duration_since(since).ok()).is_some_and(|age| age.as_secs() < 86_400) {
        return false;
    }
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut rustup) = quiet(clean("rustup").args(["target", "add", TARGET])) else { return false };
    let until = Instant::now() + Duration::from_secs(60);
    let added = loop {
        match rustup.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(100)),
            _ => {
                let _ = rustup.kill();
                let _ = rustup.wait();
                break false;
            }
        }
    };
    if !added {
        let _ = fs::create_dir_all(target);
        let _ = fs::write(tried, "");
    }
    added
}
