//! A terminal that is drawn on, and how it was before: the controller gives it back, or its guard if that is no more.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Takes the other screen, so that what stood on the terminal comes back.
pub(crate) const ENTER: &str = "\u{1b}[?1049h\u{1b}[?7l";
/// Undoes all that the controller does to a terminal but its mode of input.
pub(crate) const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[0m\u{1b}[?1049l";
/// How long a terminal may take no text before it is given back without.
const PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// A terminal as it was before it was drawn on.
pub(crate) struct Terminal {
    descriptor: OwnedFd,
    before: Termios,
}

impl Terminal {
    /// Remembers how it is.
    pub(crate) fn remember(descriptor: OwnedFd) -> io::Result<Self> {
        Ok(Self { before: tcgetattr(&descriptor)?, descriptor })
    }

    /// Has it hand over each key as it is pressed.
    pub(crate) fn make_raw(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        Ok(tcsetattr(&self.descriptor, OptionalActions::Now, &raw)?)
    }

    /// Gives it its modes back.
    pub(crate) fn make_as_before(&self) {
        // It may be closed.
        let _ = tcsetattr(&self.descriptor, OptionalActions::Now, &self.before);
    }

    /// Gives it back as it was, without waiting for long for one that stands still.
    pub(crate) fn restore(&self) {
        self.make_as_before();
        let _ = write(self.descriptor.as_fd(), LEAVE);
    }
}

/// By a description of its own, since the one that is at hand is the shell's as well, which waits when it writes.
fn write(terminal: BorrowedFd<'_>, text: &str) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let own = open(format!("/proc/self/fd/{}", terminal.as_raw_fd()), flags, Mode::empty())?;
    poll(&mut [PollFd::new(&own, PollFlags::OUT)], Some(&PATIENCE))?;
    rustix::io::write(&own, text.as_bytes())?;
    Ok(())
}
