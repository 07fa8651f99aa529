//! Makes components of gateways' sources: with cargo of what is written in Rust, with Node of what is written in JavaScript.
//! The build of this tree does it, and `stoa gateway build` does it for everybody else.

mod javascript;
mod manifest;
mod rust;
mod toolchain;

pub use javascript::{JavaScript, MODULE};
pub use manifest::{Language, Manifest, ManifestError};
pub use rust::Rust;

/// Why a gateway was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// This machine lacks what it takes: a sentence that says what to install.
    Missing(String),
    /// The gateway is at fault: what the compiler says.
    Mistake(String),
}

/// A failed command, in a line.
fn failed(what: &str, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::Missing(format!("`{what}` failed: {}", error.to_string().trim().replace('\n', " · ")))
}
