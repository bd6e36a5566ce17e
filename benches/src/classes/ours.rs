//! Frames, in three ways: written in place in a ring, sent by value into a ring, and as bytes in a buffer. Those of a ring
//! include all that it costs to publish a frame, and to receive it and give it back; nothing has to carry them then.
//!
//! By the wire rules the matrix's elements begin 8 bytes after a multiple of 16, which those of rkyv do not. A processor that
//! adds them up by 16 bytes at once then crosses a cache line with each fourth load, and takes 1.46 times as long (1555 against
//! 1064 ns, in a program that does nothing else).

use ipc_core::{AlignedBytes, Channel, Class, Consumer, Producer, Wait, ZeroRegions, schema};

use super::{FLAGS, Format, N, SEQUENCE, STAMP, VALUES, elements, imu_total, matrix_total, run};
use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::side::Side;

schema! { [
    { "className": "Imu", "comment": "A sample of an inertial sensor, 48 bytes.", "members": [
        { "name": "stamp", "type": "uint64", "unit": "ns" },
        { "name": "sequence", "type": "uint32" },
        { "name": "flags", "type": "uint32" },
        { "name": "values", "type": "array", "size": [8], "elem": { "type": "float32" } } ] },
    { "className": "SimpleMatrix", "members": [
        { "name": "n", "type": "int" },
        { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } } ] }
] }

/// Each way is a contender.
pub(crate) fn contenders() -> [Contender; 3] {
    [
        Contender {
            name: "frames",
            kind: Kind::Ours,
            sides: Sides::Alone,
            buffer: |_| "a ring of one thread, written in place".into(),
            run: run::<InPlace<Imu>, InPlace<SimpleMatrix>>,
        },
        Contender {
            name: "frames, send",
            kind: Kind::Ours,
            sides: Sides::Alone,
            buffer: |_| "a ring of one thread, sent by value".into(),
            run: run::<ByValue<Imu>, ByValue<SimpleMatrix>>,
        },
        Contender {
            name: "frames, bytes",
            kind: Kind::Ours,
            sides: Sides::Alone,
            buffer: |_| "one buffer, used again; no ring".into(),
            run: run::<InBytes<Imu>, InBytes<SimpleMatrix>>,
        },
    ]
}

/// A class with a value to write.
trait Sample: Class {
    /// Bytes of the ring: few, so that it stays in the caches as a serialiser's buffer does.
    const CAPACITY: u64;
    fn new() -> Self;
    /// Writes the value where it lies.
    fn put(&self, place: Self::Mut<'_>);
    fn total(view: Self::Ref<'_>) -> u64;
}

impl Sample for Imu {
    const CAPACITY: u64 = 16 << 10;

    fn new() -> Self {
        Self { stamp: STAMP, sequence: SEQUENCE, flags: FLAGS, values: VALUES }
    }

    #[inline(always)]
    fn put(&self, place: &mut Self) {
        *place = *self;
    }

    #[inline(always)]
    fn total(view: &Self) -> u64 {
        imu_total(view.stamp, view.sequence, view.flags, view.values)
    }
}

impl Sample for SimpleMatrix {
    const CAPACITY: u64 = 256 << 10;

    fn new() -> Self {
        Self { n: N as i32, a: elements() }
    }

    #[inline(always)]
    fn put(&self, place: SimpleMatrixMut<'_>) {
        place.a.copy_from_slice(&self.a);
    }

    #[inline(always)]
    fn total(view: SimpleMatrixRef<'_>) -> u64 {
        matrix_total(view.n(), view.a())
    }
}

/// A ring whose two ends are in one thread.
struct Ring<T: Class> {
    value: T,
    dims: T::Dims,
    producer: Producer<T>,
    consumer: Consumer<T>,
}

impl<T: Sample> Ring<T> {
    fn open(side: &Side<'_>) -> Outcome<Self> {
        let name = side.name("frames");
        let channel: Channel<T> = Channel::new(&name).capacity(T::CAPACITY).reserve(&["reader"]).dynamic_slots(0);
        let channel = channel.wait(Wait::Spin).zero_regions(ZeroRegions::No);
        let value = T::new();
        Ok(Self { dims: value.dims()?, value, producer: channel.producer()?, consumer: channel.consumer("reader")? })
    }

    #[inline(always)]
    fn read(&self) -> Outcome<u64> {
        Ok(T::total(self.consumer.recv()?.view()))
    }
}

/// Written in place.
struct InPlace<T: Class>(Ring<T>);

impl<T: Sample> Format for InPlace<T> {
    fn new(side: &Side<'_>) -> Outcome<Self> {
        Ring::open(side).map(Self)
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        let mut place = self.0.producer.reserve(self.0.dims.clone())?;
        self.0.value.put(place.edit());
        place.publish()?;
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        self.0.read()
    }
}

/// Sent by value.
struct ByValue<T: Class>(Ring<T>);

impl<T: Sample> Format for ByValue<T> {
    fn new(side: &Side<'_>) -> Outcome<Self> {
        Ring::open(side).map(Self)
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        self.0.producer.send(&self.0.value)?;
        Ok(())
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        self.0.read()
    }
}

/// A frame in a buffer, without a ring.
struct InBytes<T> {
    value: T,
    frame: AlignedBytes,
}

impl<T: Sample> Format for InBytes<T> {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let value = T::new();
        let frame = AlignedBytes::zeroed(T::frame_len(&value.dims()?)? as usize);
        Ok(Self { value, frame })
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        Ok(self.value.write(&mut self.frame)?)
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        Ok(T::total(T::view(&self.frame)?))
    }
}
