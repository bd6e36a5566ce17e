//! What the hardware and the kernel do, written bare: the limits that everything is compared with.

mod line;
mod spsc;

use crate::contender::{Contender, Kind, Sides};
use crate::drivers;

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    vec![
        Contender {
            name: "two atomics",
            kind: Kind::Limit,
            sides: Sides::Processes,
            buffer: |_| "one message line each way".into(),
            run: |side| match side.task.payload_bytes {
                48 => drivers::link::<line::Line<6>>(side),
                64 => drivers::link::<line::Line<8>>(side),
                other => Err(format!("a line holds 48 or 64 bytes, not {other}").into()),
            },
        },
        Contender {
            name: "bare ring",
            kind: Kind::Limit,
            sides: Sides::Processes,
            buffer: |task| format!("{} slots of {} B", task.depth, task.payload_bytes),
            run: |side| match side.task.payload_bytes {
                64 => drivers::link::<spsc::Spsc<spsc::Slots<8, 8>>>(side),
                _ => drivers::link::<spsc::Spsc<spsc::AnySlots>>(side),
            },
        },
        Contender {
            name: "bare ring of records",
            kind: Kind::Limit,
            sides: Sides::Processes,
            buffer: |task| format!("{} slots of 80 B", task.depth),
            run: |side| match side.task.payload_bytes {
                64 => drivers::link::<spsc::Spsc<spsc::Slots<8, 10>>>(side),
                other => Err(format!("its records hold 64 bytes, not {other}").into()),
            },
        },
    ]
}
