//! The one engine of a process, and its clock.

use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

use crate::limits::{INSTANCES, MEMORIES, TABLE, TABLES};

/// How often a gateway that computes is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// How many memories there are for all calls of a process together.
pub(crate) const SEATS: u32 = 1_200;

/// How much memory an instance could ever be given: limits are below it.
pub(crate) const LARGEST_MEMORY: usize = 64 << 20;

/// What code is compiled for and run under; the same wherever it is compiled.
fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .consume_fuel(true)
        .wasm_backtrace_max_frames(None)
        // Nobody looks into a gateway's frames; without what would tell of them, compiled code is smaller and sooner loaded.
        .generate_address_map(false)
        .native_unwind_info(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        .memory_init_cow(true)
        .memory_reservation(LARGEST_MEMORY as u64)
        .memory_guard_size(32 << 20)
        .memory_reservation_for_growth(0);
    config
}

/// An engine that runs gateways.
pub(crate) fn running() -> Result<Engine> {
    let [instances, memories, tables] =
        [INSTANCES, MEMORIES, TABLES].map(|most| u32::try_from(most).unwrap_or(u32::MAX));
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SEATS)
        .total_core_instances(SEATS * 16)
        .total_memories(SEATS)
        .total_tables(SEATS * 3)
        .total_stacks(SEATS)
        .max_core_instances_per_component(instances)
        .max_memories_per_component(memories)
        .max_tables_per_component(tables)
        .max_memory_size(LARGEST_MEMORY)
        .table_elements(TABLE)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        // Where the kernel can say which pages were touched, only those are cleared: a big saving at every call.
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(100);
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config)?;
    tick(&engine);
    Ok(engine)
}

/// An engine that compiles, and holds no memory ready.
pub(crate) fn compiling() -> Result<Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(&config)
}

/// Counts time for what runs, for as long as the engine lives.
fn tick(engine: &Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
