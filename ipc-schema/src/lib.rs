//! Class descriptions: JSON -> model -> checks -> wire layout -> fingerprint.
#![forbid(unsafe_code)]

pub mod desc;
pub mod errors;
pub mod expr;
pub mod fingerprint;
pub mod model;
mod sha256;
pub mod wire;
