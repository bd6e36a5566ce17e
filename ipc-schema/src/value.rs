//! Frames without generated code: any value of any class to bytes and back, driven by the model.
//!
//! Tools decode any ring with it, and it checks the generated code, which knows nothing of it. It never panics on any
//! bytes, and never allocates from a count that it has not checked against the bytes that are there.

mod decode;
mod encode;
mod json;

use std::fmt;

pub use decode::decode;
pub use encode::{check_bounds, encode};
pub use json::{from_json, to_json};

use crate::wire::WireError;

/// A value of any type.
#[derive(Debug, Clone, PartialEq)]
pub enum DynValue {
    /// bool.
    Bool(bool),
    /// Integers, char, and enums, whose values need no name.
    Int(i128),
    /// float32.
    Float32(f32),
    /// float64.
    Float64(f64),
    /// string.
    Text(String),
    /// bytes.
    Bytes(Vec<u8>),
    /// An array: its elements, row-major, whatever its dimensions.
    List(Vec<DynValue>),
    /// A class: a value for each member in declared order, `None` for an absent one.
    Class(Vec<Option<DynValue>>),
}

/// Why a value cannot become a frame, or bytes are no frame.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueError {
    /// Where, innermost part first.
    path: Vec<String>,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a value or a frame.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes break a wire rule, or the value would.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The value is of another kind than the type.
    #[error("expected a value of type {expected}, found {found}")]
    Kind {
        /// The type.
        expected: String,
        /// The kind of the value.
        found: &'static str,
    },
    /// A member that is not optional has no value.
    #[error("a value is missing, and this member is not optional")]
    Missing,
    /// An array has another length than its dimensions give.
    #[error("expected {expected} elements, as its dimensions say, found {found}")]
    Count {
        /// Product of the dimensions.
        expected: u64,
        /// Elements that are there.
        found: u64,
    },
    /// A value or a length lies outside of `min` … `max`.
    #[error("{found} is {side} {bound}")]
    Bounds {
        /// The value or length.
        found: String,
        /// "below `min`" or "above `max`".
        side: &'static str,
        /// The bound.
        bound: String,
    },
    /// A text is no JSON.
    #[error("column {column}: {message}")]
    Json {
        /// Where, in characters from 1.
        column: usize,
        /// What was expected and what was found.
        message: String,
    },
    /// JSON names a member that the class does not have.
    #[error("it has no member `{name}`{}", near.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// The name.
        name: String,
        /// A member of a similar name.
        near: Option<String>,
    },
    /// JSON states a member twice.
    #[error("this member is stated twice")]
    Twice,
    /// A string is no UTF-8.
    #[error("the text is no UTF-8 at byte {0}")]
    Utf8(usize),
}

impl ValueError {
    fn inside(mut self, part: impl Into<String>) -> Self {
        self.path.push(part.into());
        self
    }

    /// Where it is: `points[3].x`; empty for the frame as a whole.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for part in self.path.iter().rev() {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        path
    }
}

impl<P: Into<Problem>> From<P> for ValueError {
    fn from(problem: P) -> Self {
        Self { path: Vec::new(), problem: problem.into() }
    }
}

impl std::error::Error for ValueError {}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.problem)
        } else {
            write!(f, "{}: {}", self.path(), self.problem)
        }
    }
}
