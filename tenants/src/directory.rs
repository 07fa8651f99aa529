//! From the name in a request to the store that it means.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::registry::{Store, StoreSlug, find_entry, find_entry_by_id};
use crate::{DbError, TenantDb, TenantId};

use kernel::Text;

/// How a request names its store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Named {
    /// By a domain of its own, lower-case, without a port.
    Host(String),
    /// By its slug.
    Slug(StoreSlug),
    /// By its id, which an API key carries.
    Id(TenantId),
}

/// How long an answer is believed, good or bad: a suspended store is gone from every replica after this long, without
/// a message between them that could be lost. A store that is visited all the time costs one look-up each time.
const BELIEVED: Duration = Duration::from_millis(500);

/// Finds stores by name. Many who ask for the same store at once cost one look-up.
#[derive(Debug, Clone)]
pub struct Directory {
    db: TenantDb,
    known: Cache<Named, Option<Arc<Store>>>,
}

impl Directory {
    /// An empty memory over `db`.
    #[must_use]
    pub fn new(db: TenantDb) -> Self {
        Self { db, known: Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build() }
    }

    /// The store of that name, whatever its status.
    ///
    /// # Errors
    /// [`DbError`] where it was not known and the database did not answer.
    pub async fn find(&self, named: &Named) -> Result<Option<Arc<Store>>, Arc<DbError>> {
        self.known.try_get_with_by_ref(named, self.look_up(named)).await
    }

    async fn look_up(&self, named: &Named) -> Result<Option<Arc<Store>>, DbError> {
        let mut tx = self.db.begin_without_tenant().await?;
        let found = match named {
            Named::Host(host) => find_entry(&mut tx, Some(host), None).await?,
            Named::Slug(slug) => find_entry(&mut tx, None, Some(slug.as_str())).await?,
            Named::Id(id) => find_entry_by_id(&mut tx, *id).await?,
        };
        Ok(found.map(Arc::new))
    }
}
