//! One way, without pause. The receiver measures: what has not been read whole does not count.

use crate::Outcome;
use crate::laps::per_step;
use crate::link::{Link, Receiver, Sender};
use crate::payload::expect;
use crate::side::{Measured, Side};

/// Runs one side.
pub(crate) fn run<L: Link>(side: &Side<'_>) -> Outcome<Measured> {
    let (steps, batch) = (side.task.steps, side.task.batch);
    if side.index == 0 {
        let mut sender = side.sender::<L>("there")?;
        side.meeting.meet();
        if batch == 1 {
            for number in 1..=steps {
                sender.send(number)?;
            }
        } else {
            for first in (1..=steps).step_by(batch) {
                let left = (steps + 1 - first) as usize;
                sender.send_batch(first, batch.min(left))?;
            }
        }
        side.meeting.meet();
        return Ok(Measured::default());
    }
    let mut receiver = side.receiver::<L>("there")?;
    side.meeting.meet();
    let figure = per_step(steps, |first, end| {
        if batch == 1 {
            for number in first..end {
                expect(number, receiver.receive()?)?;
            }
            return Ok(());
        }
        let mut next = first;
        while next < end {
            next += receiver.receive_batch(next, batch.min((end - next) as usize))? as u64;
        }
        Ok(())
    })?;
    side.meeting.meet();
    // Of several receivers the first speaks for all: the sender waits for the slowest.
    Ok(Measured { figure: (side.index == 1).then_some(figure), ..Measured::default() })
}
