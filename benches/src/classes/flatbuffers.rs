//! [FlatBuffers](https://docs.rs/flatbuffers), with tables written by hand as its compiler would, and a builder that is used
//! again. A sample is a struct, which lies in its table; the buffer is verified before it is read.

use bytemuck::{Pod, Zeroable};
use flatbuffers::{
    FlatBufferBuilder, Follow, ForwardsUOffset, InvalidFlatbuffer, Push, Table, VOffsetT, Vector, Verifiable, Verifier,
    root,
};

use super::{FLAGS, Format, N, SEQUENCE, STAMP, VALUES, elements, imu_total, run, serialiser};
use crate::Outcome;
use crate::contender::Contender;
use crate::side::Side;

/// A builder for each class.
pub(crate) fn contender() -> Contender {
    serialiser("flatbuffers", run::<Imu, SimpleMatrix>)
}

/// Places of a table's members in its virtual table.
const FIRST: VOffsetT = 4;
/// See [`FIRST`].
const SECOND: VOffsetT = 6;

/// `struct Sample`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Sample {
    stamp: u64,
    sequence: u32,
    flags: u32,
    values: [f32; 8],
}

impl Push for Sample {
    type Output = Self;

    #[inline(always)]
    unsafe fn push(&self, place: &mut [u8], _: usize) {
        place.copy_from_slice(bytemuck::bytes_of(self));
    }
}

impl<'b> Follow<'b> for Sample {
    type Inner = Self;

    #[inline(always)]
    unsafe fn follow(buffer: &'b [u8], at: usize) -> Self {
        bytemuck::pod_read_unaligned(&buffer[at..at + size_of::<Self>()])
    }
}

impl Verifiable for Sample {
    #[inline(always)]
    fn run_verifier(verifier: &mut Verifier<'_, '_>, at: usize) -> Result<(), InvalidFlatbuffer> {
        verifier.in_buffer::<Self>(at)
    }
}

/// `table Imu { sample: Sample (required); }`
struct ImuTable<'b>(Table<'b>);

impl<'b> Follow<'b> for ImuTable<'b> {
    type Inner = Self;

    #[inline(always)]
    unsafe fn follow(buffer: &'b [u8], at: usize) -> Self {
        // SAFETY: the caller promises that a table of this kind stands there.
        Self(unsafe { Table::new(buffer, at) })
    }
}

impl Verifiable for ImuTable<'_> {
    #[inline(always)]
    fn run_verifier(verifier: &mut Verifier<'_, '_>, at: usize) -> Result<(), InvalidFlatbuffer> {
        verifier.visit_table(at)?.visit_field::<Sample>("sample", FIRST, true)?.finish();
        Ok(())
    }
}

/// `table SimpleMatrix { n: int; a: [int] (required); }`
struct MatrixTable<'b>(Table<'b>);

impl<'b> Follow<'b> for MatrixTable<'b> {
    type Inner = Self;

    #[inline(always)]
    unsafe fn follow(buffer: &'b [u8], at: usize) -> Self {
        // SAFETY: the caller promises that a table of this kind stands there.
        Self(unsafe { Table::new(buffer, at) })
    }
}

impl Verifiable for MatrixTable<'_> {
    #[inline(always)]
    fn run_verifier(verifier: &mut Verifier<'_, '_>, at: usize) -> Result<(), InvalidFlatbuffer> {
        let table = verifier.visit_table(at)?.visit_field::<i32>("n", FIRST, false)?;
        table.visit_field::<ForwardsUOffset<Vector<'_, i32>>>("a", SECOND, true)?.finish();
        Ok(())
    }
}

struct Imu {
    value: Sample,
    builder: FlatBufferBuilder<'static>,
}

impl Format for Imu {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let value = Sample { stamp: STAMP, sequence: SEQUENCE, flags: FLAGS, values: VALUES };
        Ok(Self { value, builder: FlatBufferBuilder::with_capacity(1024) })
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        let Self { value, builder } = self;
        builder.reset();
        let table = builder.start_table();
        builder.push_slot_always(FIRST, *value);
        let table = builder.end_table(table);
        builder.finish_minimal(table);
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        let ImuTable(table) = root::<ImuTable<'_>>(self.builder.finished_data())?;
        // SAFETY: the buffer was verified, so a member that is there is what its table says.
        let sample = unsafe { table.get::<Sample>(FIRST, None) };
        let Sample { stamp, sequence, flags, values } = sample.ok_or("a required member is not there")?;
        Ok(imu_total(stamp, sequence, flags, values))
    }
}

struct SimpleMatrix {
    n: i32,
    a: Vec<i32>,
    builder: FlatBufferBuilder<'static>,
}

impl Format for SimpleMatrix {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let a = elements();
        let builder = FlatBufferBuilder::with_capacity(2 * size_of_val(&a[..]));
        Ok(Self { n: N as i32, a, builder })
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        let Self { n, a, builder } = self;
        builder.reset();
        let elements = builder.create_vector(a);
        let table = builder.start_table();
        builder.push_slot_always(SECOND, elements);
        builder.push_slot_always(FIRST, *n);
        let table = builder.end_table(table);
        builder.finish_minimal(table);
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        let MatrixTable(table) = root::<MatrixTable<'_>>(self.builder.finished_data())?;
        // SAFETY: the buffer was verified, so a member that is there is what its table says.
        let n = unsafe { table.get::<i32>(FIRST, Some(0)) };
        // SAFETY: as above.
        let a = unsafe { table.get::<ForwardsUOffset<Vector<'_, i32>>>(SECOND, None) };
        let (n, a) = n.zip(a).ok_or("a required member is not there")?;
        // As bytes, since the vector's own iterator reads one element after the other.
        let elements = a.bytes().as_chunks().0.iter().map(|element| i32::from_le_bytes(*element));
        Ok(elements.fold(n, i32::wrapping_add) as u64)
    }
}
