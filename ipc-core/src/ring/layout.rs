//! The ring file's memory layout: every offset, size and magic number of it stands here and nowhere else.
//!
//! ```text
//! offset 0        preamble   immutable: sizes, places, fingerprint, names of the reserved slots
//! 64 KiB          schema     immutable: canonical JSON of the class and all that it uses
//! + schema        control    128-byte lines, each with its own writer:
//!                              0  producer   claim, tail, last, next sequence
//!                              1  limit      limit
//!                              2  state      state, openings, synced, synced sequence
//!                              3  ledger     dropped frames
//!                              4  data wait  flag, sequence, bells  (consumers sleep here)
//!                              5  space wait flag, sequence    (the producer sleeps here)
//!                              6  boot       boot id of the last start-up
//!                              7… slots      position, state, bell    (reserved ones first)
//! + control       body       `capacity` bytes, a power of two: records
//! ```
//!
//! The body of an isolated ring is a file of its own; the preamble has 0 for its offset.
//!
//! Each region starts at a multiple of 64 KiB, so that it can be mapped by itself on every page size that Linux has.
//! Positions are counted in bytes since the ring was made and never wrap; `position % capacity` is the place in the body.
//!
//! A record starts 16-aligned and never wraps around the end of the body:
//!
//! ```text
//!  0        4        8                 16                 24        32
//!  +--------+--------+-----------------+
//!  | length | kind   | sequence        | frame …                      kind 1: frame
//!  +--------+--------+-----------------+-----------------+---------+
//!  | length | kind   | sequence        | publish time ns | 0       | frame …   kind 2: frame with its publish time
//!  +--------+--------+-----------------+-----------------+---------+
//!  | length | kind   | unused up to the end of the body                        kind 3: padding
//!  +--------+--------+-----------------+
//!  '-- the word ----'
//! ```
//!
//! `length` is the record's in bytes, header included. It and the kind are one 64-bit word, stored at once, which is
//! never 0 in a record; 0 says that nothing is committed yet. The next record starts at `position + align16(length)`.

use super::sync::{AtomicU32, AtomicU64};

/// The file's first bytes.
pub(crate) const MAGIC: [u8; 8] = *b"IPCRING\0";

/// Version of everything in this file and of the protocol over it.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Regions start at multiples of this many bytes.
pub(crate) const REGION_ALIGN: u64 = 64 * 1024;

/// Bytes of one control line: two 64-byte cache lines, since processors fetch them in pairs.
pub(crate) const LINE_BYTES: usize = 128;

/// Bytes of a record's header without a publish time.
pub(crate) const HEADER_BYTES: u64 = 16;

/// Bytes of a record's header with a publish time.
pub(crate) const STAMPED_HEADER_BYTES: u64 = 2 * HEADER_BYTES;

/// Records start at multiples of this many bytes.
pub(crate) const RECORD_ALIGN: u64 = 16;

/// The smallest and the largest capacity in bytes.
pub(crate) const MIN_CAPACITY: u64 = 4096;
/// See [`MIN_CAPACITY`]: positions stay far from 2⁶⁴, and half a capacity holds the largest frame (4 GiB).
pub(crate) const MAX_CAPACITY: u64 = 1 << 40;

/// Slots of both kinds that a ring can have.
pub(crate) const MAX_RESERVED: u32 = 256;
/// See [`MAX_RESERVED`].
pub(crate) const MAX_DYNAMIC: u32 = 1024;

/// Bytes of a reserved slot's name in the preamble, a length byte included.
pub(crate) const NAME_BYTES: usize = 64;

/// Schema texts longer than this are neither written nor read: parsing one costs up to the square of its length.
pub(crate) const MAX_SCHEMA_BYTES: u64 = 256 << 10;

/// A record that holds a frame.
pub(crate) const KIND_FRAME: u32 = 1;
/// A record that holds a publish time and a frame.
pub(crate) const KIND_STAMPED: u32 = 2;
/// A record that fills the body up to its end.
pub(crate) const KIND_PADDING: u32 = 3;

/// [`StateLine::state`]: no producer has opened the ring yet.
pub(crate) const STATE_NEVER_OPENED: u32 = 0;
/// A producer has it open, or crashed with it open.
pub(crate) const STATE_OPEN: u32 = 1;
/// The producer ended the stream.
pub(crate) const STATE_CLOSED: u32 = 2;
/// The ring was removed; its name stands for another ring or for none.
pub(crate) const STATE_REPLACED: u32 = 3;

