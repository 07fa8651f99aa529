//! Transactions that write on somebody's behalf. They end in an entry of the audit, or in nothing.

use domain::audit::{self, Actor, Entry, Origin};
use tenants::{DbError, PlatformTx, TenantTx};

/// A transaction of a store in which staff or a key changes something.
pub struct Change {
    tx: TenantTx,
    origin: Origin,
}

impl Change {
    pub(super) fn new(tx: TenantTx, origin: Origin) -> Self {
        Self { tx, origin }
    }

    /// The transaction, for the operation.
    pub fn tx(&mut self) -> &mut TenantTx {
        &mut self.tx
    }

    /// Who changes something.
    pub fn actor(&self) -> Actor {
        self.origin.actor
    }

    /// Makes what was written last, with the entry that says what it was.
    ///
    /// # Errors
    /// [`DbError`]; then nothing is written, neither the change nor the entry.
    pub async fn commit(mut self, entry: Entry) -> Result<(), DbError> {
        audit::record(&mut self.tx, &self.origin, &entry).await?;
        self.tx.commit().await
    }
}

/// A transaction of the platform in which an operator changes something.
pub struct PlatformChange {
    tx: PlatformTx,
    origin: Origin,
}

impl PlatformChange {
    pub(super) fn new(tx: PlatformTx, origin: Origin) -> Self {
        Self { tx, origin }
    }

    /// The transaction, for the operation.
    pub fn tx(&mut self) -> &mut PlatformTx {
        &mut self.tx
    }

    /// Makes what was written last, with the entry that says what it was.
    ///
    /// # Errors
    /// [`DbError`]; then nothing is written, neither the change nor the entry.
    pub async fn commit(mut self, entry: Entry) -> Result<(), DbError> {
        audit::record_platform(&mut self.tx, &self.origin, &entry).await?;
        self.tx.commit().await
    }
}
