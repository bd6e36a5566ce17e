//! The constant form of a class: a tree of `&'static` data that generated types carry.
//!
//! It says what a [`Class`](crate::model::Class) says, in types that a `const` can hold, so that a derive, which sees
//! only tokens, can compose it from the trees of the types that it names.

use crate::fingerprint::Fingerprint;
use crate::model::Scalar;

/// A class, as a constant.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct ClassDesc {
    pub namespace: &'static str,
    pub name: &'static str,
    pub comment: Option<&'static str>,
    pub since: Option<&'static str>,
    pub deprecated: Option<&'static str>,
    pub members: &'static [MemberDesc],
    /// Size of the fixed part in bytes.
    pub size: u32,
    /// Whether the fixed part is the whole frame.
    pub fixed: bool,
    pub fingerprint: Fingerprint,
}

/// A member, as a constant.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct MemberDesc {
    pub name: &'static str,
    pub ty: TypeDesc,
    /// Empty for a member that is no array.
    pub dims: &'static [DimDesc],
    pub optional: bool,
    pub meaning: MeaningDesc,
    pub elem_meaning: MeaningDesc,
    /// JSON text of the default.
    pub default: Option<&'static str>,
    pub since: Option<&'static str>,
    pub deprecated: Option<&'static str>,
}

/// Comment, unit and bounds, as constants. `min` and `max` are JSON numbers as text.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct MeaningDesc {
    pub comment: Option<&'static str>,
    pub unit: Option<&'static str>,
    pub min: Option<&'static str>,
    pub max: Option<&'static str>,
}

/// Type of a member or of an array's element, as a constant.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum TypeDesc {
    Scalar(Scalar),
    String,
    Bytes,
    Enum(&'static EnumDesc),
    Class(&'static ClassDesc),
}

/// An enum, as a constant.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct EnumDesc {
    pub name: &'static str,
    pub comment: Option<&'static str>,
    pub base: Scalar,
    pub values: &'static [(&'static str, i128)],
}

/// One dimension, as a constant.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum DimDesc {
    /// A constant dimension given as its value.
    Constant(u64),
    /// Any expression in canonical text, `"(6*2)"` or `"(n*n)"`.
    Expr(&'static str),
}
