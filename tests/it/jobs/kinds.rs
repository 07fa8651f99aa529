//! Jobs that these stories are told with.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use domain::jobs::Kind;
use jobs::{Failure, InStore, Kinds, Run};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use uuid::Uuid;

pub(crate) fn all() -> Kinds {
    jobs::kinds()
        .store::<Note>()
        .store::<Twice>()
        .store::<Panics>()
        .store::<Slow>()
        .store::<Stuck>()
        .store::<Peek>()
        .store::<Counts>()
        .store::<Sweep>()
        .platform::<super::upkeep::Tick>()
}

/// Writes a word down in its store.
pub(crate) async fn note(at: &InStore, what: &str) -> Result<(), Failure> {
    let mut tx = at.begin().await?;
    let tenant = tx.tenant();
    sqlx::query("INSERT INTO tally (tenant_id, id, what) VALUES ($1, gen_random_uuid(), $2)")
        .bind(tenant.0)
        .bind(what)
        .execute(tx.conn())
        .await
        .map_err(Failure::again)?;
    Ok(tx.commit().await?)
}

/// Writes a word down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Note(pub(crate) String);

impl Kind for Note {
    const NAME: &'static str = "test.note";
}

impl Run for Note {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        note(at, &self.0).await
    }
}

/// Writes a word down, and fails the first time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Twice;

impl Kind for Twice {
    const NAME: &'static str = "test.twice";
    const RETRIES: u32 = 1;
}

impl Run for Twice {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        note(at, "tried").await?;
        Err(Failure::again("the weather"))
    }
}

/// Panics.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Panics;

impl Kind for Panics {
    const NAME: &'static str = "test.panics";
}

impl Run for Panics {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        note(at, "about to panic").await?;
        panic!("on purpose")
    }
}

/// Takes longer than it may.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Slow;

impl Kind for Slow {
    const NAME: &'static str = "test.slow";
    const TIMEOUT: Duration = Duration::from_millis(50);
}

impl Run for Slow {
    async fn run(self, _: &InStore) -> Result<(), Failure> {
        pending().await
    }
}

/// Doors that jobs of these stories stop at, by number.
static DOORS: LazyLock<Mutex<HashMap<Uuid, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// Begins, and goes on when its door is opened.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stuck(pub(crate) Uuid);

impl Stuck {
    fn door(&self) -> Arc<Semaphore> {
        Arc::clone(DOORS.lock().unwrap().entry(self.0).or_insert_with(|| Arc::new(Semaphore::new(0))))
    }

    pub(crate) fn open(&self) {
        self.door().add_permits(1);
    }
}

impl Kind for Stuck {
    const NAME: &'static str = "test.stuck";
}

impl Run for Stuck {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        note(at, "begun").await?;
        self.door().acquire().await.unwrap().forget();
        note(at, "gone on").await
    }
}

/// Looks for rows of all stores, and writes down whose it sees.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Peek;

impl Kind for Peek {
    const NAME: &'static str = "test.peek";
}

impl Run for Peek {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let owners: Vec<Uuid> =
            sqlx::query_scalar("SELECT DISTINCT tenant_id FROM users").fetch_all(tx.conn()).await.unwrap();
        let queue = sqlx::query("SELECT 1 FROM platform.jobs").fetch_all(tx.conn()).await;
        drop(tx);
        note(at, &format!("{owners:?} {}", queue.is_err())).await
    }
}

/// Counts to its number, for its store to watch, one at a time through its door.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) to: i64,
    pub(crate) door: Uuid,
}

impl Kind for Counts {
    const NAME: &'static str = "test.counts";
}

impl Run for Counts {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        for done in 1..=self.to {
            Stuck(self.door).door().acquire().await.unwrap().forget();
            if !at.advance(done, Some(self.to)).await? {
                return note(at, "stopped").await;
            }
        }
        let mut tx = at.begin().await?;
        at.finish(&mut tx, &serde_json::json!({ "counted": self.to })).await?;
        Ok(tx.commit().await?)
    }
}

/// Of which one waits in a store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep;

impl Kind for Sweep {
    const NAME: &'static str = "test.sweep";

    fn once(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

impl Run for Sweep {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        note(at, "swept").await
    }
}
