//! A terminal that is drawn on, and how it was before: the controller gives it back, or its guard if that is no more.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
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
    is_raw: AtomicBool,
}

impl Terminal {
    /// Remembers how it is.
    pub(crate) fn remember(descriptor: OwnedFd) -> io::Result<Self> {
        Ok(Self { before: tcgetattr(&descriptor)?, descriptor, is_raw: AtomicBool::new(false) })
    }

    /// Has it hand over each key as it is pressed.
    pub(crate) fn make_raw(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        self.is_raw.store(true, Ordering::Relaxed);
        Ok(tcsetattr(&self.descriptor, OptionalActions::Now, &raw)?)
    }

    /// The next bytes that are typed; 0 if it is closed, or has its modes back: then what is typed is for the shell.
    pub(crate) fn read(&self, bytes: &mut [u8]) -> usize {
        loop {
            let _ = poll(&mut [PollFd::new(&self.descriptor, PollFlags::IN)], None);
            if !self.is_raw.load(Ordering::Relaxed) {
                return 0;
            }
            match rustix::io::read(&self.descriptor, &mut *bytes) {
                Err(Errno::INTR) => {}
                outcome => return outcome.unwrap_or(0),
            }
        }
    }

    /// Gives it its modes back.
    pub(crate) fn make_as_before(&self) {
        self.is_raw.store(false, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::super::face::Names;
    use super::super::printer::Printer;
    use super::super::screen::Screen;
    use super::*;

    /// A terminal, and who it belongs to.
    fn terminal() -> (OwnedFd, OwnedFd) {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let owner = openpt(flags).unwrap();
        grantpt(&owner).unwrap();
        unlockpt(&owner).unwrap();
        let name = ptsname(&owner, Vec::new()).unwrap();
        (open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap(), owner)
    }

    fn modes(terminal: &OwnedFd) -> String {
        let modes = tcgetattr(terminal).unwrap();
        format!("{:?} {:?} {:?}", modes.input_modes, modes.output_modes, modes.local_modes)
    }

    fn reads_up_to(owner: OwnedFd, end: &str) -> String {
        let (mut owner, mut text) = (File::from(owner), Vec::new());
        while !text.ends_with(end.as_bytes()) {
            let mut chunk = [0; 256];
            let bytes = owner.read(&mut chunk).unwrap();
            text.extend_from_slice(&chunk[..bytes]);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_panic_gives_the_terminal_back() {
        let (terminal, owner) = terminal();
        let before = modes(&terminal);
        let printer = Printer::start(File::from(terminal.try_clone().unwrap()));
        let remembered = Arc::new(Terminal::remember(terminal.try_clone().unwrap()).unwrap());
        let screen = Screen::open(Names::new(std::iter::empty()), remembered, printer.clone());
        assert_ne!(modes(&terminal), before);
        printer.finish();
        std::thread::spawn(|| panic!("as the test wants it")).join().unwrap_err();
        assert_eq!(modes(&terminal), before);
        assert_eq!(reads_up_to(owner, LEAVE), format!("{ENTER}{LEAVE}"));
        drop(screen);
    }

    #[test]
    fn what_is_typed_after_it_was_given_back_is_for_the_shell() {
        let (terminal, owner) = terminal();
        let remembered = Terminal::remember(terminal.try_clone().unwrap()).unwrap();
        remembered.make_raw().unwrap();
        let mut bytes = [0; 16];
        File::from(owner.try_clone().unwrap()).write_all(b"q").unwrap();
        assert_eq!((remembered.read(&mut bytes), bytes[0]), (1, b'q'));
        remembered.make_as_before();
        File::from(owner.try_clone().unwrap()).write_all(b"ls\n").unwrap();
        assert_eq!(remembered.read(&mut bytes), 0);
        assert_eq!(File::from(terminal).read(&mut bytes).unwrap(), 3);
    }

    #[test]
    fn a_terminal_that_stands_still_is_given_back_without_waiting() {
        let (terminal, owner) = terminal();
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let mut own = File::from(open(ptsname(&owner, Vec::new()).unwrap(), flags, Mode::empty()).unwrap());
        while own.write(&[b'-'; 256]).is_ok() {}
        let before = modes(&terminal);
        let remembered = Terminal::remember(terminal.try_clone().unwrap()).unwrap();
        remembered.make_raw().unwrap();
        let (done, is_done) = channel();
        std::thread::spawn(move || {
            remembered.restore();
            done.send(()).unwrap();
        });
        is_done.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(modes(&terminal), before);
    }
}
