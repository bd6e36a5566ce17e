//! What the tests with real processes share: frames that can be checked byte by byte, rings in private directories, and
//! processes that do as they are told and are gone when the test is.

pub mod agree;
pub mod application;
pub mod bells;
mod classes;
pub mod controlled;
pub mod format;
pub mod hot;
pub mod installed;
mod isolated;
pub mod litmus;
pub mod main_loop;
mod parcel;
mod peer;
pub mod programs;
pub mod reference;
mod ring;
pub mod seccomp;
pub mod streams;
pub mod tally;
pub mod terminal;

pub use classes::{Parcel, ParcelDims, ParcelRef, Tally, Tick, swapped};
pub use isolated::Isolated;
pub use parcel::{check, largest, parcel, send};
pub use peer::{DEADLINE, Peer, eventually};
pub use ring::Ring;
