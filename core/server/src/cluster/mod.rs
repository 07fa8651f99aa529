//! A private PostgreSQL: found or fetched, created on first use, started, and stopped with the process that wanted it.
//!
//! `stoa dev` keeps its database this way, and so does the test suite. What holds in both:
//!
//! * The server listens on 127.0.0.1 only, on a port the system chose, and asks for a random password.
//! * One process at a time uses a data folder; the lock is the system's and ends with the process.
//! * However that process ends, a small watchdog notices and stops the server.
//! * Run by root, the server's processes belong to the user `postgres` (else `nobody`), since PostgreSQL refuses root.
//!
//! A data folder holds `postgres` (the database), `postgres.password`, `postgres.lock` and, where the database had to
//! be kept elsewhere, `postgres.location` with the place.
//!
//! Everything here blocks but [`find_or_fetch`]; call it from `spawn_blocking`. An error is one line that says what to
//! do; print it with `{:#}`.

mod account;
mod create;
mod explain;
mod fetch;
mod find;
mod folder;
mod server;
mod start;
mod watchdog;

pub use fetch::{downloads_folder, find_or_fetch};
pub use find::{Installation, OLDEST_MAJOR, find};
pub use start::{ADMIN, Cluster, Options};
