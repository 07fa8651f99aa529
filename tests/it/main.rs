//! The promises to clients, told as stories over HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that goes wrong fails")]

mod accounts;
mod attributes;
mod bad_input;
mod brands;
mod cart_merges;
mod carts;
mod catalog;
mod coupon_uses;
mod discounts;
mod documents;
mod escalation;
mod identity;
mod images;
mod isolation;
mod jobs;
mod orders;
mod permissions;
mod pool;
mod promotions;
mod races;
mod replicas;
mod reviews;
mod running;
mod second_wall;
mod sellables;
mod slugs;
mod staff;
mod stock;
mod stores;
mod storms;
mod tree;
mod variants;
mod walls;
mod wishlists;
