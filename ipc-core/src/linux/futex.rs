//! The kernel's futex, shared between processes, on a wait line's sequence.

use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex::{self, Flags, Timespec};

use crate::ring::layout::WaitLine;

/// Sleeps while the line's sequence is `expected`, at most for `limit`; says whether that passed. Early returns are fine:
/// callers look again.
pub(crate) fn wait(line: &WaitLine, expected: u32, limit: Duration) -> bool {
    let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) };
    // Woken, already changed (EAGAIN) and interrupted (EINTR) all mean the same: look again.
    futex::wait(&line.sequence, Flags::empty(), expected, Some(&limit)) == Err(Errno::TIMEDOUT)
}

/// Wakes all who sleep on the line.
pub(crate) fn wake_all(line: &WaitLine) {
    // Fails only for an address that is not mapped, which a reference is not.
    let _ = futex::wake(&line.sequence, Flags::empty(), i32::MAX as u32);
}
