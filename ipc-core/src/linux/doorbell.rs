//! A doorbell as its consumer has it: one descriptor that becomes readable when its FIFO is written to, when the last process
//! that could do that is gone, and every 250 ms while there is none.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::{Errno, read, retry_on_intr};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use rustix::time::{timerfd_create, timerfd_settime};

/// Bytes that are read from a FIFO at once, and how many times: as much as one holds, unless root has made it larger.
const READ_BYTES: usize = 4096;
const READS: usize = 16;

/// An epoll instance over a FIFO that is open for reading, without waiting, and a timer.
///
/// Both are watched for changes (`EPOLLET`), so that the instance is readable from an event up to the next
/// [`silence`](Self::silence) and not because of bytes that are left, or of writers that stay away.
#[derive(Debug)]
pub(crate) struct Doorbell {
    fifo: File,
    timer: OwnedFd,
    events: OwnedFd,
}

impl Doorbell {
    /// Over that FIFO. It begins readable, as nobody has looked yet.
    pub(crate) fn new(fifo: File) -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let events = epoll::create(CreateFlags::CLOEXEC)?;
        for source in [fifo.as_fd(), timer.as_fd()] {
            epoll::add(&events, source, EventData::new_u64(0), EventFlags::IN | EventFlags::ET)?;
        }
        let doorbell = Self { fifo, timer, events };
        doorbell.ring_in(Timespec { tv_sec: 0, tv_nsec: 1 })?;
        Ok(doorbell)
    }

    /// Takes what has happened so far away, and says whether anything has. If nobody is left to ring, it will ring by itself after
    /// `nap`.
    pub(crate) fn silence(&self, nap: Timespec) -> io::Result<bool> {
        let mut happened = [Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; 2];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if retry_on_intr(|| epoll::wait(&self.events, &mut happened, Some(&now)))? == 0 {
            return Ok(false);
        }
        // The end of the last writer after this look is an event again.
        if !self.empty_out()? {
            self.ring_in(nap)?;
        }
        Ok(true)
    }

    /// Reads what is in the FIFO; says whether somebody has it open for writing.
    fn empty_out(&self) -> io::Result<bool> {
        let mut bytes = [0; READ_BYTES];
        for _ in 0..READS {
            match retry_on_intr(|| read(&self.fifo, &mut bytes)) {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(Errno::AGAIN) => return Ok(true),
                Err(error) => return Err(error.into()),
            }
        }
        // Somebody writes as fast as this reads.
        Ok(true)
    }

    fn ring_in(&self, time: Timespec) -> io::Result<()> {
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: time };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

impl AsFd for Doorbell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }
}
