//! A side that looks on: it takes the newest frame again and again, until the measurement is over.

use super::{Payload64, named};
use crate::Outcome;
use crate::payload;
use crate::side::{Measured, Side};

/// Runs such a side. The others see nothing of it but what it costs them.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    // As the ends of the link do.
    side.meeting.meet();
    let mut observer = named::<Payload64>(&side.name("there"), side.task).observer()?;
    // As they do, then as the drivers do.
    side.meeting.meet();
    side.meeting.meet();
    while !side.meeting.has_ended() {
        match observer.latest() {
            Ok(frame) => {
                payload::read(&frame.words)?;
            }
            Err(error) if error.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
        // The consumer works on the same core.
        std::thread::yield_now();
    }
    side.meeting.meet();
    Ok(Measured::default())
}
