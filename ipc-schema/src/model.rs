//! The checked model of a schema: what every back end (macros, exporters, tools) works from.
//!
//! A [`Schema`] exists only after all checks have passed, so names resolve, expressions are well typed and layouts are
//! known. It does not parse (see `parse`), and it does not compute offsets itself (see `layout`).

use std::path::PathBuf;

use crate::expr::Expr;
use crate::fingerprint::Fingerprint;
use crate::wire::{Extent, Shape};

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

/// As JSON writes it.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            // The shortest text that reads back as the same number.
            Self::Float(value) => write!(f, "{value:?}"),
        }
    }
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

    /// The scalar of a type name, under any of its spellings.
    pub fn from_spelling(name: &str) -> Option<Self> {
        Some(match name {
            "int8" => Self::Int8,
            "int16" | "short" => Self::Int16,
            "int32" | "int" => Self::Int32,
            "int64" | "long" => Self::Int64,
            "uint8" | "byte" => Self::Uint8,
            "uint16" => Self::Uint16,
            "uint32" => Self::Uint32,
            "uint64" => Self::Uint64,
            "float32" | "float" => Self::Float32,
            "float64" | "double" => Self::Float64,
            "bool" => Self::Bool,
            "char" => Self::Char,
            _ => return None,
        })
    }

    /// Every type name that is built in: the scalars' spellings, `string`, `bytes` and `array`.
    pub const BUILT_IN_NAMES: [&str; 21] = [
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "bool", "char",
        "short", "int", "long", "byte", "float", "double", "string", "bytes", "array",
    ];

    /// Whether it is one of int8 … uint64: those may stand in a size and under an enum.
    pub const fn is_integer(self) -> bool {
        !matches!(self, Self::Float32 | Self::Float64 | Self::Bool | Self::Char)
    }

    /// Least and greatest value, for the integers and char.
    pub const fn integer_range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Int8 => (i8::MIN as i128, i8::MAX as i128),
            Self::Int16 => (i16::MIN as i128, i16::MAX as i128),
            Self::Int32 => (i32::MIN as i128, i32::MAX as i128),
            Self::Int64 => (i64::MIN as i128, i64::MAX as i128),
            Self::Uint8 | Self::Char => (0, u8::MAX as i128),
            Self::Uint16 => (0, u16::MAX as i128),
            Self::Uint32 => (0, u32::MAX as i128),
            Self::Uint64 => (0, u64::MAX as i128),
            Self::Float32 | Self::Float64 | Self::Bool => return None,
        })
    }
}

impl Schema {
    /// The class of this name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }

    /// The id of the class of this name.
    pub fn class_id(&self, name: &str) -> Option<ClassId> {
        self.classes.iter().position(|class| class.name == name).map(ClassId)
    }

    /// How a type is written in a description.
    pub fn type_name(&self, ty: Type) -> &str {
        match ty {
            Type::Scalar(scalar) => scalar.name(),
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Enum(id) => &self.enums[id.0].name,
            Type::Class(id) => &self.classes[id.0].name,
        }
    }

    /// Shape of a value of a type: what the wire rules need to know of it.
    pub fn shape(&self, ty: Type) -> Shape {
        let scalar = |scalar: Scalar| Shape::Fixed { size: scalar.size(), align: scalar.size() };
        match ty {
            Type::Scalar(kind) => scalar(kind),
            Type::Enum(id) => scalar(self.enums[id.0].base),
            Type::Class(id) => match self.classes[id.0].layout {
                Layout { fixed: true, size, align, .. } => Shape::Fixed { size, align },
                _ => Shape::Variable,
            },
            Type::String | Type::Bytes => Shape::Variable,
        }
    }

    /// Whether a member is a region, or leaves its whole value in the fixed part.
    pub fn is_variable(&self, member: &Member) -> bool {
        self.shape(member.ty) == Shape::Variable || member.extent() == Extent::Computed
    }
}

impl std::ops::Index<ClassId> for Schema {
    type Output = Class;

    fn index(&self, id: ClassId) -> &Class {
        &self.classes[id.0]
    }
}

impl std::ops::Index<EnumId> for Schema {
    type Output = Enum;

    fn index(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }
}

impl Class {
    /// The member of this name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

impl Member {
    /// How many elements it has, as far as the class says.
    pub fn extent(&self) -> Extent {
        if self.dims.is_empty() {
            return Extent::One;
        }
        let constant = |dim: &Dim| if let Dim::Constant { value, .. } = dim { Some(*value) } else { None };
        let product = self.dims.iter().map(constant).try_fold(1u64, |count, dim| Some(count.saturating_mul(dim?)));
        product.map_or(Extent::Computed, Extent::Constant)
    }
}

impl Dim {
    /// Canonical text.
    pub fn canonical(&self) -> &str {
        match self {
            Self::Constant { canonical, .. } | Self::Expr { canonical, .. } => canonical,
        }
    }
}
