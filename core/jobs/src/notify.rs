//! Waking workers: after a commit, from one connection a process. Inside business transactions it would put the commits of
//! the whole cluster in a row.

use tenants::{PlatformDb, TenantDb};
use tracing::debug;

/// The channel on which workers are woken.
pub const CHANNEL: &str = "stoa_jobs";

/// Tells workers, of this process and others, whenever a job was committed. Runs until it is dropped. What goes wrong is
/// of no consequence: workers look by themselves, too.
pub async fn ring_out(tenants: TenantDb, platform: PlatformDb) {
    loop {
        tokio::select! {
            () = tenants.bell().rung() => {}
            () = platform.bell().rung() => {}
        }
        if let Err(err) = tenants.notify(CHANNEL).await {
            debug!("Workers could not be woken: {err}");
        }
    }
}
