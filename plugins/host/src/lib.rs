//! Runs payment gateways as WebAssembly components. A gateway gets a fresh instance for each call, bounded in time, memory
//! and words, with no way out but the imports of `plugins/wit`; whatever it does ends as an answer or as a
//! [`gateway::GatewayError`], and never reaches another store, another gateway or this process.

mod answers;
mod bindings;
mod call;
mod code;
mod component;
mod description;
mod engine;
mod fetch;
mod host;
mod imports;
mod limits;
mod questions;
mod secrets;
mod version;

pub use code::{CodeFolder, Compiler, compile};
pub use fetch::{Fetch, Fetched, Incoming, Names, Outgoing, SystemNames, Unfetched, Web};
pub use host::{Clock, Host, HostError, Options};
pub use limits::Limits;
