//! Which kinds of jobs this build knows, and how each is run.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use domain::jobs::{Kind, PlatformKind};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::context::{Failure, InPlatform, InStore};

/// What a kind of job of a store does.
pub trait Run: Kind {
    /// Does it. May be called twice for one job, and be dropped at any point.
    fn run(self, at: &InStore) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What a kind of job of the platform does.
pub trait RunPlatform: PlatformKind {
    /// Does it. May be called twice for one job, and be dropped at any point.
    fn run(self, at: &InPlatform) -> impl Future<Output = Result<(), Failure>> + Send;
}

type Work = BoxFuture<'static, Result<(), Failure>>;

#[derive(Clone, Copy)]
pub(crate) enum Runner {
    Store(fn(Value, InStore) -> Work),
    Platform(fn(Value, InPlatform) -> Work),
}

/// What is known of a kind.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) retries: u32,
    pub(crate) timeout: Duration,
    pub(crate) check: fn(&Value) -> Result<(), String>,
    pub(crate) runner: Runner,
}

/// The kinds that a worker knows.
#[derive(Clone, Default)]
pub struct Kinds(HashMap<&'static str, Entry>);

impl std::fmt::Debug for Kinds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Kinds {
    /// Learns a kind of job of a store.
    #[must_use]
    pub fn store<K: Run>(mut self) -> Self {
        let runner = Runner::Store(|payload, at| {
            async move { decoded::<K>(payload).map_err(Failure::Never)?.run(&at).await }.boxed()
        });
        let check = |payload: &Value| decoded::<K>(payload.clone()).map(drop);
        self.0.insert(K::NAME, Entry { retries: K::RETRIES, timeout: K::TIMEOUT, check, runner });
        self
    }

    /// Learns a kind of job of the platform.
    #[must_use]
    pub fn platform<K: RunPlatform>(mut self) -> Self {
        let runner = Runner::Platform(|payload, at| {
            async move { decoded::<K>(payload).map_err(Failure::Never)?.run(&at).await }.boxed()
        });
        let check = |payload: &Value| decoded::<K>(payload.clone()).map(drop);
        self.0.insert(K::NAME, Entry { retries: K::RETRIES, timeout: K::TIMEOUT, check, runner });
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<Entry> {
        self.0.get(name).copied()
    }
}

fn decoded<K: serde::de::DeserializeOwned>(payload: Value) -> Result<K, String> {
    // Where it is wrong is said, what is there is not.
    serde_json::from_value(payload).map_err(|err| format!("the payload can't be read: {:?} error", err.classify()))
}
