//! Our ring, in every way that its users can choose.

#[cfg(feature = "cpp")]
mod cpp;
mod idle;
mod link;
mod observer;
pub(crate) mod receive_call;
pub(crate) mod shared;
pub(crate) mod transport;

use ipc_core::{Channel, Class, Fence, PublishTime, Wait, ZeroRegions, schema};

use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::limits::VALUE_BYTES;
use crate::link::End;
use crate::side::{Measured, Side};
use crate::task::{By, ClassKind, Fencing, Stamp, Task, Waiting, Work};
use link::{FixedRing, VariableRing};

schema! { [
    { "className": "Payload48", "comment": "As large as an IMU sample.", "members": [
        { "name": "words", "type": "array", "size": [6], "elem": { "type": "uint64" } } ] },
    { "className": "Payload64", "comment": "As large as a cache line.", "members": [
        { "name": "words", "type": "array", "size": [8], "elem": { "type": "uint64" } } ] },
    { "className": "Payload", "comment": "Of any size.", "members": [
        { "name": "number", "type": "uint64" },
        { "name": "count", "type": "uint32" },
        { "name": "words", "type": "array", "size": ["count"], "elem": { "type": "uint64" } } ] }
] }

/// Its name in plans and tables.
pub(crate) const NAME: &str = "ours";

/// Bytes that a frame of the variable class has besides its payload.
const FIXED_PART_BYTES: usize = 16;

/// Bytes of a record's header, without a publish time.
const HEADER_BYTES: usize = 16;

/// Names of the consumers, whose places are there before they come.
const CONSUMERS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

pub(crate) fn contenders() -> Vec<Contender> {
    let ours = Contender {
        name: NAME,
        kind: Kind::Ours,
        sides: Sides::Processes,
        buffer: |task| match task.work {
            Work::ReceiveCall => buffer(&receive_call::ring(task)),
            _ => buffer(task),
        },
        run,
    };
    let transport = |name| Contender {
        name,
        kind: Kind::Ours,
        sides: Sides::Processes,
        buffer: |_| String::new(),
        run: drivers::link::<transport::Transport>,
    };
    let mut contenders = vec![
        ours,
        Contender {
            name: shared::NAME,
            kind: Kind::Ours,
            sides: Sides::Alone,
            buffer: |_| format!("two copies of {VALUE_BYTES} B"),
            run: shared::run,
        },
        #[cfg(feature = "cpp")]
        Contender { name: cpp::NAME, kind: Kind::Ours, sides: Sides::Processes, buffer, run: cpp::run },
    ];
    contenders.extend(transport::ALL.map(|(name, _)| transport(name)));
    contenders
}

fn run(side: &Side<'_>) -> Outcome<Measured> {
    let task = side.task;
    match task.work {
        Work::ReceiveCall => return receive_call::run(side),
        Work::Idle => return idle::run(side),
        _ if side.index > task.consumers => return observer::run(side),
        _ => {}
    }
    match (task.ours.class, task.payload_bytes) {
        (ClassKind::Fixed, 48) if task.ours.by == By::Value => drivers::link::<FixedRing<Payload48, false>>(side),
        (ClassKind::Fixed, 48) => drivers::link::<FixedRing<Payload48, true>>(side),
        (ClassKind::Fixed, 64) if task.ours.by == By::Value => drivers::link::<FixedRing<Payload64, false>>(side),
        (ClassKind::Fixed, 64) => drivers::link::<FixedRing<Payload64, true>>(side),
        (ClassKind::Fixed, other) => Err(format!("there is no fixed class of {other} bytes").into()),
        (ClassKind::Variable, _) => drivers::link::<VariableRing>(side),
    }
}

/// The channel of one end of a link.
fn channel<'a, T: Class>(end: &End<'a>) -> Channel<'a, T> {
    named(end.name, end.task)
}

/// A channel as a task wants it.
fn named<'a, T: Class>(name: &'a str, task: &Task) -> Channel<'a, T> {
    Channel::new(name)
        .capacity(capacity(task))
        .reserve(&CONSUMERS[..task.consumers])
        .dynamic_slots(0)
        .fence(match task.fence {
            Fencing::Asymmetric => Fence::Asymmetric,
            Fencing::Symmetric => Fence::Symmetric,
        })
        .wait(match task.wait {
            Waiting::Spin => Wait::Spin,
            Waiting::SpinThenSleep => Wait::SpinThenSleep,
            Waiting::Sleep => Wait::Sleep,
        })
        .publish_time(match task.ours.publish_time {
            Stamp::Off => PublishTime::Off,
            Stamp::On => PublishTime::On,
        })
        // Every word is written, as it is by every contender.
        .zero_regions(ZeroRegions::No)
}

fn buffer(task: &Task) -> String {
    format!("{} B, {} records of {} B", capacity(task), slots(task), record_bytes(task))
}

/// Bytes of the ring's body: the least that holds the task's depth, and two records at least, as a power of two.
pub(crate) fn capacity(task: &Task) -> u64 {
    let records = task.depth.max(2) * record_bytes(task);
    (records + HEADER_BYTES).next_power_of_two().max(4096) as u64
}

/// Bytes from one record to the next.
pub(crate) fn record_bytes(task: &Task) -> usize {
    let header = match task.ours.publish_time {
        Stamp::Off => HEADER_BYTES,
        Stamp::On => 2 * HEADER_BYTES,
    };
    let fixed_part = match task.ours.class {
        ClassKind::Fixed => 0,
        ClassKind::Variable => FIXED_PART_BYTES,
    };
    (header + fixed_part + task.payload_bytes).next_multiple_of(16)
}

/// Records that the ring holds.
pub(crate) fn slots(task: &Task) -> u64 {
    capacity(task) / record_bytes(task) as u64
}
