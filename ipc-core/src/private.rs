//! What generated code names. Not for people: it may change in any release.

use std::fmt;

pub use bytemuck::{self, Pod, Zeroable};
pub use zerocopy;

pub use ipc_schema::desc::{ClassDesc, DimDesc, EnumDesc, MeaningDesc, MemberDesc, TypeDesc};
pub use ipc_schema::expr::BinaryOp;
use ipc_schema::expr::operand;
pub use ipc_schema::fingerprint::Fingerprint;
pub use ipc_schema::model::Scalar;
pub use ipc_schema::wire::{WireError, element_count};

pub use crate::class::{Class, PlainClass, ZeroRegions};
pub use crate::content::{
    Blob, Body, Builder, Editor, Element, Elements, ElementsMut, MappedField, Member, Purpose, Reader, Site, Text,
    check_default, check_mapped, check_types, once,
};
pub use crate::error::Error;
pub use crate::scalar::{Bool, Char};

#[cfg(feature = "derive")]
pub use ipc_derive::{include_schema, include_topology, schema};

/// The ends of a module, for the code that is generated for it: it asks for what the module has.
#[cfg(not(loom))]
pub mod module {
    use super::{Class, Error};
    use crate::raw::{Inputs, Outputs, Patience};
    use crate::{Frame, InputChannel, Producer, Sighting};

    pub use crate::communicator::Compiled;

    /// The frame of a channel that the module consumes.
    pub fn consumed<T: Class>(inputs: &Inputs, index: usize) -> Result<Frame<'_, T>, Error> {
        let consumer = inputs.consumer(index).expect("a channel that the module consumes");
        let (record, number) = consumer.take(Patience::None)?;
        Frame::new(consumer, record, Some(number))
    }

    /// The frame of a channel that the module observes.
    pub fn observed<T: Class>(inputs: &Inputs, index: usize) -> Result<Sighting<'_, T>, Error> {
        Sighting::take(inputs, index).expect("a frame of a channel that the module observes")
    }

    /// All that the module reads.
    pub fn inputs<C: InputChannel>(inputs: Inputs) -> crate::Inputs<C> {
        crate::Inputs::new(inputs)
    }

    /// The end of a channel that the module produces.
    pub fn producer<T: Class>(outputs: &mut Outputs, index: usize) -> Producer<T> {
        Producer::new(outputs.take(index).expect("a channel that the module produces"))
    }
}

/// `<T as Mapped>::Type` is `T`, which must be a [`Member`]: so the compiler says that, and not all that follows from it.
pub trait Mapped {
    /// Itself.
    type Type: Pod;
}

#[diagnostic::do_not_recommend]
impl<T: Member> Mapped for T {
    type Type = T;
}

/// A member of that name and type. Generated code names what else there is to say of it.
pub const fn member_desc(name: &'static str, ty: TypeDesc) -> MemberDesc {
    MemberDesc {
        name,
        ty,
        dims: &[],
        optional: false,
        meaning: MeaningDesc::NONE,
        elem_meaning: MeaningDesc::NONE,
        default: None,
        since: None,
        deprecated: None,
    }
}

/// An operand of a size expression.
#[inline]
pub fn int(value: impl Into<i128>) -> Result<u64, WireError> {
    Ok(operand(value.into())?)
}

/// `left op right` in a size expression.
#[inline]
pub fn apply(op: BinaryOp, left: u64, right: u64) -> Result<u64, WireError> {
    Ok(op.apply(left, right)?)
}

/// Whether that bit of the presence bytes is set.
#[inline]
pub const fn is_present<const N: usize>(presence: &[u8; N], bit: usize) -> bool {
    presence[bit / 8] & 1 << (bit % 8) != 0
}

/// Sets or clears that bit of the presence bytes.
#[inline]
pub fn set_present<const N: usize>(presence: &mut [u8; N], bit: usize, is_present: bool) {
    presence[bit / 8] = presence[bit / 8] & !(1 << (bit % 8)) | u8::from(is_present) << (bit % 8);
}

/// Presence bytes from the bits that are set.
#[inline]
pub fn presence<const N: usize>(bits: &[(usize, bool)]) -> [u8; N] {
    let mut presence = [0; N];
    bits.iter().for_each(|&(bit, is_present)| set_present(&mut presence, bit, is_present));
    presence
}

/// The elements of a default array: as many as its size expression says, none if it has no value.
pub fn default_vec<T: Clone + Default>(count: Result<u64, Error>) -> Vec<T> {
    let count = count.ok().and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    vec![T::default(); count as usize]
}

/// Padding after each field of a `repr(C)` struct, from their sizes and alignments.
pub const fn pads<const N: usize>(fields: [(usize, usize); N]) -> [usize; N] {
    let mut pads = [0; N];
    let (mut end, mut align, mut i) = (0usize, 1, 0);
    while i < N {
        end += fields[i].0;
        if fields[i].1 > align {
            align = fields[i].1;
        }
        i += 1;
        let next_align = if i < N { fields[i].1 } else { align };
        pads[i - 1] = end.next_multiple_of(next_align) - end;
        end += pads[i - 1];
    }
    pads
}

