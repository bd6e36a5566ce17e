//! [`Buffer`]: bytes that have come and were not read yet.

use std::ops::Range;

/// What one read takes: more than a pipe holds unless root has made it larger, so that each read empties the pipe, and a
/// reader that dies leaves no part of a block there.
pub(super) const READ_BYTES: usize = 1 << 20;

/// Bytes from the input, taken from the front. It grows with what came, never by what a header claims.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    filled: Range<usize>,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; READ_BYTES], filled: 0..0 }
    }

    /// What is there.
    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.filled.clone()]
    }

    /// Takes that many bytes, which are there, from the front.
    pub(super) fn consume(&mut self, count: usize) {
        self.filled.start += count;
        debug_assert!(self.filled.start <= self.filled.end);
    }

    /// Room for what comes next, of at least that many bytes.
    pub(super) fn room(&mut self, least: usize) -> &mut [u8] {
        if self.bytes.len() - self.filled.end < least {
            self.bytes.copy_within(self.filled.clone(), 0);
            self.filled = 0..self.filled.len();
        }
        if self.bytes.len() - self.filled.end < least {
            self.bytes.resize((self.filled.end + least).next_power_of_two(), 0);
        }
        &mut self.bytes[self.filled.end..]
    }

    /// Notes that so much of the room was filled.
    pub(super) fn add(&mut self, count: usize) {
        self.filled.end += count;
    }

    /// Forgets what is there; gives how much it was.
    pub(super) fn clear(&mut self) -> usize {
        let forgotten = self.filled.len();
        self.filled = 0..0;
        forgotten
    }
}
