//! Class descriptions: JSON -> model -> checks -> wire layout -> fingerprint.
#![forbid(unsafe_code)]

pub mod model;
pub mod wire;

mod bounds;
mod check;
pub mod errors;
pub mod expr;
mod json;
mod load;
mod names;
mod parse;
mod source;

pub mod desc;

pub mod canonical;
pub mod diff;
pub mod fingerprint;
mod sha256;
pub mod value;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;

pub use check::MAX_NESTING;
pub use errors::{SchemaError, SchemaErrors};
pub use fingerprint::Fingerprint;
pub use load::Limits;
pub use model::Schema;
pub use names::{GENERATED_SUFFIXES, fold, is_identifier};
