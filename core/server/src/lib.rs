//! The program `stoa`: configuration, telemetry, wiring, commands, and the development database.

pub mod cluster;
pub mod commands;
pub mod config;
mod connections;
pub mod dev;
pub mod gateways;
mod leftover;
mod metrics;
pub mod provision;
pub mod serve;
pub mod telemetry;
pub mod worker;
