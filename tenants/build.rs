//! The migrations are part of this crate: a new one makes it another.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
