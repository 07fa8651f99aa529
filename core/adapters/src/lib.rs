//! What lies outside, behind traits that the domain declares.

pub mod mail;
pub mod objects;
