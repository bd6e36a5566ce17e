//! The wire rules: how a frame lies in bytes. Nothing else in the project knows them.
//!
//! Little-endian throughout. A frame, and likewise the *body* of a nested variable class, is one fixed part and then one
//! region for each variable member:
//!
//! ```text
//!  0                                  size            align8(size)
//!  ├───────────┬─────┬──────┬─────────┼───────────────┬──────────┬─────────┬──────────┐
//!  │ member 0  │ pad │ len1 │ present │ pad to align  │ region 1 │ pad to 8│ region 2 │ ends here, no padding
//!  └───────────┴─────┴──────┴─────────┴───────────────┴──────────┴─────────┴──────────┘
//!  └─ fixed part: places ─────────────┘               └─ one a variable member, 8-aligned
//! ```
//!
//! 1. *Places.* Members in declared order, at their natural alignment, with zero padding; the size of the fixed part is a
//!    multiple of its alignment. A class without variable members is this part alone: a C struct. → [`FixedPart`]
//! 2. *Hidden lengths.* A variable member leaves a `u32` with its region's length in bytes, except an array of fixed
//!    elements whose dimensions name members: that one leaves nothing. → [`FixedPart::member`]
//! 3. *Presence.* With k optional members, `ceil(k/8)` bytes follow the last place: optional member i is bit i%8 of byte
//!    i/8. An absent member is zeros in place, or hidden length 0 and an empty region. → [`presence_bit`]
//! 4. *Regions* stand in declared order, each at the next multiple of 8 from the start of the frame or body, empty ones
//!    too. A frame or body ends where its last region ends. → [`Regions`]
//! 5. *An array of variable elements* is a table of ends and then the bodies:
//!
//!    ```text
//!     0            4·count  align8(4·count) = 0 for ends
//!     ├──────┬──────┬─────┬────────┬───────┬────────┐
//!     │ end0 │ end1 │ pad │ body 0 │ pad 8 │ body 1 │     ends: unpadded, counted from body 0
//!     └──────┴──────┴─────┴────────┴───────┴────────┘     classes start 8-aligned, strings and bytes 1-aligned
//!    ```
//!
//!    Without elements the region is empty. → [`Bodies`]
//! 6. A bool is one byte: 0 or 1 is written, any non-zero byte reads as true. Text is UTF-8, checked when read as text.
//! 7. Padding, absent members and unused presence bits are zero.
//!
//! Every place follows from the fixed part alone: read it once, compute all places, and never read it again. All that a
//! reader computes goes through the checked functions here, so no length that another process wrote is believed.

use crate::expr::EvalError;
use crate::model::{Layout, Place, PlaceKind};

/// Version of these rules; part of every fingerprint.
pub const RULES_VERSION: u32 = 1;

/// A frame, and every part of one, is shorter than this.
pub const FRAME_LIMIT_BYTES: u64 = 1 << 32;

/// Regions and the bodies of classes start at multiples of this.
pub const BODY_ALIGN: u64 = 8;

/// Size and alignment of a hidden length, and of one end in the table of an array of variable elements.
pub const LENGTH_BYTES: u32 = 4;

/// The next multiple of 8 at or after `at`; lengths here are far below 2⁶³, and beyond it this saturates.
#[inline]
pub const fn align8(at: u64) -> u64 {
    align_up(at, BODY_ALIGN)
}

#[inline]
const fn align_up(at: u64, align: u64) -> u64 {
    at.saturating_add(align - 1) / align * align
}

/// Size of one element, as far as it is known without a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A scalar, an enum or a fixed class.
    Fixed {
        /// Size in bytes.
        size: u32,
        /// Alignment in bytes.
        align: u32,
    },
    /// A string, bytes, or a variable class.
    Variable,
}

/// How many elements a member has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The member is no array.
    One,
    /// An array whose dimensions name no member: this many elements in all.
    Constant(u64),
    /// An array whose dimensions name a member.
    Computed,
}

