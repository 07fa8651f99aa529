//! Payment gateways: the registry of their versions, and what each store chose and set.
//!
//! A version is the component of a gateway, known by its SHA-256. It is uploaded (or comes with a build), approved by an
//! operator, and at last withdrawn: then no new payment begins with it. None is ever removed, so that a payment ends with the
//! version that it was begun with. Which gateways a store takes payments through, with which version and settings, are rows
//! of the store. Settings that are secrets are sealed with a key that is not in the database ([`Vault`]).
//!
//! Calls of gateways are made outside of transactions: read [`of_store`], end the transaction, ask the [`Loader`] for the
//! version, and call it.

mod bundle;
mod calling;
mod choice;
mod error;
mod loader;
mod model;
mod queries;
mod registry;
mod schema;
mod trial;
mod vault;

pub use bundle::register_bundled;
pub use calling::{Enabled, Method, begin, enabled, of_store, version_of};
pub use choice::{Chosen, Offer, Wanted, disable, enable, offer, offers, pick};
pub use error::GatewaysError;
pub use loader::Loader;
pub use model::{Description, GatewayName, Registered, Version, VersionNumber, VersionState, VersionStep};
pub use registry::{get, list, step, upload};
pub use schema::{LARGEST_SECRET, MOST_SETTINGS, SchemaFault, SettingsSchema};
pub(crate) use trial::without_secrets;
pub use trial::{Trial, TrialOutcome, try_out};
pub use vault::{Unsealable, Vault};
