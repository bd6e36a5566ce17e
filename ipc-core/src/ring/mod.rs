//! The ring: its layout in memory, the protocol over it, and sleeping.

pub(crate) mod fence;
pub(crate) mod layout;
pub(crate) mod protocol;
pub(crate) mod stop;
pub(crate) mod wait;

mod faults;
mod sync;

#[cfg(all(loom, test))]
mod models;
