//! Class descriptions: JSON -> model -> checks -> wire layout -> fingerprint.
#![forbid(unsafe_code)]

pub mod desc;
pub mod expr;
pub mod fingerprint;
pub mod model;
