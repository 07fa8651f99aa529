//! Whether this process has written to a store since.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::TenantId;

/// Places that stores share. Two at one place only take each other's commits for their own.
const PLACES: usize = 4096;

/// Counts the commits of this process, store by store.
#[derive(Debug, Clone)]
pub(super) struct Commits(Arc<[AtomicU64]>);

impl Default for Commits {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Commits {
    fn place(&self, tenant: TenantId) -> &AtomicU64 {
        // The last bits of an id are random.
        let bits = tenant.0.as_u64_pair().1 as usize;
        &self.0[bits % PLACES]
    }

    pub(super) fn of(&self, tenant: TenantId) -> u64 {
        self.place(tenant).load(Ordering::Acquire)
    }

    /// To be held while a commit is under way: however that ends, it counts.
    pub(super) fn under_way(&self, tenant: TenantId) -> UnderWay<'_> {
        UnderWay(self.place(tenant))
    }
}

/// A commit that may or may not be done.
pub(super) struct UnderWay<'a>(&'a AtomicU64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}
