//! Shared state: one value of a fixed class in a mapped file, with a lock to change it and without one to read it.
//!
//! The rules, numbered, are in ARCHITECTURE.md, section "Shared state".

pub(crate) mod layout;
pub(crate) mod protocol;

#[cfg(not(loom))]
mod mapped;
#[cfg(not(loom))]
mod open;
#[cfg(not(loom))]
mod preamble;
#[cfg(not(loom))]
pub(crate) mod raw;
#[cfg(not(loom))]
mod typed;

#[cfg(all(loom, test))]
mod models;

#[cfg(not(loom))]
pub use typed::{Locked, Shared};
