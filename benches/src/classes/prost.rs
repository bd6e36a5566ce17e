//! [prost](https://docs.rs/prost): Protocol Buffers, its messages stated by derive. Numbers are of the fixed kinds, which cost
//! less than those of variable length, arrays are packed; messages are read into one that was cleared, which keeps its memory.

use ::prost::Message;

use super::{FLAGS, Format, N, SEQUENCE, STAMP, VALUES, elements, imu_total, matrix_total, run, serialiser};
use crate::Outcome;
use crate::contender::Contender;
use crate::side::Side;

/// A buffer and a message for each class.
pub(crate) fn contender() -> Contender {
    serialiser("prost", run::<Prost<Imu>, Prost<SimpleMatrix>>)
}

/// Floats by themselves, since an array would be a vector.
#[derive(Clone, PartialEq, Message)]
struct Imu {
    #[prost(fixed64, tag = "1")]
    stamp: u64,
    #[prost(fixed32, tag = "2")]
    sequence: u32,
    #[prost(fixed32, tag = "3")]
    flags: u32,
    #[prost(float, tag = "4")]
    ax: f32,
    #[prost(float, tag = "5")]
    ay: f32,
    #[prost(float, tag = "6")]
    az: f32,
    #[prost(float, tag = "7")]
    rx: f32,
    #[prost(float, tag = "8")]
    ry: f32,
    #[prost(float, tag = "9")]
    rz: f32,
    #[prost(float, tag = "10")]
    temperature: f32,
    #[prost(float, tag = "11")]
    pressure: f32,
}

#[derive(Clone, PartialEq, Message)]
struct SimpleMatrix {
    #[prost(int32, tag = "1")]
    n: i32,
    #[prost(sfixed32, repeated, packed = "true", tag = "2")]
    a: Vec<i32>,
}

/// A message that can be made and added up.
trait Sample: Message + Default {
    fn new() -> Self;
    fn total(&self) -> u64;
}

impl Sample for Imu {
    fn new() -> Self {
        let [ax, ay, az, rx, ry, rz, temperature, pressure] = VALUES;
        Self { stamp: STAMP, sequence: SEQUENCE, flags: FLAGS, ax, ay, az, rx, ry, rz, temperature, pressure }
    }

    #[inline(always)]
    fn total(&self) -> u64 {
        let &Self { stamp, sequence, flags, ax, ay, az, rx, ry, rz, temperature, pressure } = self;
        imu_total(stamp, sequence, flags, [ax, ay, az, rx, ry, rz, temperature, pressure])
    }
}

impl Sample for SimpleMatrix {
    fn new() -> Self {
        Self { n: N as i32, a: elements() }
    }

    #[inline(always)]
    fn total(&self) -> u64 {
        matrix_total(self.n, &self.a)
    }
}

struct Prost<T> {
    value: T,
    bytes: Vec<u8>,
    found: T,
}

impl<T: Sample> Format for Prost<T> {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let value = T::new();
        let bytes = Vec::with_capacity(value.encoded_len());
        Ok(Self { value, bytes, found: T::default() })
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        self.bytes.clear();
        Ok(self.value.encode(&mut self.bytes)?)
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        self.found.clear();
        self.found.merge(&self.bytes[..])?;
        Ok(self.found.total())
    }
}
