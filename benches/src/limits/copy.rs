//! The limit of carrying large payloads: one copy of the bytes by `memcpy`, on one core, between two buffers of the size
//! of a ring. Reading them on the other side is not in it.

use std::hint::black_box;

use crate::Outcome;
use crate::laps::per_step;
use crate::payload;
use crate::side::{Measured, Side};

/// Runs the one side that works.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let words = side.task.words();
    let mut from = vec![0; words];
    let mut to = vec![0; words * side.task.depth];
    payload::write(&mut from, 1);
    payload::write(&mut to, 2);
    let mut place = 0;
    let figure = per_step(side.task.steps, |first, end| {
        for _ in first..end {
            black_box(&mut to[place..place + words]).copy_from_slice(black_box(&from));
            place = if place + words == to.len() { 0 } else { place + words };
        }
        Ok(())
    })?;
    Ok(Measured { figure: Some(figure), ..Measured::default() })
}
