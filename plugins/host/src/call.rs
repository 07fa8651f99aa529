//! One call of a gateway: a fresh instance within its bounds, and what becomes of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway::GatewayError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Engine, Error, Result, Store, Trap, UpdateDeadline};

use crate::bindings::stoa::gateway::types;
use crate::engine::TICK;
use crate::fetch::Fetch;
use crate::host::Clock;
use crate::imports::{Imports, Running};
use crate::limits::{Broke, HANDED_OVER, Limits};

/// How long a call waits for a seat among the others.
const QUEUE: Duration = Duration::from_secs(2);

/// What all calls of a process share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    pub(crate) allow_loopback: bool,
    pub(crate) clock: Clock,
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) seats: Arc<Semaphore>,
    /// Turns of those that compute for long: half of the processors stay with everybody else.
    pub(crate) turns: Arc<Semaphore>,
}

/// The turn of a call that computes for long, while it has one: dropped with the call.
#[derive(Clone, Default)]
pub(crate) struct Turn(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Turn {
    /// Lets others have it.
    pub(crate) fn end(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Waits behind all others that are ready, and behind those that compute for long, too.
    async fn begin(self, turns: Arc<Semaphore>) {
        // A plain yield of the engine would be polled again at once.
        tokio::task::yield_now().await;
        let turn = turns.acquire_owned().await.ok();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }
}

/// There was no seat.
#[derive(Debug, thiserror::Error)]
#[error("too many payments are under way; try again")]
struct Busy;

/// A store with its seat: dropped together.
pub(crate) struct Bounded {
    pub(crate) store: Store<Running>,
    _seat: OwnedSemaphorePermit,
}

impl Shared {
    /// An instance that runs within the bounds of one call, and what it runs in.
    pub(crate) async fn instantiate(
        &self,
        pre: &InstancePre<Running>,
        seats: u32,
        imports: Option<Imports>,
    ) -> Result<(Bounded, Instance)> {
        let seat = timeout(QUEUE, Arc::clone(&self.seats).acquire_many_owned(seats)).await;
        let seat = seat.ok().and_then(std::result::Result::ok).ok_or_else(|| Error::new(Busy))?;
        let ticks = u64::try_from(self.limits.running.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
        let mut store = Store::new(&self.engine, Running::new(self.limits.memory, ticks, imports));
        store.limiter(|running| &mut running.memory);
        store.set_hostcall_fuel(HANDED_OVER);
        store.set_fuel(self.limits.fuel)?;
        store.set_epoch_deadline(1);
        let turns = Arc::clone(&self.turns);
        store.epoch_deadline_callback(move |mut store| {
            let running = store.data_mut();
            let Some(left) = running.ticks.checked_sub(1) else { return Ok(UpdateDeadline::Interrupt) };
            running.ticks = left;
            let Some(turn) = &running.turn else {
                // The clock strikes while some short call is under way, too.
                running.turn = Some(Turn::default());
                return Ok(UpdateDeadline::Continue(1));
            };
            turn.end();
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(turn.clone().begin(Arc::clone(&turns)))))
        });
        let instance = pre.instantiate_async(&mut store).await?;
        Ok((Bounded { store, _seat: seat }, instance))
    }

    /// Waits for a call to end, as long as it may take, and reads what it answered.
    pub(crate) async fn conclude<T, U>(
        &self,
        sent: &AtomicBool,
        call: impl Future<Output = Result<std::result::Result<T, types::GatewayError>>>,
        read: impl FnOnce(T) -> std::result::Result<U, Broke>,
    ) -> std::result::Result<U, GatewayError> {
        let ended = timeout(self.limits.call, call).await;
        let sent = sent.load(Ordering::Relaxed);
        let internal = |message: String| GatewayError::Internal { message, sent };
        match ended {
            Err(_) => Err(internal("it took too long".to_owned())),
            Ok(Err(err)) if err.is::<Busy>() => Err(GatewayError::NotSent(Busy.to_string())),
            Ok(Err(err)) => Err(internal(sentence(&err))),
            Ok(Ok(Err(said))) => Err(crate::answers::error(said, sent)),
            Ok(Ok(Ok(answer))) => read(answer).map_err(|broke| internal(broke.to_string())),
        }
    }
}

/// What a gateway did, for people: one clean line, whatever the engine says.
pub(crate) fn sentence(err: &Error) -> String {
    tracing::debug!("A gateway failed: {err:#}");
    if let Some(broke) = err.downcast_ref::<Broke>() {
        return broke.to_string();
    }
    let said = match err.downcast_ref::<Trap>() {
        Some(Trap::Interrupt | Trap::OutOfFuel) => "it computed for too long",
        Some(Trap::StackOverflow) => "its stack grew too deep",
        Some(Trap::UnreachableCodeReached) => "it gave up",
        Some(Trap::MemoryOutOfBounds | Trap::TableOutOfBounds) => "it reached beyond its memory",
        Some(_) => "it broke off",
        None => "what it said breaks the contract, or is too much",
    };
    said.to_owned()
}
