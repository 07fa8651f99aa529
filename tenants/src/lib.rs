//! Tenancy: which store a request is for, and the only way to a connection that sees that store's rows.

mod db;
mod directory;
mod error;
mod id;
pub mod registry;
pub mod schema;

pub use db::{
    Bell, Database, DatabaseOptions, Listener, PlatformDb, PlatformTx, TenantDb, TenantTx, WorkerConn, WorkerDb,
};
pub use directory::{Directory, Named};
pub use error::DbError;
pub use id::TenantId;
