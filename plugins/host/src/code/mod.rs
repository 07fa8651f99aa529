//! Code made of components: compiled by a child of this process, and kept.

mod cache;
mod child;

pub use cache::CodeFolder;
pub(crate) use cache::{Cache, load};
pub use child::compile;
pub(crate) use child::compiled;

use std::ffi::OsString;
use std::path::PathBuf;

/// What compiles components.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// This process, which nothing can interrupt: for components that somebody trusts.
    #[default]
    Here,
    /// A process of its own, bounded and ended at its deadline: a program that calls [`compile`] with the number of seconds
    /// that is put behind these arguments.
    Child {
        /// The program.
        program: PathBuf,
        /// What it is told.
        arguments: Vec<OsString>,
    },
}
