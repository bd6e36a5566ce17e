#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

// The model, and how its frames lie in bytes.
pub mod model;
pub mod wire;

// From JSON to the model.
mod bounds;
mod check;
pub mod errors;
pub mod expr;
#[doc(hidden)] // for ipc-core, whose lines are JSON
pub mod json;
mod load;
mod names;
mod parse;
mod reader;
mod source;

// A class as a constant, and its hash.
pub mod desc;
pub mod fingerprint;
mod sha256;

// The whole application.
pub mod topology;

// What is made from the model.
pub mod canonical;
pub mod diff;
#[cfg(feature = "export")]
pub mod export;
pub mod value;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
#[cfg(feature = "arbitrary")]
pub mod many;

pub use bounds::check_meaning;
pub use check::MAX_NESTING;
pub use errors::{SchemaError, SchemaErrors};
pub use fingerprint::Fingerprint;
pub use load::Limits;
pub use model::Schema;
pub use names::{GENERATED_SUFFIXES, check_identifier, check_namespace, check_type_name, fold, is_identifier};
pub use topology::Topology;
