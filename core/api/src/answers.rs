//! Answers of the catalogue that are remembered: finished bytes, each under its store and the version of its catalogue.
//!
//! Whoever changes what visitors see counts the version up in the same transaction (`count_catalog_change`), so that what was
//! made under a version stays right for as long as it is the version. Which one that is is believed for half a second, and
//! no longer than until this process writes to the store: who changes something here sees it here at once, and all others
//! within that time, without a message that could be lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde::Serialize;
use tenants::{TenantDb, TenantId, TenantTx};

use crate::http::{Problem, Shared};
use crate::prices::Prices;

/// How much of what is asked is remembered with the answer; longer questions are answered anew each time.
const LONGEST: usize = 1_000;
/// How long an answer lives, whatever happens: it may be behind in what counts no version up, the order of best sellers.
const LIFE: Duration = Duration::from_secs(60);
/// What an answer takes beside its bytes.
const BESIDE: usize = 300;

/// How answers are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// How many megabytes of them; none for nothing.
    pub megabytes: u32,
    /// How long the version of a catalogue is believed.
    pub believed: Duration,
}

impl Memory {
    /// How long the version of a catalogue is believed in earnest.
    pub const BELIEVED: Duration = Duration::from_millis(500);
}

/// Answers that are remembered, of all stores.
pub(crate) struct Answers {
    versions: moka::sync::Cache<TenantId, Version>,
    kept: Cache<Key, Shared>,
    believed: Duration,
}

/// The version of a store's catalogue.
#[derive(Clone, Copy)]
struct Version {
    number: i64,
    /// When a discount begins or ends.
    until: Option<DateTime<Utc>>,
    /// How often this process had written to the store before it was read.
    commits: u64,
    read: Instant,
}

/// What an answer is remembered by. The store is a part of it by type, and the version is that store's.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    store: TenantId,
    version: i64,
    asked: Box<str>,
}

impl Answers {
    pub(crate) fn new(memory: Memory) -> Self {
        let weight =
            |key: &Key, answer: &Shared| u32::try_from(key.asked.len() + answer.len() + BESIDE).unwrap_or(u32::MAX);
        Self {
            versions: moka::sync::Cache::builder().max_capacity(100_000).time_to_live(LIFE).build(),
            kept: Cache::builder()
                .max_capacity(u64::from(memory.megabytes) * 1_000_000)
                .weigher(weight)
                .time_to_live(LIFE)
                .build(),
            believed: memory.believed,
        }
    }

    /// The answer to what is asked, remembered or made of a transaction that reads the catalogue with the prices of now. Of
    /// many who ask the same at once, one makes it. Only for what every visitor of a store is answered alike.
    pub(crate) async fn answer<T: Serialize, F: Future<Output = Result<T, Problem>>>(
        &self,
        (db, prices): (&TenantDb, &Prices),
        store: TenantId,
        asked: String,
        make: impl FnOnce(TenantTx) -> F,
    ) -> Result<Shared, Problem> {
        if asked.len() > LONGEST {
            return Shared::of(&make(prices.begin(db, store).await?.0).await?);
        }
        let version = self.version((db, prices), store).await?;
        let key = Key { store, version, asked: asked.into() };
        // Its snapshot is of that version or a later one, which is as good.
        let made = async { Shared::of(&make(db.begin_read(store).await?).await?) };
        self.kept.try_get_with(key, made).await.map_err(Arc::unwrap_or_clone)
    }

    async fn version(&self, (db, prices): (&TenantDb, &Prices), store: TenantId) -> Result<i64, Problem> {
        let (commits, read) = (db.commits(store), Instant::now());
        let known = self.versions.get(&store).filter(|known| {
            known.commits == commits
                && known.read.elapsed() < self.believed
                && known.until.is_none_or(|until| until > Utc::now())
        });
        if let Some(known) = known {
            return Ok(known.number);
        }
        let (_, state) = prices.begin(db, store).await?;
        let version = Version { number: state.version, until: state.next_price_change_at, commits, read };
        self.versions.insert(store, version);
        Ok(state.version)
    }
}
