//! There and back over two links. Each trip begins when the last one has ended, so the buffers hold one payload at most.
//!
//! The figure is the time of many trips divided by their number. For the distribution a clock reading between two trips
//! costs some 20 ns, so it is taken from trips of its own, and those 20 ns are in it.

use std::time::Instant;

use crate::Outcome;
use crate::laps::per_step;
use crate::link::{Link, Receiver, Sender};
use crate::payload::expect;
use crate::side::{Measured, Side};

/// One trip in so many is timed by itself.
const TIMED: u64 = 4;

/// The quantiles of single trips that are kept.
pub(crate) const QUANTILES: [f64; 12] = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999];

/// Runs one side.
pub(crate) fn run<L: Link>(side: &Side<'_>) -> Outcome<Measured> {
    let steps = side.task.steps;
    let timed = (steps / TIMED).max(1);
    if side.index != 0 {
        let mut there = side.receiver::<L>("there")?;
        let mut back = side.sender::<L>("back")?;
        side.meeting.meet();
        for _ in 0..steps + timed {
            let number = there.receive()?;
            back.send(number)?;
        }
        side.meeting.meet();
        return Ok(Measured::default());
    }
    let mut there = side.sender::<L>("there")?;
    let mut back = side.receiver::<L>("back")?;
    side.meeting.meet();
    let figure = per_step(steps, |first, end| {
        for number in first..end {
            there.send(number)?;
            expect(number, back.receive()?)?;
        }
        Ok(())
    })?;
    let mut trips = Vec::with_capacity(timed as usize);
    let mut began = Instant::now();
    for number in steps + 1..=steps + timed {
        there.send(number)?;
        expect(number, back.receive()?)?;
        let now = Instant::now();
        trips.push((now - began).as_nanos() as u64);
        began = now;
    }
    side.meeting.meet();
    trips.sort_unstable();
    let quantiles = QUANTILES.map(|quantile| trips[(quantile * (trips.len() - 1) as f64) as usize]).to_vec();
    Ok(Measured { figure: Some(figure), quantiles, ..Measured::default() })
}
