//! Our ring from C++: the loops are in `cpp.cpp`, so that what is measured is what a C++ program does.

use std::ffi::{CString, c_char};
use std::ptr;

use super::capacity;
use crate::Outcome;
use crate::laps::per_step;
use crate::side::{Measured, Side};
use crate::task::Work;

// What the C++ calls. Named, so that it is linked.
use ipc_c as _;

/// Its name in plans and tables.
pub(crate) const NAME: &str = "ours, C++";

#[repr(C)]
struct Producer([u8; 0]);

#[repr(C)]
struct Consumer([u8; 0]);

unsafe extern "C" {
    fn bench_cpp_producer(name: *const c_char, capacity: u64) -> *mut Producer;
    fn bench_cpp_consumer(name: *const c_char, capacity: u64) -> *mut Consumer;
    fn bench_cpp_fill(producer: *mut Producer, first: u64, end: u64);
    fn bench_cpp_drain(consumer: *mut Consumer, first: u64, end: u64);
    fn bench_cpp_ask(there: *mut Producer, back: *mut Consumer, first: u64, end: u64);
    fn bench_cpp_echo(there: *mut Consumer, back: *mut Producer, first: u64, end: u64);
    fn bench_cpp_end(producer: *mut Producer, consumer: *mut Consumer);
}

/// The ends that a side has; null for one that it has not. Freed with it.
struct Ends {
    producer: *mut Producer,
    consumer: *mut Consumer,
}

impl Ends {
    fn open(side: &Side<'_>, producer: Option<&str>, consumer: Option<&str>) -> Outcome<Self> {
        let capacity = capacity(side.task);
        let mut ends = Self { producer: ptr::null_mut(), consumer: ptr::null_mut() };
        // Side 0 opens the ring that it sends to first, and the other side the same ring, as sides in Rust do.
        let mut order = [(producer, true), (consumer, false)];
        order.rotate_left(side.index.min(1));
        for (link, sends) in order.into_iter().filter_map(|(link, sends)| Some((link?, sends))) {
            let name = CString::new(side.name(link))?;
            if sends {
                // SAFETY: the name is a text of C for as long as the call takes.
                ends.producer = unsafe { bench_cpp_producer(name.as_ptr(), capacity) };
                // The ring is there before its consumer comes, and nothing is sent before it came.
                side.meeting.meet();
                side.meeting.meet();
            } else {
                side.meeting.meet();
                // SAFETY: as above.
                ends.consumer = unsafe { bench_cpp_consumer(name.as_ptr(), capacity) };
                side.meeting.meet();
            }
        }
        Ok(ends)
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        // SAFETY: both were made by open(), and are used by nobody any more.
        unsafe { bench_cpp_end(self.producer, self.consumer) };
    }
}

/// Runs one side.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let end = side.task.steps + 1;
    let figure = match (side.task.work, side.index) {
        (Work::Stream, 0) => {
            let Ends { producer, .. } = &Ends::open(side, Some("there"), None)?;
            side.meeting.meet();
            // SAFETY: open() has opened it.
            unsafe { bench_cpp_fill(*producer, 1, end) };
            side.meeting.meet();
            None
        }
        (Work::Stream, _) => {
            let Ends { consumer, .. } = &Ends::open(side, None, Some("there"))?;
            side.meeting.meet();
            let figure = per_step(side.task.steps, |first, end| {
                // SAFETY: open() has opened it.
                unsafe { bench_cpp_drain(*consumer, first, end) };
                Ok(())
            });
            side.meeting.meet();
            Some(figure?)
        }
        (Work::RoundTrip, 0) => {
            let Ends { producer, consumer } = &Ends::open(side, Some("there"), Some("back"))?;
            side.meeting.meet();
            let figure = per_step(side.task.steps, |first, end| {
                // SAFETY: open() has opened both.
                unsafe { bench_cpp_ask(*producer, *consumer, first, end) };
                Ok(())
            });
            side.meeting.meet();
            Some(figure?)
        }
        (Work::RoundTrip, _) => {
            let Ends { producer, consumer } = &Ends::open(side, Some("back"), Some("there"))?;
            side.meeting.meet();
            // SAFETY: open() has opened both.
            unsafe { bench_cpp_echo(*consumer, *producer, 1, end) };
            side.meeting.meet();
            None
        }
        (other, _) => return Err(format!("the sides in C++ are not made for {other:?}").into()),
    };
    Ok(Measured { figure, ..Measured::default() })
}
