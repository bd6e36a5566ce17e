//! Typed frames between processes over a shared-memory ring.

pub mod class;
mod content;
mod error;
mod macros;
mod scalar;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use class::{Class, PlainClass};
pub use content::{AlignedBytes, Elements, ElementsMut, Member};
pub use error::{Error, FrameError};
pub use scalar::{Bool, Char};