/// Lays out a fixed part, member by member (rules 1 to 3).
///
/// ```
/// use ipc_schema::wire::{Extent, FixedPart, Shape};
/// let (part, a) = FixedPart::new().member(Shape::Fixed { size: 1, align: 1 }, Extent::One, false);
/// let (part, b) = part.member(Shape::Variable, Extent::One, false);
/// assert_eq!((a.unwrap().offset, b.unwrap().offset), (0, 4));
/// assert_eq!(part.finish().unwrap().size, 8);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FixedPart {
    end: u64,
    align: u32,
    fixed: bool,
    optional_count: u32,
}

impl FixedPart {
    /// A fixed part without members yet.
    pub const fn new() -> Self {
        Self { end: 0, align: 1, fixed: true, optional_count: 0 }
    }

    /// Adds the next member and gives its place, if it leaves something.
    ///
    /// The place holds only if [`FixedPart::finish`] succeeds.
    pub const fn member(mut self, shape: Shape, extent: Extent, optional: bool) -> (Self, Option<Place>) {
        if optional {
            self.optional_count += 1;
        }
        let (kind, size, align) = match (shape, extent) {
            (Shape::Fixed { size, align }, Extent::One) => (PlaceKind::Value, size as u64, align),
            (Shape::Fixed { size, align }, Extent::Constant(count)) => {
                (PlaceKind::Value, count.saturating_mul(size as u64), align)
            }
            (Shape::Fixed { .. }, Extent::Computed) => {
                self.fixed = false;
                return (self, None);
            }
            (Shape::Variable, _) => {
                self.fixed = false;
                (PlaceKind::Length, LENGTH_BYTES as u64, LENGTH_BYTES)
            }
        };
        let offset = align_up(self.end, align as u64);
        self.end = offset.saturating_add(size);
        if align > self.align {
            self.align = align;
        }
        (self, Some(Place { kind, offset: offset as u32, size: size as u32, align }))
    }

    /// Closes the fixed part; `None` if it does not fit a frame.
    #[inline]
    pub const fn finish(self) -> Option<Layout> {
        let presence_bytes = self.optional_count.div_ceil(8);
        let size = align_up(self.end.saturating_add(presence_bytes as u64), self.align as u64);
        if size >= FRAME_LIMIT_BYTES {
            return None;
        }
        let presence = if presence_bytes == 0 { None } else { Some((self.end as u32, presence_bytes)) };
        Some(Layout { size: size as u32, align: self.align, fixed: self.fixed, presence })
    }
}

impl Default for FixedPart {
    fn default() -> Self {
        Self::new()
    }
}

/// Byte among the presence bytes, and mask in it, of optional member `bit` (rule 3).
pub const fn presence_bit(bit: u32) -> (u32, u8) {
    (bit / 8, 1 << (bit % 8))
}

