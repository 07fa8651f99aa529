//! Connections. A transaction of a store or of the platform is the only way to one, and both are begun here.

mod bell;
mod commits;
mod platform;
mod pool;
mod tenant;
mod worker;

pub use bell::Bell;
pub use platform::{PlatformDb, PlatformTx};
pub use pool::{Database, DatabaseOptions};
pub use tenant::{TenantDb, TenantTx};
pub use worker::{Listener, WorkerConn, WorkerDb};
