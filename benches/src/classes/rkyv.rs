//! [rkyv](https://docs.rs/rkyv): archives, written through its low-level API into a buffer of fixed size, which needs no
//! allocation, and read where they lie after they were checked.

use std::mem::MaybeUninit;

use rkyv::api::low::{LowSerializer, LowValidator, to_bytes_in_with_alloc};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Error;
use rkyv::ser::allocator::SubAllocator;
use rkyv::ser::writer::Buffer;
use rkyv::util::AlignedVec;
use rkyv::{Archive, Archived, Portable, Serialize};

use super::{FLAGS, Format, N, SEQUENCE, STAMP, VALUES, elements, imu_total, run, serialiser};
use crate::Outcome;
use crate::contender::Contender;
use crate::side::Side;

/// A buffer for each class.
pub(crate) fn contender() -> Contender {
    serialiser("rkyv", run::<Rkyv<Imu>, Rkyv<SimpleMatrix>>)
}

#[derive(Archive, Serialize)]
struct Imu {
    stamp: u64,
    sequence: u32,
    flags: u32,
    values: [f32; 8],
}

#[derive(Archive, Serialize)]
struct SimpleMatrix {
    n: i32,
    a: Vec<i32>,
}

/// A value that can be made, and whose archive can be added up.
trait Sample:
    Archive<Archived: Portable + for<'a> CheckBytes<LowValidator<'a, Error>>>
    + for<'a> Serialize<LowSerializer<Buffer<'a>, SubAllocator<'a>, Error>>
{
    fn new() -> Self;
    fn total(archived: &Archived<Self>) -> u64;
}

impl Sample for Imu {
    fn new() -> Self {
        Self { stamp: STAMP, sequence: SEQUENCE, flags: FLAGS, values: VALUES }
    }

    #[inline(always)]
    fn total(archived: &Archived<Self>) -> u64 {
        let values = archived.values.map(|value| value.to_native());
        imu_total(archived.stamp.to_native(), archived.sequence.to_native(), archived.flags.to_native(), values)
    }
}

impl Sample for SimpleMatrix {
    fn new() -> Self {
        Self { n: N as i32, a: elements() }
    }

    #[inline(always)]
    fn total(archived: &Archived<Self>) -> u64 {
        let elements = archived.a.iter().map(|element| element.to_native());
        elements.fold(archived.n.to_native(), i32::wrapping_add) as u64
    }
}

struct Rkyv<T> {
    value: T,
    bytes: AlignedVec,
}

impl<T: Sample> Format for Rkyv<T> {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let mut new = Self { value: T::new(), bytes: AlignedVec::new() };
        // Larger than any archive here, then as large as this one.
        new.bytes.resize(2 * size_of::<[i32; N * N]>(), 0);
        let len = write(&new.value, &mut new.bytes)?;
        new.bytes.resize(len, 0);
        Ok(new)
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        write(&self.value, &mut self.bytes)?;
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        Ok(T::total(rkyv::api::low::access::<Archived<T>, Error>(&self.bytes)?))
    }
}

/// Writes a value into a buffer; gives the bytes of its archive.
#[inline(always)]
fn write<T: Sample>(value: &T, bytes: &mut [u8]) -> Outcome<usize> {
    // What rkyv would need while it writes; for these classes it needs nothing.
    let mut scratch = [MaybeUninit::uninit(); 64];
    let allocator = SubAllocator::new(&mut scratch);
    Ok(to_bytes_in_with_alloc::<_, _, Error>(value, Buffer::from(bytes), allocator)?.len())
}
