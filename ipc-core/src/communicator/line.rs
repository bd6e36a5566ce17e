//! The line to the controller: the standard streams, or a descriptor that it has handed over.

use std::env::{self, VarError};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::control::Report;
use crate::linux::inherited;

/// The longest line that a controller may send.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// Names the descriptor, for a module whose standard streams carry data.
const VARIABLE: &str = "IPC_CONTROL_FD";

/// Where a module hears its controller, and answers.
#[derive(Debug)]
pub(super) struct Line {
    /// `None` are the standard streams.
    socket: Option<OwnedFd>,
    /// Held while a report is written.
    writing: Mutex<()>,
}

impl Line {
    /// The line that the environment tells of.
    pub(super) fn from_env() -> io::Result<Self> {
        let socket = match env::var(VARIABLE) {
            Err(VarError::NotPresent) => None,
            Err(error) => return Err(io::Error::other(error)),
            Ok(number) => {
                let problem =
                    || io::Error::other(format!("{VARIABLE} is {number:?}, expected the number of a descriptor"));
                Some(inherited::take(number.parse().ok().filter(|number| *number > 2).ok_or_else(problem)?)?)
            }
        };
        Ok(Self { socket, writing: Mutex::new(()) })
    }

    /// Says something, each line as one write that begins at a line's beginning, whatever the module's log has left there.
    ///
    /// A controller that does not listen any more is not told: it is about to be noticed by who reads.
    pub(super) fn say(&self, report: &Report) {
        let _writing = self.writing.lock();
        let out = io::stdout();
        let out = self.socket.as_ref().map_or_else(|| out.as_fd(), AsFd::as_fd);
        for line in report.lines() {
            let text = format!("\n{line}\n");
            let mut left = text.as_bytes();
            while !left.is_empty() {
                match rustix::io::write(out, left) {
                    Ok(written) => left = &left[written..],
                    Err(Errno::INTR) => {}
                    // Whoever made the stream may have made it so.
                    Err(Errno::AGAIN) => _ = poll(&mut [PollFd::from_borrowed_fd(out, PollFlags::OUT)], None),
                    Err(_) => return,
                }
            }
        }
    }

    /// Waits for more of the controller's lines. False if there will be no more, or, as `lines` says, if the wait is over.
    pub(super) fn read(&self, over: &OwnedFd, lines: &mut Lines, hear: impl FnMut(&str)) -> rustix::io::Result<bool> {
        let input = io::stdin();
        let input: BorrowedFd<'_> = self.socket.as_ref().map_or_else(|| input.as_fd(), AsFd::as_fd);
        let mut ready = [PollFd::from_borrowed_fd(input, PollFlags::IN), PollFd::new(over, PollFlags::IN)];
        let interrupted = |error| if error == Errno::INTR || error == Errno::AGAIN { Ok(true) } else { Err(error) };
        if let Err(error) = poll(&mut ready, None) {
            return interrupted(error);
        }
        if !ready[1].revents().is_empty() {
            lines.is_over = true;
            return Ok(false);
        }
        let mut bytes = [0; 4096];
        match rustix::io::read(input, &mut bytes) {
            Ok(0) => Ok(false),
            Ok(count) => {
                lines.add(&bytes[..count], hear);
                Ok(true)
            }
            Err(error) => interrupted(error),
        }
    }
}

/// What was read of lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The beginning of a line.
    begun: Vec<u8>,
    pub(super) is_over: bool,
}

impl Lines {
    fn add(&mut self, bytes: &[u8], mut hear: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            // Of a line that is too long, enough is kept to say that it is none.
            let room = MAX_LINE_BYTES.saturating_sub(self.begun.len());
            self.begun.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&self.begun);
                let line = line.trim();
                if !line.is_empty() {
                    hear(line);
                }
                self.begun.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_their_bytes_come() {
        let text = "one\n\n two \r\nthree\nfour";
        for size in 1..text.len() {
            let (mut lines, mut heard) = (Lines::default(), Vec::new());
            text.as_bytes().chunks(size).for_each(|bytes| lines.add(bytes, |line| heard.push(line.to_owned())));
            assert_eq!(heard, ["one", "two", "three"], "in pieces of {size}");
        }
    }

    #[test]
    fn an_endless_line_takes_no_memory() {
        let (mut lines, mut heard) = (Lines::default(), Vec::new());
        for _ in 0..100 {
            lines.add(&[b'x'; 4096], |_| unreachable!());
        }
        assert!(lines.begun.len() <= MAX_LINE_BYTES);
        lines.add(b"\nnext\n", |line| heard.push(line.len()));
        assert_eq!(heard, [MAX_LINE_BYTES, 4]);
    }
}
