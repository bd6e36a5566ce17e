//! What the two sides of the protocol share: rules 1 to 6 of ARCHITECTURE.md, section "Protocol".
//!
//! [`writer`](super::writer) claims and commits, [`reader`](super::reader) polls, joins and releases,
//! [`observe`](super::observe) reads without a slot. Everything there works on two things: [`Control`], the shared lines,
//! and a [`Body`], which finds a record's header by its position. A mapped file is one body, a vector in a loom model is
//! the other. Nothing there blocks, allocates or makes a system call, and every value that another process may have
//! written is checked before it is used.

use super::layout::{
    ControlHead, HEADER_BYTES, RECORD_ALIGN, RecordHeader, STAMPED_HEADER_BYTES, SlotLine, header_bytes,
};

/// The shared lines of a ring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Control<'m> {
    pub(crate) head: &'m ControlHead,
    pub(crate) slots: &'m [SlotLine],
}

/// Where records stand.
pub(crate) trait Body {
    /// Bytes of the body, a power of two.
    fn capacity(&self) -> u64;
    /// The header of the record at `position`, a multiple of [`RECORD_ALIGN`].
    fn header(&self, position: u64) -> &RecordHeader;
}

/// Positions stay below this, so that sums with a capacity never overflow.
pub(super) const MAX_POSITION: u64 = 1 << 62;

/// The greatest sequence number that is believed after one that it does not follow. Nobody counts from here to
/// [`MAX_POSITION`].
pub(super) const MAX_SEQUENCE: u64 = MAX_POSITION / 2;

/// Whether a record can stand at this position of some ring.
pub(crate) fn plausible(position: u64) -> bool {
    position <= MAX_POSITION && position.is_multiple_of(RECORD_ALIGN)
}

/// Something that only a broken peer can have written. The text says what.
pub(crate) type Broken = String;

/// The longest record of a ring: it and the next header fit in half the capacity, and its length in 32 bits.
pub(crate) fn max_stride(capacity: u64) -> u64 {
    (capacity / 2 - HEADER_BYTES).min((1 << 32) - STAMPED_HEADER_BYTES)
}

/// The largest frame in bytes that fits a ring in a record of that kind.
pub(crate) fn max_frame(capacity: u64, kind: u32) -> u64 {
    max_stride(capacity) - header_bytes(kind)
}

/// A committed record that holds a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it stands.
    pub(crate) start: u64,
    /// Where the next one stands.
    pub(crate) end: u64,
    /// Bytes of its header.
    pub(crate) header_bytes: u64,
    /// Bytes of its frame.
    pub(crate) frame_bytes: u32,
    /// Its sequence number.
    pub(crate) sequence: u64,
}

#[cfg(all(test, not(loom)))]
mod tests {
    use ipc_schema::topology::RingLimits;

    use super::*;
    use crate::ring::layout::{KIND_STAMPED, MAX_CAPACITY, MIN_CAPACITY};

    #[test]
    fn a_topology_is_checked_for_the_largest_frame_of_a_ring() {
        let mut capacity = MIN_CAPACITY;
        while capacity <= MAX_CAPACITY {
            assert_eq!(RingLimits::largest_frame(capacity), max_frame(capacity, KIND_STAMPED));
            capacity *= 2;
        }
    }
}
