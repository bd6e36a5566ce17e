//! [`Steering`]: what a controller wants of this module, and where its main loop is.
//!
//! A thread reads the controller's lines and notes what they want; the main loop looks there whenever it comes back, and is
//! woken when it sleeps. What the loop does is said when it is there; a question is answered by the thread that reads, so that
//! a loop which hangs can be told from one that waits.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use rustix::event::{EventfdFlags, eventfd};

use super::histogram::Histogram;
use super::line::{Line, Lines};
use crate::control::{ChannelStatus, Command, Report, Status};
use crate::linux::fork::Life;
use crate::linux::{futex, monotonic_ns};
use crate::ring::fence::Fence;
use crate::ring::layout::WaitLine;
use crate::ring::wait::{Sleeper, wake_all};

/// What the controller wants, and what the main loop has said that it does.
const GO: u32 = 0;
const STOP: u32 = 1;
const QUIT: u32 = 2;

/// [`Shared::busy_since_ns`] of a loop that waits in the communicator.
const IDLE: u64 = 0;

/// The controller's hold on a module. Dropping it ends the thread that reads, and not what the controller wants.
#[derive(Debug)]
pub(crate) struct Steering {
    shared: Arc<Shared>,
    /// Readable when the thread is to end.
    end: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
    life: Life,
}

#[derive(Debug)]
struct Shared {
    out: Line,
    wanted: AtomicU32,
    /// Raised when `wanted` has changed.
    changed: WaitLine,
    /// Written by who waits: the main loop, or a producer of another thread.
    said: AtomicU32,
    /// Since when the main loop has not been back in the communicator, or [`IDLE`].
    busy_since_ns: AtomicU64,
    inputs: Vec<Count>,
}

/// What was given to the main loop from a channel.
#[derive(Debug)]
struct Count {
    name: String,
    received: AtomicU64,
    times: Histogram,
}

/// What a main loop does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Its work.
    Go,
    /// It holds still until the controller wants something else.
    Hold,
    /// It ends.
    Quit,
}

impl Steering {
    /// Takes the lines of a controller for a module that reads these channels, and says that it is ready.
    pub(super) fn begin(line: Line, inputs: impl Iterator<Item = String>) -> io::Result<Self> {
        let count = |name| Count { name, received: AtomicU64::new(0), times: Histogram::new() };
        let shared = Arc::new(Shared {
            out: line,
            wanted: AtomicU32::new(GO),
            changed: WaitLine::new(),
            said: AtomicU32::new(GO),
            busy_since_ns: AtomicU64::new(monotonic_ns()),
            inputs: inputs.map(count).collect(),
        });
        let (end, life) = (Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?), Life::current()?);
        shared.out.say(&Report::Ready);
        let read = {
            let (shared, end) = (Arc::clone(&shared), Arc::clone(&end));
            move || shared.listen(&end)
        };
        let thread = thread::Builder::new().name("ipc-control".to_owned()).spawn(read)?;
        Ok(Self { shared, end, thread: Some(thread), life })
    }

    /// What the caller does next: it is the main loop, or a producer that waits for space in its place. Says so if that is new.
    pub(crate) fn course(&self) -> Course {
        // Pairs with the store in want().
        let wanted = self.shared.wanted.load(Ordering::Acquire);
        if wanted != self.shared.said.load(Ordering::Relaxed) && self.life.is_current() {
            self.shared.say(wanted);
        }
        match wanted {
            GO => Course::Go,
            STOP => Course::Hold,
            _ => Course::Quit,
        }
    }

    /// Whether the controller wants the module to end.
    pub(super) fn is_to_quit(&self) -> bool {
        self.shared.wanted.load(Ordering::Relaxed) == QUIT
    }

    /// Where to sleep until the controller wants something else.
    pub(crate) fn sleeper(&self) -> Sleeper<'_> {
        Sleeper::new(&self.shared.changed, Fence::Symmetric)
    }

    /// The main loop waits.
    pub(crate) fn is_idle(&self) {
        self.shared.busy_since_ns.store(IDLE, Ordering::Relaxed);
    }

    /// The main loop goes back to its work.
    pub(crate) fn is_busy(&self) {
        self.shared.busy_since_ns.store(monotonic_ns(), Ordering::Relaxed);
    }

    /// The main loop goes back to its work with a frame of that channel, which was published then.
    pub(super) fn received(&self, input: usize, publish_time_ns: Option<u64>) {
        let now = monotonic_ns();
        self.shared.busy_since_ns.store(now, Ordering::Relaxed);
        let count = &self.shared.inputs[input];
        count.received.store(count.received.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        if let Some(then) = publish_time_ns {
            count.times.add(now.saturating_sub(then));
        }
    }
}

impl Shared {
    /// The life of the thread that reads.
    fn listen(&self, end: &OwnedFd) {
        let mut lines = Lines::default();
        loop {
            match self.out.read(end, &mut lines, |line| self.hear(line)) {
                Ok(true) => {}
                // It was dropped.
                Ok(false) if lines.is_over => return,
                // The controller is gone.
                Ok(false) | Err(_) => return self.want(QUIT),
            }
        }
    }

    fn hear(&self, line: &str) {
        match Command::parse(line) {
            Ok(Command::Stop) => self.want(STOP),
            Ok(Command::Resume) => self.want(GO),
            Ok(Command::Quit) => self.want(QUIT),
            Ok(Command::Ask { id }) => self.out.say(&Report::Status(self.status(id))),
            Err(text) => self.out.say(&Report::Error { text }),
        }
    }

    /// Notes what the controller wants, and wakes the main loop if it sleeps.
    fn want(&self, wanted: u32) {
        // Only this thread writes it. Nothing comes after quitting.
        if self.wanted.load(Ordering::Relaxed) != QUIT {
            // Pairs with the load in course().
            self.wanted.store(wanted, Ordering::Release);
            wake_all(&self.changed, futex::wake_all);
        }
    }

    fn say(&self, wanted: u32) {
        let said = self.said.swap(wanted, Ordering::Relaxed);
        match (said, wanted) {
            _ if said == wanted => {}
            (_, GO) => self.out.say(&Report::Resumed),
            (_, STOP) => self.out.say(&Report::Stopped),
            _ => self.out.say(&Report::Quitting),
        }
    }

    fn status(&self, id: u64) -> Status {
        let busy_ms = match self.busy_since_ns.load(Ordering::Relaxed) {
            IDLE => 0,
            since => monotonic_ns().saturating_sub(since) / 1_000_000,
        };
        let status = |count: &Count| ChannelStatus {
            name: count.name.clone(),
            received: count.received.load(Ordering::Relaxed),
            latency: count.times.take(),
        };
        Status { id, busy_ms, channels: self.inputs.iter().map(status).collect(), more: false }
    }
}

impl Drop for Steering {
    fn drop(&mut self) {
        // In a forked child there is no such thread.
        if self.life.is_current() {
            let _ = rustix::io::write(&self.end, &1u64.to_ne_bytes());
            if let Some(thread) = self.thread.take() {
                let _ = thread.join();
            }
        }
    }
}
