//! Typed frames between processes over a shared-memory ring.

pub mod class;
mod content;
mod error;
mod macros;
// Under loom only the protocol is compiled, so that it can be modelled on heap memory.
#[cfg(not(loom))]
mod linux;
#[cfg_attr(loom, allow(dead_code, reason = "only the protocol is modelled"))]
mod ring;
mod scalar;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use class::{Class, PlainClass};
pub use content::{AlignedBytes, Elements, ElementsMut, Member};
pub use error::{Error, FrameError};
pub use scalar::{Bool, Char};
