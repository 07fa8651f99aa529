//! Building the gateways that are written in Rust: all in one call.

use std::fs;

use crate::toolchain::{self, Toolchain};
use crate::{Places, failed, variable};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds them, and puts them where they are embedded from.
pub fn build(places: &Places, gateways: &[String]) -> Result<(), String> {
    let toolchain = toolchain::find(&places.target)?;
    let mut cargo = toolchain::clean(&variable("CARGO"));
    cargo.current_dir(&places.sources).args(["build", "--quiet", "--release", "--locked", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&places.target);
    for gateway in gateways {
        cargo.args(["--package", gateway]);
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
        // A mistake in a gateway stops the build like any other mistake.
        assert!(!told.contains("could not compile"), "the gateways can't be built:\n{told}");
        return Err(failed("cargo build", &told));
    }
    for gateway in gateways {
        let file = format!("{}.wasm", gateway.replace('-', "_"));
        let from = places.target.join(TARGET).join("release").join(file);
        fs::copy(&from, places.out.join(gateway).with_extension("wasm"))
            .map_err(|error| failed(&format!("copy {}", from.display()), &error))?;
    }
    Ok(())
}
