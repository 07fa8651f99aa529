//! What a call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What a component and a call of it may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How large a component may be, in bytes.
    pub component: u64,
    /// How long compiling a component may take.
    pub compiling: Duration,
    /// How long a call may compute, without its waiting for answers.
    pub running: Duration,
    /// How many steps of about an instruction each it may take.
    pub fuel: u64,
    /// How much memory all of its instances may have, in bytes.
    pub memory: usize,
    /// How long it may take with its waiting.
    pub call: Duration,
    /// How long one request may take.
    pub fetch: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component: 2 << 20,
            compiling: Duration::from_secs(20),
            running: Duration::from_millis(100),
            fuel: 100_000_000,
            memory: 32 << 20,
            call: Duration::from_secs(20),
            fetch: Duration::from_secs(8),
        }
    }
}

/// How many imports a call may use.
pub(crate) const HOST_CALLS: u32 = 256;
/// How many requests it may send.
pub(crate) const FETCHES: u32 = 8;
/// How large a request may be, headers and all.
pub(crate) const REQUEST: usize = 256 << 10;
/// How large an answer may be, headers and all.
pub(crate) const RESPONSE: usize = 1 << 20;
/// How long a line of the log may be.
pub(crate) const LOG_LINE: usize = 1 << 10;
/// How much a call may log.
pub(crate) const LOG: usize = 16 << 10;
/// How much a call may ask for in chance at once.
pub(crate) const CHANCE: u32 = 1_024;
/// How much a component hands over at once, in the host's bytes.
pub(crate) const HANDED_OVER: usize = 2 << 20;
/// How many elements a table may have.
pub(crate) const TABLE: usize = 20_000;
/// How many core instances, tables and memories a component may have.
pub(crate) const INSTANCES: usize = 64;
pub(crate) const TABLES: usize = 8;
pub(crate) const MEMORIES: usize = 4;

/// A bound that a gateway broke, in a sentence about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broke(pub(crate) &'static str);

/// Counts the memory of all instances of a call together.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) most: usize,
    pub(crate) used: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.most {
            return Err(wasmtime::Error::new(Broke("it needs more memory than a gateway gets")));
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE {
            return Err(wasmtime::Error::new(Broke("it needs larger tables than a gateway gets")));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
