//! Bursts that the buffer holds, so that the sender never waits; drained before the next. What counts is the processor
//! time that the sender's thread spends in its calls.
//!
//! Awake receivers receive during a burst. Held ones are attached, and wait for its end outside of the buffer: the first
//! stays awake, however many there are, since lines that come from a core that has gone idle cost something else.

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;
use crate::laps::median;
use crate::link::{Link, Receiver, Sender};
use crate::meeting::Patience;
use crate::payload::expect;
use crate::side::{Measured, Side};
use crate::task::Receivers;

/// Runs one side. A burst has half as many payloads as the task's depth, so that no contender's buffer is ever full.
pub(crate) fn run<L: Link>(side: &Side<'_>, receivers: Receivers) -> Outcome<Measured> {
    let length = (side.task.depth / 2) as u64;
    let bursts = side.task.steps.div_ceil(length);
    let patience = if side.index == 1 { Patience::Yield } else { Patience::Sleep };
    let meet = || side.meeting.meet_among(1 + side.task.consumers, patience);
    if side.index > 0 {
        let mut receiver = side.receiver::<L>("there")?;
        side.meeting.meet();
        let sleeps = voluntary_switches()?;
        for burst in 0..bursts {
            meet();
            for number in 1 + burst * length..1 + (burst + 1) * length {
                expect(number, receiver.receive()?)?;
            }
            if receivers == Receivers::Held {
                meet();
            }
        }
        let sleeps = (receivers == Receivers::Awake).then_some(voluntary_switches()? - sleeps);
        side.meeting.meet();
        return Ok(Measured { sleeps, ..Measured::default() });
    }
    let mut sender = side.sender::<L>("there")?;
    side.meeting.meet();
    let clock = clock_cost_ns();
    let mut times = Vec::with_capacity(bursts as usize);
    for burst in 0..bursts {
        if receivers == Receivers::Awake {
            meet();
        }
        let began = processor_time_ns();
        for number in 1 + burst * length..1 + (burst + 1) * length {
            sender.send(number)?;
        }
        times.push((processor_time_ns() - began - clock) / length as f64);
        if receivers == Receivers::Held {
            meet();
            meet();
        }
    }
    side.meeting.end();
    side.meeting.meet();
    Ok(Measured { figure: Some(median(&mut times)), ..Measured::default() })
}

/// Processor time of this thread so far.
fn processor_time_ns() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What reading that clock costs: it is a system call.
fn clock_cost_ns() -> f64 {
    let mut costs: Vec<f64> = (0..101)
        .map(|_| {
            let began = processor_time_ns();
            processor_time_ns() - began
        })
        .collect();
    median(&mut costs)
}

/// How often this thread has gone to sleep so far.
fn voluntary_switches() -> Outcome<i64> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    Ok(line.ok_or("the kernel does not say how often a thread has slept")?.trim().parse()?)
}