/// What is wrong with a frame, or with the values that shall become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// There are fewer bytes than the fixed part needs, or a fixed class's frame has another length.
    #[error("expected {expected} bytes for the fixed part, found {found}")]
    FixedPart {
        /// Size of the fixed part.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A region or body lies past the end of the bytes that hold it.
    #[error("a region ends at byte {end} of only {available} bytes")]
    PastEnd {
        /// Where it would end.
        end: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// Bytes follow the last region.
    #[error("the last region ends at byte {end}, but there are {available} bytes")]
    Trailing {
        /// Where the last region ends.
        end: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// The table of ends of an array of variable elements goes back, or overlaps.
    #[error("end {index} of an array of variable elements is {end}, before its start {start}")]
    EndsGoBack {
        /// Which element.
        index: u64,
        /// Its end.
        end: u64,
        /// Its start.
        start: u64,
    },
    /// An array of variable elements has no elements, but a region.
    #[error("an array without elements has a region of {found} bytes")]
    NotEmpty {
        /// Length of the region.
        found: u64,
    },
    /// An absent member has a hidden length.
    #[error("an absent member has a length of {found} bytes")]
    AbsentHasLength {
        /// The hidden length.
        found: u32,
    },
    /// The dimensions of an array multiply past 64 bits.
    #[error("the number of elements overflows 64 bits")]
    CountOverflow,
    /// The frame reaches 4 GiB.
    #[error("a frame is shorter than 4 GiB, and this one is not")]
    TooLong,
    /// A size expression has no value.
    #[error("a size expression: {0}")]
    Size(#[from] EvalError),
}

/// Number of elements of an array: its dimensions multiplied from left to right, checked at each step.
///
/// An overflow before a zero is an error too.
#[inline]
pub const fn element_count(dims: &[u64]) -> Result<u64, WireError> {
    let mut count = 1u64;
    let mut i = 0;
    while i < dims.len() {
        count = match count.checked_mul(dims[i]) {
            Some(count) => count,
            None => return Err(WireError::CountOverflow),
        };
        i += 1;
    }
    Ok(count)
}

/// Length in bytes of `count` fixed elements.
#[inline]
pub const fn elements_len(count: u64, elem_size: u32) -> Result<u64, WireError> {
    match count.checked_mul(elem_size as u64) {
        Some(len) if len < FRAME_LIMIT_BYTES => Ok(len),
        _ => Err(WireError::TooLong),
    }
}

/// A part of a frame: bytes `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Length in bytes.
    #[inline]
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether there are no bytes.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// The same as a range for slicing.
    #[inline]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Places the regions of a frame or body, one after the other (rule 4).
///
/// A reader starts with [`Regions::within`] and ends with [`Regions::finish`]; a writer, who does not know the length yet,
/// starts with [`Regions::growing`] and asks [`Regions::end`].
///
/// ```
/// use ipc_schema::wire::Regions;
/// let mut regions = Regions::growing(12);
/// assert_eq!(regions.next(5).unwrap().range(), 16..21);
/// assert_eq!(regions.next(0).unwrap().range(), 24..24);
/// assert_eq!(regions.end(), 24);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Regions {
    end: u64,
    available: u64,
}

impl Regions {
    /// For a frame or body of `available` bytes that begins with a fixed part of `fixed_size` bytes.
    #[inline]
    pub const fn within(fixed_size: u32, available: u64) -> Result<Self, WireError> {
        if (fixed_size as u64) > available {
            return Err(WireError::FixedPart { expected: fixed_size as u64, found: available });
        }
        if available >= FRAME_LIMIT_BYTES {
            return Err(WireError::TooLong);
        }
        Ok(Self { end: fixed_size as u64, available })
    }

    /// For a frame or body that is as long as its regions make it.
    #[inline]
    pub const fn growing(fixed_size: u32) -> Self {
        Self { end: fixed_size as u64, available: FRAME_LIMIT_BYTES - 1 }
    }

    /// The place of the next region, which has `len_bytes`.
    #[inline]
    pub const fn next(&mut self, len_bytes: u64) -> Result<Span, WireError> {
        let start = align8(self.end);
        let end = start.saturating_add(len_bytes);
        if end > self.available {
            return Err(if self.available == FRAME_LIMIT_BYTES - 1 {
                WireError::TooLong
            } else {
                WireError::PastEnd { end, available: self.available }
            });
        }
        self.end = end;
        Ok(Span { start: start as u32, end: end as u32 })
    }

    /// Where the last region ended: the length of the frame or body.
    #[inline]
    pub const fn end(&self) -> u32 {
        self.end as u32
    }

    /// Checks that nothing follows the last region.
    #[inline]
    pub const fn finish(self) -> Result<(), WireError> {
        if self.end == self.available {
            Ok(())
        } else {
            Err(WireError::Trailing { end: self.end, available: self.available })
        }
    }
}

/// Places the bodies of an array of variable elements inside its region (rule 5).
///
/// Spans count from the start of the region; the numbers in the table count from the first body.
#[derive(Debug, Clone, Copy)]
pub struct Bodies {
    first: u64,
    end: u64,
    align: u64,
    any: bool,
}

impl Bodies {
    /// For `count` elements whose bodies start at multiples of `align`: see [`body_align`].
    pub const fn new(count: u64, align: u32) -> Result<Self, WireError> {
        let first = match count.checked_mul(LENGTH_BYTES as u64) {
            Some(table) if table < FRAME_LIMIT_BYTES => align8(table),
            _ => return Err(WireError::TooLong),
        };
        Ok(Self { first, end: 0, align: align as u64, any: count > 0 })
    }

    /// The place of the next body, which has `len_bytes`.
    #[inline]
    pub const fn next(&mut self, len_bytes: u64) -> Result<Span, WireError> {
        let start = align_up(self.end, self.align);
        let end = start.saturating_add(len_bytes);
        if self.first + end >= FRAME_LIMIT_BYTES {
            return Err(WireError::TooLong);
        }
        self.end = end;
        Ok(Span { start: (self.first + start) as u32, end: (self.first + end) as u32 })
    }

    /// What the table says of the body that [`Bodies::next`] placed last.
    #[inline]
    pub const fn table_entry(&self) -> u32 {
        self.end as u32
    }

    /// Length of the region after all bodies.
    #[inline]
    pub const fn region_len(&self) -> u64 {
        if self.any { self.first + self.end } else { 0 }
    }
}

/// Alignment of the bodies of variable elements: 8 for classes, 1 for strings and bytes.
pub const fn body_align(class: bool) -> u32 {
    if class { BODY_ALIGN as u32 } else { 1 }
}

/// Reads the table of ends of a region with `count` variable elements, checks it whole, and calls `body` with the place
/// of each element in the region.
///
/// Nothing is allocated, and the loop is bounded by the bytes that are there.
pub fn read_bodies(region: &[u8], count: u64, align: u32, mut body: impl FnMut(Span)) -> Result<(), WireError> {
    let available = region.len() as u64;
    if count == 0 {
        return if region.is_empty() { Ok(()) } else { Err(WireError::NotEmpty { found: available }) };
    }
    let mut bodies = Bodies::new(count, align)?;
    if bodies.first > available {
        return Err(WireError::PastEnd { end: bodies.first, available });
    }
    for index in 0..count {
        let end = u64::from(read_u32(region, index as usize * LENGTH_BYTES as usize));
        let start = align_up(bodies.end, bodies.align);
        if end < start {
            return Err(WireError::EndsGoBack { index, end, start });
        }
        let span = bodies.next(end - start)?;
        if u64::from(span.end) > available {
            return Err(WireError::PastEnd { end: span.end.into(), available });
        }
        body(span);
    }
    if bodies.region_len() != available {
        return Err(WireError::Trailing { end: bodies.region_len(), available });
    }
    Ok(())
}

/// The place in its region of one of `count` variable elements, checked by itself: for a reader who checked the whole
/// table before, and reads it again.
#[inline]
pub fn read_body(region: &[u8], count: u64, align: u32, index: u64) -> Result<Span, WireError> {
    let available = region.len() as u64;
    let first = Bodies::new(count, align)?.first;
    if index >= count || first > available {
        return Err(WireError::PastEnd { end: first, available });
    }
    let end_of = |index: u64| u64::from(read_u32(region, index as usize * LENGTH_BYTES as usize));
    let start = if index == 0 { 0 } else { align_up(end_of(index - 1), u64::from(align)) };
    let end = end_of(index);
    if end < start {
        return Err(WireError::EndsGoBack { index, end, start });
    }
    if first + end > available {
        return Err(WireError::PastEnd { end: first + end, available });
    }
    Ok(Span { start: (first + start) as u32, end: (first + end) as u32 })
}

/// The `u32` at `offset`; 0 where there are no four bytes, so check lengths first.
#[inline]
pub fn read_u32(bytes: &[u8], offset: usize) -> u32 {
    match bytes.get(offset..).and_then(|rest| rest.first_chunk::<4>()) {
        Some(chunk) => u32::from_le_bytes(*chunk),
        None => 0,
    }
}

#[cfg(test)]
mod tests;