/// Does not compile if the sizes of a struct's members do not add up to its own: a byte lies between them.
#[track_caller]
pub const fn check_pod<T>(members_bytes: usize) {
    assert!(size_of::<T>() == members_bytes, "a byte lies between the members of a generated struct");
}

/// Does not compile if a generated struct is not as large, or not aligned, as the layout model says.
#[track_caller]
pub const fn check_layout<T>(size: usize, align: usize) {
    assert!(size_of::<T>() == size && align_of::<T>() == align, "a generated struct is not what the layout model says");
}

/// Size of a member of a mapped struct, which must be `Pod`.
pub const fn pod_size<T: Pod>() -> usize {
    size_of::<T>()
}

/// Where the layout model puts a member.
pub const fn offset(desc: &ClassDesc, index: usize) -> usize {
    match desc.place(index) {
        Some(place) => place.offset as usize,
        None => usize::MAX,
    }
}

/// The members of a class with their values, as many as it has members.
pub fn debug(f: &mut fmt::Formatter<'_>, desc: &ClassDesc, values: &[&dyn fmt::Debug]) -> fmt::Result {
    let mut text = f.debug_struct(desc.name);
    desc.members.iter().zip(values).for_each(|(member, value)| _ = text.field(member.name, value));
    text.finish()
}

/// `Idle`, or `Mode(7)` for a value without a name.
pub fn debug_enum(f: &mut fmt::Formatter<'_>, name: &str, value: Option<&str>, number: &dyn fmt::Debug) -> fmt::Result {
    match value {
        Some(value) => f.write_str(value),
        None => f.debug_tuple(name).field(number).finish(),
    }
}

/// Bytes as text.
#[inline]
pub fn text(bytes: &[u8], site: Site) -> Result<&str, Error> {
    Text::item(bytes, site)
}

/// `*place = value`, which does not pass a large value through the stack.
#[inline]
pub fn assign<T: Pod>(place: &mut T, value: &T) {
    bytemuck::bytes_of_mut(place).copy_from_slice(bytemuck::bytes_of(value));
}

/// Zeros.
#[inline]
pub fn clear<T: Pod>(place: &mut T) {
    bytemuck::bytes_of_mut(place).fill(0);
}

/// Whether two values are the same bytes.
#[inline]
pub fn same_bytes<T: Pod>(a: &T, b: &T) -> bool {
    bytemuck::bytes_of(a) == bytemuck::bytes_of(b)
}

/// [`Member::tidy`] of each.
#[inline]
pub fn tidy_all<T: Member>(items: &mut [T]) {
    if T::TIDY {
        items.iter_mut().for_each(T::tidy);
    }
}

/// [`Member::clear_presence`] of each.
#[inline]
pub fn clear_presence_all<T: Member>(items: &mut [T]) {
    if T::OPTIONAL {
        items.iter_mut().for_each(T::clear_presence);
    }
}

/// Dimensions of all elements.
pub fn list_dims<E: Element>(values: &[E::Owned], site: Site) -> Result<Vec<E::Dims>, Error> {
    values.iter().enumerate().map(|(index, value)| E::dims(value, site.at(index))).collect()
}

/// Greatest value of a member inside nested classes, by path.
pub const fn max_of(desc: &ClassDesc, path: &[&str]) -> i128 {
    let (name, rest) = match path.split_first() {
        Some((name, rest)) => (*name, rest),
        None => return i128::MAX,
    };
    let mut i = 0;
    while i < desc.members.len() {
        let member = &desc.members[i];
        if equal(member.name.as_bytes(), name.as_bytes()) {
            return match (member.ty, member.meaning.max) {
                (TypeDesc::Class(nested), _) => max_of(nested, rest),
                (_, Some(max)) => parse(max.as_bytes()),
                _ => i128::MAX,
            };
        }
        i += 1;
    }
    i128::MAX
}

/// Whether two byte strings are one, in a constant.
pub const fn equal(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// The value of a decimal integer.
const fn parse(digits: &[u8]) -> i128 {
    let is_negative = !digits.is_empty() && digits[0] == b'-';
    let mut value = 0;
    let mut i = if is_negative { 1 } else { 0 };
    while i < digits.len() {
        value = value * 10 + (digits[i] - b'0') as i128;
        i += 1;
    }
    if is_negative { -value } else { value }
}

/// Whether a class has this fingerprint.
pub const fn same_fingerprint(desc: &ClassDesc, expected: [u8; 16]) -> bool {
    equal(&desc.fingerprint.0, &expected)
}

/// Whether a description would write the type with this name.
pub const fn is_type_named(ty: TypeDesc, name: &str) -> bool {
    let found = match ty {
        TypeDesc::Scalar(scalar) => scalar.name(),
        TypeDesc::String => "string",
        TypeDesc::Bytes => "bytes",
        TypeDesc::Enum(desc) => desc.name,
        TypeDesc::Class(desc) => desc.name,
    };
    equal(found.as_bytes(), name.as_bytes())
}
