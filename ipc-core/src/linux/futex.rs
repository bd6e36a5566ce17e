//! The kernel's futex, shared between processes, on the sequences of wait lines.

use std::io;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::ClockId;
use rustix::thread::futex::{self, Flags, Timespec, Wait, WaitFlags, WaitPtr, WaitvFlags};

use super::monotonic_ns;
use crate::ring::layout::WaitLine;
use crate::ring::sync::Ordering;
use crate::ring::wait::Sleeper;

/// Most lines that one call of the kernel waits on.
const MOST: usize = 128;

/// Sleeps while the line's sequence is the sleeper's, at most for `limit`; says whether that passed. Early returns are fine:
/// callers look again.
pub(crate) fn wait(sleeper: &Sleeper<'_>, limit: Duration) -> bool {
    let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) };
    // Woken, already changed (EAGAIN) and interrupted (EINTR) all mean the same: look again.
    let (sequence, expected) = (&sleeper.line.sequence, sleeper.sequence);
    futex::wait(sequence, Flags::empty(), expected, Some(&limit)) == Err(Errno::TIMEDOUT)
}

/// Sleeps while the sequence of every line is its sleeper's, at most for `limit`; says whether that passed. Early returns are
/// fine. An error if the kernel cannot (before Linux 5.16), or has no thread left.
///
/// What is beyond the lines of one call waits in threads of its own, for as long as this sleep. They begin with the sequences
/// that the caller has announced, so a wake before they sleep is noticed as one after.
pub(crate) fn wait_any(sleepers: &[Sleeper<'_>], limit: Duration) -> io::Result<bool> {
    if let [only] = sleepers {
        return Ok(wait(only, limit));
    }
    let deadline = monotonic_ns().saturating_add(limit.as_nanos() as u64);
    if sleepers.len() <= MOST {
        return wait_on(sleepers, None, deadline);
    }
    // One of the threads has seen a wake; the others are to end.
    let (seen, over) = (WaitLine::new(), WaitLine::new());
    let (own, others) = sleepers.split_at(MOST - 1);
    thread::scope(|scope| {
        let (seen, over) = (&seen, &over);
        let helpers = others.chunks(MOST - 1).try_for_each(|sleepers| {
            let helper = move || {
                if !matches!(wait_on(sleepers, Some(over), deadline), Ok(true)) {
                    raise(seen);
                }
            };
            thread::Builder::new().name("ipc-wait".to_owned()).spawn_scoped(scope, helper).map(drop)
        });
        let outcome = helpers.and_then(|()| wait_on(own, Some(seen), deadline));
        raise(over);
        outcome
    })
}

/// The call itself, on one more line that nobody has raised yet.
fn wait_on(sleepers: &[Sleeper<'_>], more: Option<&WaitLine>, deadline_ns: u64) -> io::Result<bool> {
    let lines = sleepers.iter().map(|sleeper| (sleeper.line, sleeper.sequence)).chain(more.map(|line| (line, 0)));
    let words: Vec<Wait> = lines
        .map(|(line, expected)| {
            let mut word = Wait::new();
            word.val = expected.into();
            word.uaddr = WaitPtr::new(line.sequence.as_ptr().cast());
            word.flags = WaitFlags::SIZE_U32;
            word
        })
        .collect();
    let (seconds, nanoseconds) = (deadline_ns / 1_000_000_000, deadline_ns % 1_000_000_000);
    let deadline = Timespec { tv_sec: seconds as i64, tv_nsec: nanoseconds as i64 };
    match futex::waitv(&words, WaitvFlags::empty(), Some(&deadline), ClockId::Monotonic) {
        Ok(_) | Err(Errno::AGAIN | Errno::INTR) => Ok(false),
        Err(Errno::TIMEDOUT) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Wakes the one thread that may sleep on the line.
fn raise(line: &WaitLine) {
    line.sequence.fetch_add(1, Ordering::Release);
    wake_all(line);
}

/// An error if the kernel cannot wait on several lines.
pub(crate) fn check_wait_any() -> io::Result<()> {
    match futex::waitv(&[], WaitvFlags::empty(), None, ClockId::Monotonic) {
        // It knows the call, and says that there is nothing to wait for.
        Ok(_) | Err(Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Wakes all who sleep on the line.
pub(crate) fn wake_all(line: &WaitLine) {
    // Fails only for an address that is not mapped, which a reference is not.
    let _ = futex::wake(&line.sequence, Flags::empty(), i32::MAX as u32);
}
