//! Who asks the controller to end: a signal, or Ctrl-C at the terminal.

use std::io;
use std::process::exit;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, OnceLock};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{Shutdown, shutdown};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;

use super::controller::Happening;
use super::link::Link;

/// So often the controller is asked; then this process ends whatever it does.
const ASKED: u32 = 2;
/// How long the guard may take to end all that runs before this process ends without it.
const GUARD_ENDS_WITHIN: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// A handle; all of its clones count together.
#[derive(Clone)]
pub(crate) struct Interrupts {
    count: Arc<AtomicU32>,
    guard: Arc<OnceLock<Link>>,
    happenings: SyncSender<Happening>,
}

impl Interrupts {
    /// Hears signals from now on.
    pub(crate) fn hear(happenings: SyncSender<Happening>) -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGWINCH])?;
        if !is_ignored(SIGHUP) {
            signals.add_signal(SIGHUP)?;
        }
        let interrupts = Self { count: Arc::default(), guard: Arc::default(), happenings };
        let heard = interrupts.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGINT => heard.interrupt("Ctrl-C"),
                    SIGTERM => heard.interrupt("SIGTERM"),
                    SIGHUP => heard.interrupt("SIGHUP"),
                    // If more happens than is heard, the next picture comes soon anyway.
                    _ => drop(heard.happenings.try_send(Happening::Resized)),
                }
            }
        });
        Ok(interrupts)
    }

    /// There is a guard, which takes over if this process ends.
    pub(crate) fn guarded_by(&self, guard: Link) {
        let _ = self.guard.set(guard);
    }

    /// Somebody asks this process to end, in these words.
    pub(crate) fn interrupt(&self, why: &'static str) {
        if self.count.fetch_add(1, Ordering::Relaxed) >= ASKED {
            self.end();
        }
        let asked = self.clone();
        // Not here, where the next one is to be heard even if the controller hears nothing.
        std::thread::spawn(move || {
            if asked.happenings.send(Happening::Signal(why)).is_err() {
                // Its work is over: nothing but its reader is waited for.
                asked.end();
            }
        });
    }

    /// Whether this process ends without its controller.
    pub(crate) fn are_over(&self) -> bool {
        self.count.load(Ordering::Relaxed) > ASKED
    }

    fn end(&self) -> ! {
        if let Some(guard) = self.guard.get() {
            // It takes this for the controller's end, and closes its side when nothing is left.
            let _ = shutdown(guard.descriptor(), Shutdown::Write);
            let _ = poll(&mut [PollFd::new(guard.descriptor(), PollFlags::empty())], Some(&GUARD_ENDS_WITHIN));
        }
        exit(1)
    }
}

/// Whether this process was started to ignore a signal, as `nohup` does it.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    ignored.is_some_and(|signals| signals >> (signal - 1) & 1 == 1)
}