/// [`SlotLine::state`]: a dynamic slot that nobody uses.
pub(crate) const SLOT_FREE: u32 = 0;
/// A slot that holds the producer back. Reserved slots are, unless they were detached.
pub(crate) const SLOT_ACTIVE: u32 = 1;
/// A slot whose consumer has not yet seen that the producer respects its position.
pub(crate) const SLOT_JOINING: u32 = 2;

/// [`SlotLine::bell`]: the consumer has no doorbell.
pub(crate) const BELL_NONE: u32 = 0;
/// It has one, which need not ring: it was rung already, or the consumer has not gone to wait.
pub(crate) const BELL_SILENT: u32 = 1;
/// It waits for its doorbell.
pub(crate) const BELL_ARMED: u32 = 2;

/// Byte of the file that the producer's lock covers.
pub(crate) const LOCK_PRODUCER: u64 = 0;
/// Byte that whoever prepares a ring after a new boot locks.
pub(crate) const LOCK_SETUP: u64 = 1;
/// Byte that the consumer in slot 0 locks; slot `i` locks the `i`-th after it.
pub(crate) const LOCK_SLOTS: u64 = 16;

/// The immutable head of the file, followed by [`NAME_BYTES`] for each reserved slot.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    zerocopy::FromBytes,
    zerocopy::IntoBytes,
    zerocopy::Immutable,
    zerocopy::KnownLayout,
)]
#[repr(C)]
pub(crate) struct Preamble {
    pub(crate) magic: [u8; 8],
    pub(crate) format_version: u32,
    /// 0 symmetric, 1 asymmetric: see `Fence`.
    pub(crate) fence_mode: u32,
    pub(crate) file_bytes: u64,
    pub(crate) schema_offset: u64,
    pub(crate) schema_bytes: u64,
    pub(crate) control_offset: u64,
    pub(crate) control_bytes: u64,
    pub(crate) body_offset: u64,
    pub(crate) capacity: u64,
    pub(crate) reserved_slots: u32,
    pub(crate) dynamic_slots: u32,
    pub(crate) fingerprint: [u8; 16],
    /// Truncated SHA-256 of this struct with zeros here, and of the names after it.
    pub(crate) checksum: [u8; 16],
}

/// Line 0. Written by the producer every 4 KiB or eighth of the capacity, around a batch, and when it syncs or ends. What is
/// committed after these positions is found by going over the records.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct ProducerLine {
    /// Bytes before `claim - capacity` may be overwritten at any moment. Never goes back.
    pub(crate) claim: AtomicU64,
    /// Where the next record went when this was stored.
    pub(crate) tail: AtomicU64,
    /// Position of the newest record then; equals `tail` while there is none.
    pub(crate) last: AtomicU64,
    /// Sequence number of the next frame, then or when a frame was last dropped.
    pub(crate) next_sequence: AtomicU64,
}

/// Line 1. Written by the producer when it rescans the slots, about once for each time around the ring.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct LimitLine {
    /// The producer may have claimed up to here without looking at the slots again. Never goes back, and is never more than
    /// the capacity after [`ProducerLine::tail`].
    pub(crate) limit: AtomicU64,
}

/// Line 2. Written by the producer when it opens, closes or syncs; its state also by whoever removes the ring. Waiting consumers
/// look at it, so nothing that changes often stands here.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct StateLine {
    /// One of the `STATE_…` values.
    pub(crate) state: AtomicU32,
    /// Times that a producer opened the ring.
    pub(crate) openings: AtomicU32,
    /// Records before this position are on disk.
    pub(crate) synced: AtomicU64,
    /// Sequence number of the first frame at or after `synced`.
    pub(crate) synced_sequence: AtomicU64,
}

/// Line 3, the loss ledger. Written by the producer.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct LedgerLine {
    /// Frames that the producer dropped; each took a sequence number.
    pub(crate) dropped: AtomicU64,
}

/// Lines 4 and 5. Written by both sides; see the `wait` file.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct WaitLine {
    /// 1 while somebody may be asleep.
    pub(crate) flag: AtomicU32,
    /// The futex: grows by one with each wake.
    pub(crate) sequence: AtomicU32,
    /// 1 while a slot's doorbell may be armed; see the `bell` file.
    pub(crate) bells: AtomicU32,
}

impl WaitLine {
    /// A line outside of any ring.
    pub(crate) fn new() -> Self {
        Self { flag: AtomicU32::new(0), sequence: AtomicU32::new(0), bells: AtomicU32::new(0) }
    }
}

/// Line 6. Written by whoever holds the set-up lock.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct BootLine {
    /// The kernel's boot id, as two halves.
    pub(crate) boot_id: [AtomicU64; 2],
}

