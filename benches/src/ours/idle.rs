//! Consumers that wait for frames that do not come: what that costs in processor time. Each waits in one call of `recv`,
//! as a module does; the producer ends the stream when the time is over.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::{CONSUMERS, Payload64, named};
use crate::Outcome;
use crate::side::{Measured, Side};

/// The figure is scaled to as long.
const SCALE_MS: f64 = 10_000.0;

/// Runs one side.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let name = side.name("there");
    let channel = named::<Payload64>(&name, side.task);
    if side.index == 0 {
        let producer = channel.producer()?;
        side.meeting.meet();
        side.meeting.meet();
        let end = Instant::now() + Duration::from_millis(side.task.steps);
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            std::thread::sleep(left);
        }
        producer.close()?;
        return Ok(Measured::default());
    }
    side.meeting.meet();
    let consumer = channel.consumer(CONSUMERS[side.index - 1])?;
    side.meeting.meet();
    let (began, wall) = (processor_time_ms(), Instant::now());
    match consumer.recv() {
        Err(error) if error.is_closed() => {}
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("nothing was sent, and a frame came".into()),
    }
    let waited_ms = wall.elapsed().as_secs_f64() * 1e3;
    let figure = (processor_time_ms() - began) * SCALE_MS / waited_ms;
    Ok(Measured { figure: Some(figure), ..Measured::default() })
}

/// Processor time of this process so far, the kernel's work for it included.
fn processor_time_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
