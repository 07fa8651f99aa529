//! The migrations are part of this crate: a new one makes it another.

#![expect(clippy::print_stdout, reason = "this is how a build script speaks")]

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
