//! HTTP: three surfaces on one listener. No SQL.

mod addresses;
mod admin;
mod answers;
mod app;
mod audit;
mod caller;
mod cors;
mod docs;
mod documents;
mod guard;
mod health;
pub mod http;
mod images;
mod limits;
mod media;
mod metrics;
mod orders;
mod outer;
mod parameters;
mod platform;
pub mod policy;
mod prices;
mod resolve;
mod session;
mod storefront;
mod tag;

pub use answers::Memory;
pub use app::{App, AppOptions};
pub use documents::{Document, documents};
pub use limits::Limits;
pub use metrics::Metrics;
pub use outer::routes;
