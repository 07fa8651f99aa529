//! Connections. A transaction of a store or of the platform is the only way to one, and both are begun here.

mod platform;
mod pool;
mod tenant;

pub use platform::{PlatformDb, PlatformTx};
pub use pool::{Database, DatabaseOptions};
pub use tenant::{TenantDb, TenantTx};
