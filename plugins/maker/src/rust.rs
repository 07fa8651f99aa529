//! Making gateways that are written in Rust: all of a workspace in one call.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::toolchain::{self, Toolchain};
use crate::{Trouble, failed};

const TARGET: &str = "wasm32-unknown-unknown";

/// A workspace with gateways.
#[derive(Debug)]
pub struct Rust<'a> {
    /// Its folder.
    pub workspace: &'a Path,
    /// Where cargo puts what it makes.
    pub target: &'a Path,
    /// The cargo to call.
    pub cargo: OsString,
}

impl Rust<'_> {
    /// Makes the packages named, and answers where each component lies.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn build(&self, packages: &[String]) -> Result<Vec<PathBuf>, Trouble> {
        let toolchain = toolchain::find(self.target).map_err(Trouble::Missing)?;
        let mut cargo = toolchain::clean(&self.cargo);
        cargo.current_dir(self.workspace).args(["build", "--quiet", "--release", "--target", TARGET]);
        // Where nobody has locked anything yet, this does.
        if self.workspace.join("Cargo.lock").exists() {
            cargo.arg("--locked");
        }
        cargo.arg("--target-dir").arg(self.target);
        for package in packages {
            cargo.args(["--package", package]);
        }
        if let Toolchain::Debian(linkers) = &toolchain {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::env::split_paths(&path).chain([linkers.clone(), linkers.join("gcc-ld")]);
            let path = std::env::join_paths(folders).map_err(|error| failed("cargo build", &error))?;
            cargo.env("PATH", path).env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linkers.join("wasm-component-ld"));
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
        let answer = cargo.output().map_err(|error| failed("cargo build", &error))?;
        if !answer.status.success() {
            let told = String::from_utf8_lossy(&answer.stderr);
            return Err(match told.contains("could not compile") {
                true => Trouble::Mistake(told.into_owned()),
                false => failed("cargo build", &told),
            });
        }
        let folder = self.target.join(TARGET).join("release");
        Ok(packages.iter().map(|package| folder.join(format!("{}.wasm", package.replace('-', "_")))).collect())
    }
}
