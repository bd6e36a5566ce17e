//! Typed frames between processes over a shared-memory ring.

pub mod class;
mod error;

pub use class::Class;
pub use error::Error;
