//! Memory that a call took is the machine's again. By itself in its process: what the process holds is looked at.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a story that goes wrong fails")]

#[path = "../hostile/guests.rs"]
#[expect(dead_code, reason = "of the hostile pack, which needs more of it")]
mod guests;

use futures_util::future::join_all;
use gateway::{GatewayError, Gateways as _};

use crate::guests::{call, creating, host, request};

/// The memory of this process that is in use, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_comes_back() {
    let host = host();
    // Touches each page of some 30 MiB.
    let body = "(local $at i32) (drop (memory.grow (i32.const 480)))
        (loop $again (i32.store (i32.add (i32.const 16384) (local.get $at)) (i32.const 1))
            (local.set $at (i32.add (local.get $at) (i32.const 4096)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const 31000000))))
        unreachable";
    let bomb = host.load(&creating(body)).await.unwrap();
    let (quiet, request) = (call(&[], &[]), request());
    for _ in 0..4 {
        join_all((0..4).map(|_| bomb.create_payment(&quiet, &request))).await;
    }
    let before = resident();
    for _ in 0..50 {
        for ended in join_all((0..4).map(|_| bomb.create_payment(&quiet, &request))).await {
            assert!(matches!(ended, Err(GatewayError::Internal { .. })));
        }
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more after 200 calls of 30 MiB each");
}
