//! The constant form of a class: a tree of `&'static` data that generated types carry.
//!
//! It says what a [`Class`](crate::model::Class) says, in types that a `const` can hold, so that a derive, which sees
//! only tokens, can compose it from the trees of the types that it names. [`ClassDesc::new`] computes layout and
//! fingerprint, by the same code that serves the model.

use crate::fingerprint::Fingerprint;
use crate::model::{Layout, Place, Scalar};
use crate::wire::{Extent, FixedPart, Shape};

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
    /// Alignment of the fixed part in bytes.
    pub align: u32,
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
pub enum DimDesc {
    /// A constant dimension given as its value.
    Constant(u64),
    /// A constant dimension given as an expression that names no member.
    ConstantExpr {
        /// What it evaluates to.
        value: u64,
        /// Canonical text, `"(6*2)"`.
        canonical: &'static str,
    },
    /// An expression that names a member, in canonical text, `"(n*n)"`.
    Expr(&'static str),
}

impl MeaningDesc {
    /// Says nothing.
    pub const NONE: Self = Self { comment: None, unit: None, min: None, max: None };
}

impl ClassDesc {
    /// A class of these members: its layout and fingerprint follow.
    ///
    /// Does not compile in a constant, with a message, if the fixed part reaches 4 GiB.
    pub const fn new(namespace: &'static str, name: &'static str, members: &'static [MemberDesc]) -> Self {
        let Layout { size, align, fixed, .. } = layout(members);
        let fingerprint = Fingerprint::of(namespace, name, members);
        Self { namespace, name, comment: None, since: None, deprecated: None, members, size, align, fixed, fingerprint }
    }

    /// Layout of the fixed part.
    pub const fn layout(&self) -> Layout {
        layout(self.members)
    }

    /// Where member `index` stands in the fixed part, if it leaves something there.
    pub const fn place(&self, index: usize) -> Option<Place> {
        let mut part = FixedPart::new();
        let mut i = 0;
        loop {
            let (next, place) =
                part.member(shape(&self.members[i]), extent(&self.members[i]), self.members[i].optional);
            if i == index {
                return place;
            }
            part = next;
            i += 1;
        }
    }
}

const fn layout(members: &[MemberDesc]) -> Layout {
    let mut part = FixedPart::new();
    let mut i = 0;
    while i < members.len() {
        part = part.member(shape(&members[i]), extent(&members[i]), members[i].optional).0;
        i += 1;
    }
    match part.finish() {
        Some(layout) => layout,
        None => panic!("the fixed part of this class reaches 4 GiB: make its arrays smaller"),
    }
}

const fn shape(member: &MemberDesc) -> Shape {
    match member.ty {
        TypeDesc::Scalar(scalar) => Shape::Fixed { size: scalar.size(), align: scalar.size() },
        TypeDesc::Enum(desc) => Shape::Fixed { size: desc.base.size(), align: desc.base.size() },
        TypeDesc::Class(desc) if desc.fixed => Shape::Fixed { size: desc.size, align: desc.align },
        TypeDesc::String | TypeDesc::Bytes | TypeDesc::Class(_) => Shape::Variable,
    }
}

const fn extent(member: &MemberDesc) -> Extent {
    if member.dims.is_empty() {
        return Extent::One;
    }
    let mut count = 1u64;
    let mut i = 0;
    while i < member.dims.len() {
        match member.dims[i] {
            DimDesc::Constant(value) | DimDesc::ConstantExpr { value, .. } => count = count.saturating_mul(value),
            DimDesc::Expr(_) => return Extent::Computed,
        }
        i += 1;
    }
    Extent::Constant(count)
}
