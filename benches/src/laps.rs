//! The clock of a measurement: equal laps, and the median of them.

use std::time::Instant;

use crate::Outcome;

/// Laps of a measurement. A lap that another program interrupts does not move their median.
pub(crate) const LAPS: u64 = 16;

/// Runs steps 1 to `steps` in [`LAPS`] equal laps. `lap` does the steps from its first argument up to, and not with, its
/// second one. Gives the median of the laps, in nanoseconds a step.
pub(crate) fn per_step(steps: u64, mut lap: impl FnMut(u64, u64) -> Outcome) -> Outcome<f64> {
    let length = steps / LAPS;
    assert!(length * LAPS == steps && length > 0, "steps are a multiple of the laps");
    let mut laps = Vec::with_capacity(LAPS as usize);
    let mut began = Instant::now();
    for number in 0..LAPS {
        lap(1 + number * length, 1 + (number + 1) * length)?;
        let now = Instant::now();
        laps.push((now - began).as_nanos() as f64 / length as f64);
        began = now;
    }
    Ok(median(&mut laps))
}

/// The middle of some figures; of an even number, the mean of the two in the middle.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    match figures.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => figures[odd / 2],
        even => (figures[even / 2 - 1] + figures[even / 2]) / 2.0,
    }
}