/// Lines 7 and up. Written by the consumer in the slot, or by whoever holds the slot's lock.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct SlotLine {
    /// The producer must not overwrite this position or any after it. Never goes back.
    pub(crate) position: AtomicU64,
    /// [`SLOT_FREE`], [`SLOT_ACTIVE`] or [`SLOT_JOINING`].
    pub(crate) state: AtomicU32,
    /// Process id of the last consumer here, for people to read. Nothing depends on it.
    pub(crate) process: AtomicU32,
    /// [`BELL_NONE`], [`BELL_SILENT`] or [`BELL_ARMED`]; whoever rings an armed one makes it silent.
    pub(crate) bell: AtomicU32,
}

/// The control region's fixed lines; [`SlotLine`]s follow.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct ControlHead {
    pub(crate) producer: ProducerLine,
    pub(crate) limit: LimitLine,
    pub(crate) state: StateLine,
    pub(crate) ledger: LedgerLine,
    pub(crate) data_wait: WaitLine,
    pub(crate) space_wait: WaitLine,
    pub(crate) boot: BootLine,
}

/// The start of every record.
#[repr(C, align(16))]
#[derive(Debug)]
pub(crate) struct RecordHeader {
    /// The commit word: length and kind, see [`commit_word`].
    pub(crate) word: AtomicU64,
    /// Sequence number of the frame.
    pub(crate) sequence: AtomicU64,
}

#[cfg(not(loom))]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<Preamble>() == 112);
    assert!(size_of::<ControlHead>() == 7 * LINE_BYTES);
    assert!(size_of::<SlotLine>() == LINE_BYTES);
    assert!(size_of::<RecordHeader>() as u64 == HEADER_BYTES);
    assert!(header_bytes(KIND_FRAME) == HEADER_BYTES && header_bytes(KIND_STAMPED) == STAMPED_HEADER_BYTES);
    assert!(offset_of!(ControlHead, limit) == LINE_BYTES && offset_of!(ControlHead, state) == 2 * LINE_BYTES);
    assert!(offset_of!(ControlHead, ledger) == 3 * LINE_BYTES);
    assert!(offset_of!(ControlHead, data_wait) == 4 * LINE_BYTES);
    assert!(offset_of!(ControlHead, space_wait) == 5 * LINE_BYTES);
    assert!(offset_of!(ControlHead, boot) == 6 * LINE_BYTES);
    assert!(offset_of!(ProducerLine, next_sequence) == 24 && offset_of!(StateLine, synced_sequence) == 16);
    assert!(offset_of!(SlotLine, state) == 8 && offset_of!(SlotLine, bell) == 16);
    assert!(offset_of!(WaitLine, sequence) == 4 && offset_of!(WaitLine, bells) == 8);
    assert!(size_of::<Preamble>() + MAX_RESERVED as usize * NAME_BYTES <= REGION_ALIGN as usize);
    // What a topology is checked by, before there is any ring.
    use ipc_schema::topology::RingLimits;
    assert!(MIN_CAPACITY == RingLimits::MIN_CAPACITY && MAX_CAPACITY == RingLimits::MAX_CAPACITY);
    assert!(MAX_RESERVED == RingLimits::MAX_RESERVED && MAX_DYNAMIC == RingLimits::MAX_DYNAMIC_SLOTS);
    assert!(NAME_BYTES == RingLimits::MAX_RESERVED_NAME_BYTES + 1);
    assert!(cfg!(target_endian = "little"), "the wire is little-endian: big-endian targets are not supported");
    assert!(align_of::<u64>() == 8, "64-bit scalars must align to 8 bytes on the target");
};

/// `value` rounded up to a multiple of `align`, a power of two.
pub(crate) const fn round_up(value: u64, align: u64) -> u64 {
    (value + align - 1) & !(align - 1)
}

/// Bytes of the header of a record that holds a frame: 16 for each unit of its kind.
pub(crate) const fn header_bytes(kind: u32) -> u64 {
    kind as u64 * HEADER_BYTES
}

/// Bytes from one record to the next.
pub(crate) const fn stride(len: u32) -> u64 {
    round_up(len as u64, RECORD_ALIGN)
}

/// The commit word of a record of that length, header included, and kind.
pub(crate) const fn commit_word(len: u32, kind: u32) -> u64 {
    (kind as u64) << 32 | len as u64
}

/// Length in a commit word.
pub(crate) const fn len_of(word: u64) -> u32 {
    word as u32
}

/// Kind in a commit word.
pub(crate) const fn kind_of(word: u64) -> u32 {
    (word >> 32) as u32
}
