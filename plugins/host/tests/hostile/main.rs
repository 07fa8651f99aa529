//! Gateways that do what they may not. Each ends in time as a clean error, sends nothing, and leaves the next one unharmed.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a story that goes wrong fails")]

mod bounds;
mod compiling;
mod guests;
mod outside;
mod secrets;
