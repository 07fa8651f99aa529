//! The promises to clients, told as stories over HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that goes wrong fails")]

mod accounts;
mod bad_input;
mod brands;
mod catalog;
mod coupon_uses;
mod documents;
mod escalation;
mod identity;
mod isolation;
mod jobs;
mod permissions;
mod pool;
mod promotions;
mod races;
mod replicas;
mod reviews;
mod running;
mod second_wall;
mod sellables;
mod staff;
mod stores;
mod storms;
mod walls;
mod wishlists;
