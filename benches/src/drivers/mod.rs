//! What the sides do, for each kind of work.

mod bursts;
mod round_trip;
mod stream;

pub(crate) use round_trip::QUANTILES;

use crate::Outcome;
use crate::link::Link;
use crate::side::{Measured, Side};
use crate::task::Work;

/// Runs a contender that is a [`Link`].
pub(crate) fn link<L: Link>(side: &Side<'_>) -> Outcome<Measured> {
    match side.task.work {
        Work::RoundTrip => round_trip::run::<L>(side),
        Work::Stream => stream::run::<L>(side),
        Work::Bursts(receivers) => bursts::run::<L>(side, receivers),
        other => Err(format!("a link is not made for {other:?}").into()),
    }
}
