//! What the hardware and the kernel do, written bare: the limits that everything is compared with.

mod copy;
mod futex;
mod kernel;
mod line;
mod robust;
mod spsc;

use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::task::Task;

pub(crate) use kernel::{Pipe, UnixSocket};
pub(crate) use robust::VALUE_BYTES;

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    let limit = |name, buffer, run| Contender { name, kind: Kind::Limit, sides: Sides::Processes, buffer, run };
    let a_line: fn(&Task) -> String = |_| "one message line each way".into();
    let in_the_kernel: fn(&Task) -> String = |_| format!("{} B in the kernel", kernel::BUFFER_BYTES);
    vec![
        limit("two atomics", a_line, |side| match side.task.payload_bytes {
            48 => drivers::link::<line::Line<6>>(side),
            64 => drivers::link::<line::Line<8>>(side),
            other => Err(format!("a line holds 48 or 64 bytes, not {other}").into()),
        }),
        limit("futex", a_line, |side| match side.task.payload_bytes {
            48 => drivers::link::<futex::FutexLine<6, false>>(side),
            other => Err(format!("its line holds 48 bytes, not {other}").into()),
        }),
        limit("futex, timed", a_line, |side| match side.task.payload_bytes {
            48 => drivers::link::<futex::FutexLine<6, true>>(side),
            other => Err(format!("its line holds 48 bytes, not {other}").into()),
        }),
        limit(
            "bare ring",
            |task| format!("{} slots of {} B", task.depth, task.payload_bytes),
            |side| match side.task.payload_bytes {
                64 => drivers::link::<spsc::Spsc<spsc::Slots<8, 8>>>(side),
                _ => drivers::link::<spsc::Spsc<spsc::AnySlots>>(side),
            },
        ),
        limit(
            "bare ring of records",
            |task| format!("{} slots of 80 B", task.depth),
            |side| match side.task.payload_bytes {
                64 => drivers::link::<spsc::Spsc<spsc::Slots<8, 10>>>(side),
                other => Err(format!("its records hold 64 bytes, not {other}").into()),
            },
        ),
        limit("pipe", in_the_kernel, drivers::link::<kernel::Pipe>),
        limit("FIFO", in_the_kernel, drivers::link::<kernel::Fifo>),
        limit("Unix socket", in_the_kernel, drivers::link::<kernel::UnixSocket>),
        Contender {
            name: "robust mutex",
            kind: Kind::Limit,
            sides: Sides::Alone,
            buffer: |_| format!("one value of {VALUE_BYTES} B"),
            run: robust::run,
        },
        Contender {
            name: "memcpy",
            kind: Kind::Limit,
            sides: Sides::Alone,
            buffer: |task| format!("to {} places in turn", task.depth),
            run: copy::run,
        },
    ]
}
