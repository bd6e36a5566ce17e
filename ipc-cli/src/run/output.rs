//! A module's output: bytes of any kind, as lines that can be shown.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Longer lines come in pieces.
const MAX_LINE: usize = 16 << 10;
/// What has no line break for so long is shown as it is: a prompt, or the last words of one that hangs.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Reads a stream to its end, line by line.
pub(crate) fn read(stream: OwnedFd, mut heard: impl FnMut(String)) {
    let mut stream = std::fs::File::from(stream);
    let mut lines = Lines::default();
    let mut chunk = [0; 4096];
    loop {
        if lines.has_part() && !is_readable(&stream, Some(&PATIENCE)) {
            lines.take_part(&mut heard);
        }
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(bytes) => lines.push(&chunk[..bytes], &mut heard),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The other direction of a socket is not to hold anybody up, and so neither does this one.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => drop(is_readable(&stream, None)),
            // A socket whose other side is gone says so by an error, if it had not read all.
            Err(_) => break,
        }
    }
    lines.take_part(&mut heard);
}

/// Whether there is something to read, after a wait for it.
fn is_readable(stream: &impl AsFd, limit: Option<&Timespec>) -> bool {
    loop {
        match poll(&mut [PollFd::new(stream, PollFlags::IN)], limit) {
            Err(Errno::INTR) => {}
            outcome => return outcome != Ok(0),
        }
    }
}

/// Cuts bytes into lines.
#[derive(Default)]
struct Lines {
    part: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], heard: &mut impl FnMut(String)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.part.extend_from_slice(piece);
            if self.part.ends_with(b"\n") {
                self.part.pop();
                heard(String::from_utf8_lossy(&std::mem::take(&mut self.part)).into_owned());
            } else if self.part.len() >= MAX_LINE {
                self.take_part(heard);
            }
        }
    }

    /// Whether a line has begun that is not whole. One of the controller's language is waited for.
    fn has_part(&self) -> bool {
        !self.part.is_empty() && !self.part.starts_with(ipc_core::control::PREFIX.as_bytes())
    }

    fn take_part(&mut self, heard: &mut impl FnMut(String)) {
        if !self.part.is_empty() {
            heard(String::from_utf8_lossy(&std::mem::take(&mut self.part)).into_owned());
        }
    }
}

/// A line as it may stand on a terminal: without escape sequences and other control characters, and of what a carriage return
/// was to write over, the last.
pub(crate) fn clean(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit_once('\r').map_or(line, |(_, last)| last);
    let mut cleaned = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\u{1b}' => skip_sequence(&mut rest),
            '\t' => cleaned.push_str("    "),
            char if char.is_control() => {}
            char => cleaned.push(char),
        }
    }
    cleaned
}

/// Goes over an escape sequence: `ESC [ … letter`, `ESC ] … BEL`, or `ESC` and one character.
fn skip_sequence(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next() {
        Some('[') => {
            rest.find(|char| ('\u{40}'..='\u{7e}').contains(char));
        }
        Some(']') => {
            while let Some(char) = rest.next() {
                if char == '\u{7}' || (char == '\u{1b}' && rest.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut heard) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.push(chunk, &mut |line| heard.push(line));
        }
        lines.take_part(&mut |line| heard.push(line));
        heard
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        assert_eq!(lines(&[b"on", b"e\ntwo\n\nth", b"ree"]), ["one", "two", "", "three"]);
        // A character that comes in two parts.
        assert_eq!(
            lines(&["gr\u{fc}n".as_bytes().split_at(3).0, "gr\u{fc}n\n".as_bytes().split_at(3).1]),
            ["gr\u{fc}n"]
        );
    }

    #[test]
    fn what_is_no_utf8_is_shown_where_it_stands() {
        assert_eq!(lines(&[b"a\xff\xfeb\n"]), ["a\u{fffd}\u{fffd}b"]);
    }

    #[test]
    fn a_line_without_end_comes_in_pieces() {
        let heard = lines(&[&vec![b'x'; MAX_LINE - 1], b"yz"]);
        assert_eq!(heard.iter().map(String::len).collect::<Vec<_>>(), [MAX_LINE + 1]);
        let heard = lines(&[&vec![b'x'; MAX_LINE], b"yz"]);
        assert_eq!(heard.iter().map(String::len).collect::<Vec<_>>(), [MAX_LINE, 2]);
    }

    #[test]
    fn a_line_of_the_controllers_language_is_waited_for_and_no_other() {
        let mut lines = Lines::default();
        lines.push(b"{\"ipc\":\"rea", &mut |_| panic!("no line yet"));
        assert!(!lines.has_part());
        let mut lines = Lines::default();
        lines.push(b"name? ", &mut |_| panic!("no line yet"));
        assert!(lines.has_part());
    }

    #[test]
    fn a_line_does_nothing_to_the_terminal() {
        assert_eq!(clean("\u{1b}[1;31mred\u{1b}[0m \u{1b}]0;title\u{7}and\tplain\u{8}\u{1b}c"), "red and    plain");
        assert_eq!(clean("10 %\r20 %\r"), "20 %");
    }
}
