//! The checked model of a schema: what every back end (macros, exporters, tools) works from.
//!
//! A [`Schema`] exists only after all checks have passed, so names resolve, expressions are well typed and layouts are
//! known. It does not parse (see `parse`), and it does not compute offsets itself (see `layout`).

use std::path::PathBuf;

use crate::expr::Expr;
use crate::fingerprint::Fingerprint;

/// A checked schema: one JSON file together with all that it imports.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Named integers, in declared order, imported ones first.
    pub constants: Vec<Constant>,
    /// Enums, in declared order, imported ones first.
    pub enums: Vec<Enum>,
    /// Classes in dependency order: a class stands after every class that it uses.
    pub classes: Vec<Class>,
    /// Every file that was read, the root file first; empty for a schema from text alone.
    pub files: Vec<PathBuf>,
}

/// A named integer, usable in size expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// Name as written.
    pub name: String,
    /// Value, 0 … 2⁶⁴−1.
    pub value: u64,
}

/// Index of an enum in [`Schema::enums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub usize);

/// Index of a class in [`Schema::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub usize);

/// An enum: named values of an integer type. Values without a name are kept, not errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Name as written.
    pub name: String,
    /// What it means, for the docs.
    pub comment: Option<String>,
    /// The integer type that stands on the wire.
    pub base: Scalar,
    /// Name and value, in declared order. `i128` holds every value of every base.
    pub values: Vec<(String, i128)>,
}

/// A class: the description of one kind of frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Name as written.
    pub name: String,
    /// Namespace of the file that declares it, empty if there is none.
    pub namespace: String,
    /// What it is, for the docs.
    pub comment: Option<String>,
    /// Version that introduced it.
    pub since: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
    /// Members in declared order.
    pub members: Vec<Member>,
    /// Places in the fixed part.
    pub layout: Layout,
    /// Hash of the canonical form.
    pub fingerprint: Fingerprint,
}

/// A member of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Name as written.
    pub name: String,
    /// Type of the member, or of one element if `dims` is not empty.
    pub ty: Type,
    /// Dimensions of an array, outermost first; empty for a member that is no array.
    pub dims: Vec<Dim>,
    /// Whether a frame may leave it out. `Some(i)` is its bit in the presence bytes.
    pub presence_bit: Option<u32>,
    /// Meaning of the member (for an array: of the whole array).
    pub meaning: Meaning,
    /// Meaning of one element of an array; empty for a member that is no array.
    pub elem_meaning: Meaning,
    /// Value of a new owned instance.
    pub default: Option<Value>,
    /// Version that introduced it.
    pub since: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
    /// Its place in the fixed part; `None` if it leaves nothing there (an expression array of fixed elements).
    pub place: Option<Place>,
}

/// Comment, unit and bounds: they stand on members and on array elements.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meaning {
    /// What it is, for the docs.
    pub comment: Option<String>,
    /// Physical unit, part of the fingerprint.
    pub unit: Option<String>,
    /// Least value.
    pub min: Option<Number>,
    /// Greatest value; for string and bytes the greatest length in bytes.
    pub max: Option<Number>,
}

/// A number of a description, exact in its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// For integers, enums and lengths.
    Int(i128),
    /// For `float32` and `float64`.
    Float(f64),
}

/// A default value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// For bool.
    Bool(bool),
    /// For integers, char, floats, and enums given as a number.
    Number(Number),
    /// For string; for enums the name of a value.
    Text(String),
    /// For bytes and arrays.
    List(Vec<Value>),
}

/// Type of a member or of an array's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// A number, bool or char.
    Scalar(Scalar),
    /// UTF-8 text.
    String,
    /// A blob.
    Bytes,
    /// An enum.
    Enum(EnumId),
    /// Another class, nested.
    Class(ClassId),
}

/// The scalars, under one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Scalar {
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Bool,
    /// One 8-bit code unit.
    Char,
}

/// One dimension of an array.
#[derive(Debug, Clone, PartialEq)]
pub enum Dim {
    /// Names no member, however it was written.
    Constant {
        /// The value, at least 1.
        value: u64,
        /// Canonical text: parenthesised, constants by value. `"(6*2)"`.
        canonical: String,
    },
    /// Names at least one member.
    Expr {
        /// The parsed expression.
        expr: Expr,
        /// Canonical text: parenthesised, constants by value. `"(n*n)"`.
        canonical: String,
    },
}

/// Where a member stands in its class's fixed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What stands there.
    pub kind: PlaceKind,
    /// Bytes from the start of the fixed part.
    pub offset: u32,
    /// Size in bytes; a constant array's whole size.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
}

/// What a member leaves in the fixed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// The value itself.
    Value,
    /// A hidden `u32`: the byte length of the member's region.
    Length,
}

/// The fixed part of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Size in bytes, padding included: a multiple of `align`.
    pub size: u32,
    /// Alignment in bytes: 1, 2, 4 or 8.
    pub align: u32,
    /// Whether every member has a constant size, so that the fixed part is the whole frame.
    pub fixed: bool,
    /// Offset and count of the presence bytes, if the class has optional members.
    pub presence: Option<(u32, u32)>,
}

impl Scalar {
    /// The one spelling that the canonical form uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Bool => "bool",
            Self::Char => "char",
        }
    }

    /// Size in bytes, which is the alignment too.
    pub const fn size(self) -> u32 {
        match self {
            Self::Int8 | Self::Uint8 | Self::Bool | Self::Char => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::Int64 | Self::Uint64 | Self::Float64 => 8,
        }
    }
}
