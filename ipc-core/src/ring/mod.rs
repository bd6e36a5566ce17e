//! The ring: its layout in memory, the protocol over it, sleeping, and the file that holds it.

pub(crate) mod bell;
pub(crate) mod fence;
pub(crate) mod inline;
pub(crate) mod layout;
pub(crate) mod observe;
pub(crate) mod protocol;
pub(crate) mod reader;
pub(crate) mod stop;
pub(crate) mod sync;
pub(crate) mod wait;
pub(crate) mod writer;

#[cfg(not(loom))]
pub(crate) mod doorbell;
#[cfg(not(loom))]
pub(crate) mod mapped;
#[cfg(not(loom))]
pub(crate) mod open;
#[cfg(not(loom))]
pub(crate) mod place;
#[cfg(not(loom))]
mod preamble;
#[cfg(not(loom))]
mod reboot;
#[cfg(not(loom))]
pub(crate) mod same_class;
#[cfg(not(loom))]
pub(crate) mod waiting;

pub(crate) mod faults;
#[cfg(all(loom, test))]
pub(crate) mod models;
