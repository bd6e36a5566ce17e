//! The bytes of frames: what generated code calls to lay out, read and write them.
//!
//! The generated code holds the types and the order of members; all arithmetic and all checks are here. It knows
//! nothing of rings.

mod aligned;
mod builder;
mod checks;
mod editor;
mod element;
mod elements;
mod mapped;
mod member;
mod once;
mod reader;

pub use aligned::AlignedBytes;
pub use builder::{Body, Builder, Purpose};
pub use checks::{check_default, check_types};
pub use editor::Editor;
pub use element::{Blob, Element, Text};
pub use elements::{Elements, ElementsIter, ElementsMut};
pub use mapped::{MappedField, check_mapped};
pub use member::Member;
pub use once::once;
pub use reader::Reader;

use std::fmt;

use ipc_schema::desc::{ClassDesc, DimDesc};
use ipc_schema::wire::WireError;

use crate::error::{Error, Part};

/// Which member of which class a check is about. It is as small as two registers, because every check has one at hand.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    desc: &'static ClassDesc,
    index: u32,
    /// `NO_ELEMENT` for the member as a whole.
    element: u32,
}

/// No index of an element: a frame has fewer bytes.
const NO_ELEMENT: u32 = u32::MAX;

impl Site {
    /// The member of that index.
    #[inline]
    pub fn new(desc: &'static ClassDesc, index: usize) -> Self {
        Self { desc, index: index as u32, element: NO_ELEMENT }
    }

    /// An element of the member, which is an array.
    #[inline]
    pub fn at(self, element: usize) -> Self {
        Self { element: element as u32, ..self }
    }

    /// An error from inside of the member as one of its class.
    #[inline]
    pub fn inside<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.inside(self.desc, self.parts()))
    }

    fn parts(self) -> impl Iterator<Item = Part> {
        let element = (self.element != NO_ELEMENT).then_some(Part::Element(self.element as usize));
        element.into_iter().chain([Part::Member(self.desc.members[self.index as usize].name)])
    }

    /// Copies a value into its place in a frame.
    #[inline]
    pub fn copy<T: Copy>(self, value: &[T], place: &mut [T]) -> Result<(), Error> {
        if value.len() != place.len() {
            return Err(self.other_place(value.len(), place.len()));
        }
        place.copy_from_slice(value);
        Ok(())
    }

    /// An integer against its `min` and `max`, of which `i128::MIN` and `i128::MAX` are none.
    #[inline]
    pub fn check_int(self, value: impl Into<i128>, min: i128, max: i128) -> Result<(), Error> {
        let value = value.into();
        if value >= min && value <= max {
            return Ok(());
        }
        Err(self.out_of_range(&value, (min > i128::MIN).then_some(&min), (max < i128::MAX).then_some(&max)))
    }

    /// A float against its `min` and `max`, of which infinities are none. NaN lies within no bounds.
    #[inline]
    pub fn check_float(self, value: impl Into<f64>, min: f64, max: f64) -> Result<(), Error> {
        let value = value.into();
        if value >= min && value <= max {
            return Ok(());
        }
        Err(self.out_of_range(&value, min.is_finite().then_some(&min), max.is_finite().then_some(&max)))
    }

    /// A dimension against its `max`, before it is used in any arithmetic. `inner` is its path inside of the member.
    #[inline]
    pub fn check_dim(self, value: impl Into<i128>, max: i128, inner: &'static str) -> Result<(), Error> {
        let value = value.into();
        if value <= max {
            return Ok(());
        }
        Err(self.above_max(value, max, inner))
    }

    /// The number of elements that a value holds, against what its dimensions say.
    #[inline]
    pub fn check_count(self, expected: u64, found: usize, values: &[(&str, i128)]) -> Result<(), Error> {
        if expected == found as u64 {
            return Ok(());
        }
        Err(self.other_count(expected, found, values))
    }

    #[cold]
    fn other_place(self, value: usize, place: usize) -> Error {
        self.error(format!("expected a place for {value} elements, found {place}"))
    }

    #[cold]
    fn above_max(self, value: i128, max: i128, inner: &'static str) -> Error {
        let error = Error::frame(self.desc, format!("expected a value up to {max}, found {value}"));
        let inner = (!inner.is_empty()).then_some(Part::Member(inner));
        error.inside(self.desc, inner.into_iter().chain(self.parts()))
    }

    #[cold]
    fn other_count(self, expected: u64, found: usize, values: &[(&str, i128)]) -> Error {
        let because =
            if values.is_empty() { String::new() } else { format!(", because its size is {}", self.size_text(values)) };
        self.error(format!("expected {expected} elements{because}, found {found}"))
    }

    /// A size expression that has no value.
    #[cold]
    pub fn size_error(self, why: &WireError, values: &[(&str, i128)]) -> Error {
        self.error(format!("its size is {}: {why}", self.size_text(values)))
    }

    #[cold]
    fn out_of_range<T: fmt::Display>(self, value: &T, min: Option<&T>, max: Option<&T>) -> Error {
        let min = min.map(|min| format!(" from {min}")).unwrap_or_default();
        let max = max.map(|max| format!(" up to {max}")).unwrap_or_default();
        self.error(format!("expected a value{min}{max}, found {value}"))
    }

    /// `rows*cols with rows = 2, cols = 3`
    fn size_text(self, values: &[(&str, i128)]) -> String {
        let dims = self.desc.members[self.index as usize].dims.iter().map(|dim| match dim {
            DimDesc::Constant(value) => value.to_string(),
            DimDesc::ConstantExpr { canonical, .. } | DimDesc::Expr(canonical) => (*canonical).to_owned(),
        });
        let values = values.iter().map(|(name, value)| format!("{name} = {value}"));
        format!("{} with {}", dims.collect::<Vec<_>>().join(" × "), values.collect::<Vec<_>>().join(", "))
    }

    #[cold]
    fn error(self, problem: String) -> Error {
        Error::frame(self.desc, problem).inside(self.desc, self.parts())
    }

    /// A string's or blob's length against its `max`.
    #[inline]
    fn check_len(self, len_bytes: u64, max_bytes: u64) -> Result<(), Error> {
        if len_bytes > max_bytes {
            return Err(self.too_long(len_bytes, max_bytes));
        }
        Ok(())
    }

    #[cold]
    fn too_long(self, len_bytes: u64, max_bytes: u64) -> Error {
        self.error(format!("expected at most {max_bytes} bytes (its max), found {len_bytes}"))
    }
}
