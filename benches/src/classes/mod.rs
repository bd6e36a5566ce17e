//! Writing and reading values of two classes, ours beside serialisers. One side does both in turns, in one thread, and takes
//! the time of one of them.
//!
//! Everybody begins with a value in the type that its library gives or asks for, writes it into a buffer that is there
//! before, and reads every member of it. Who reads checks what its library checks of bytes that it does not trust.

mod flatbuffers;
mod ours;
mod prost;
mod rkyv;
mod rmp_serde;

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::laps::{LAPS, median};
use crate::side::{Measured, Side};
use crate::task::{Value, Work};

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    let mut all: Vec<Contender> = ours::contenders().into();
    all.extend([prost::contender(), rmp_serde::contender(), rkyv::contender(), flatbuffers::contender()]);
    all
}

/// A library with a value and a buffer for its bytes.
trait Format: Sized {
    fn new(side: &Side<'_>) -> Outcome<Self>;
    /// Writes the value into the buffer.
    fn write(&mut self) -> Outcome;
    /// Reads the value that was written longest ago, and gives the total of its members.
    fn read(&mut self) -> Outcome<u64>;
}

/// A serialiser: one for each class.
fn serialiser(name: &'static str, run: fn(&Side<'_>) -> Outcome<Measured>) -> Contender {
    Contender { name, kind: Kind::Peer, sides: Sides::Alone, buffer: |_| "one buffer, used again".into(), run }
}

/// Runs the one side that works.
fn run<I: Format, M: Format>(side: &Side<'_>) -> Outcome<Measured> {
    let (value, is_write) = match side.task.work {
        Work::Write(value) => (value, true),
        Work::Read(value) => (value, false),
        other => return Err(format!("a format is not made for {other:?}").into()),
    };
    let figure = match value {
        // As many as make a reading of the clock cheap beside them, and stay in the first cache in every buffer.
        Value::Imu => per_value::<I>(side, is_write, 128, imu_total(STAMP, SEQUENCE, FLAGS, VALUES))?,
        Value::Matrix => per_value::<M>(side, is_write, 1, matrix_total(N as i32, &elements()))?,
    };
    Ok(Measured { figure: Some(figure), ..Measured::default() })
}

/// Writes `burst` values, reads them, and so on. Gives the nanoseconds that writing or reading one takes.
fn per_value<F: Format>(side: &Side<'_>, is_write: bool, burst: u64, total: u64) -> Outcome<f64> {
    let mut format = F::new(side)?;
    let length = side.task.steps / LAPS;
    let mut laps = Vec::with_capacity(LAPS as usize);
    for _ in 0..LAPS {
        let mut time = Duration::ZERO;
        for first in (0..length).step_by(burst as usize) {
            let count = burst.min(length - first);
            let began = Instant::now();
            for _ in 0..count {
                black_box(&mut format).write()?;
            }
            let written = Instant::now();
            for _ in 0..count {
                if black_box(&mut format).read()? != total {
                    return Err("what was read is not what was written".into());
                }
            }
            let read = Instant::now();
            time += if is_write { written - began } else { read - written };
        }
        laps.push(time.as_nanos() as f64 / length as f64);
    }
    Ok(median(&mut laps))
}

// The IMU sample.
const STAMP: u64 = 1_700_000_000_123_456_789;
const SEQUENCE: u32 = 4711;
const FLAGS: u32 = 0x8000_0003;
/// Acceleration, rotation, temperature and pressure.
const VALUES: [f32; 8] = [0.02, -0.13, 9.81, 0.001, -0.002, 0.0005, 36.6, 1013.25];

/// The matrix has so many rows and columns.
const N: usize = 175;

/// The elements of the matrix.
fn elements() -> Vec<i32> {
    (0..N * N).map(|place| (place as i32).wrapping_mul(-1_640_531_527)).collect()
}

/// All members of an IMU sample in one number.
#[inline(always)]
fn imu_total(stamp: u64, sequence: u32, flags: u32, values: [f32; 8]) -> u64 {
    let values = values.iter().map(|value| u64::from(value.to_bits())).sum::<u64>();
    stamp.wrapping_add(u64::from(sequence)).wrapping_add(u64::from(flags)).wrapping_add(values)
}

/// All members of a matrix in one number.
#[inline(always)]
fn matrix_total<'a>(n: i32, elements: impl IntoIterator<Item = &'a i32>) -> u64 {
    elements.into_iter().fold(n, |total, element| total.wrapping_add(*element)) as u64
}
