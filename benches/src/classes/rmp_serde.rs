//! [rmp-serde](https://docs.rs/rmp-serde): MessagePack in its compact form, structs as arrays.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{FLAGS, Format, N, SEQUENCE, STAMP, VALUES, elements, imu_total, matrix_total, run, serialiser};
use crate::Outcome;
use crate::contender::Contender;
use crate::side::Side;

/// A buffer for each class.
pub(crate) fn contender() -> Contender {
    serialiser("rmp-serde", run::<MessagePack<Imu>, MessagePack<SimpleMatrix>>)
}

#[derive(Serialize, Deserialize)]
struct Imu {
    stamp: u64,
    sequence: u32,
    flags: u32,
    values: [f32; 8],
}

#[derive(Serialize, Deserialize)]
struct SimpleMatrix {
    n: i32,
    a: Vec<i32>,
}

/// A value that can be made and added up.
trait Sample: Serialize + DeserializeOwned {
    fn new() -> Self;
    fn total(&self) -> u64;
}

impl Sample for Imu {
    fn new() -> Self {
        Self { stamp: STAMP, sequence: SEQUENCE, flags: FLAGS, values: VALUES }
    }

    #[inline(always)]
    fn total(&self) -> u64 {
        imu_total(self.stamp, self.sequence, self.flags, self.values)
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

struct MessagePack<T> {
    value: T,
    bytes: Vec<u8>,
}

impl<T: Sample> Format for MessagePack<T> {
    fn new(_: &Side<'_>) -> Outcome<Self> {
        let value = T::new();
        let bytes = rmp_serde::to_vec(&value)?;
        Ok(Self { value, bytes })
    }

    #[inline(always)]
    fn write(&mut self) -> Outcome {
        self.bytes.clear();
        Ok(rmp_serde::encode::write(&mut self.bytes, &self.value)?)
    }

    #[inline(always)]
    fn read(&mut self) -> Outcome<u64> {
        Ok(rmp_serde::from_slice::<T>(&self.bytes)?.total())
    }
}
