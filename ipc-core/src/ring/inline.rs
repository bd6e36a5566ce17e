//! What a program in C or C++ needs to begin and commit frames itself, while there is room at hand.
//!
//! A call costs such a program more than its instructions: its return address, and what it saves on the stack, are stores in
//! between those to the ring, and a store to another cache line than the one before is what a small frame's cost is made of.
//! So `bindings/c/include/ipc_inline.h` does there what [`Writer::claim`](super::writer::Writer::claim) and
//! [`commit`](super::writer::Writer::commit) do here, on the same [`Line`], and calls the library for all else. A change of
//! these functions is one of that file, and a change of the structs is a new `IPC_ABI_VERSION`.

#![cfg_attr(loom, expect(unreachable_pub, reason = "what shows them is not there in models"))]

use super::layout::{HEADER_BYTES, KIND_FRAME, RECORD_ALIGN, RecordHeader, commit_word};

/// What changes with each frame, in one cache line.
#[derive(Debug)]
#[repr(C)]
pub struct Line {
    /// Where the next record goes.
    pub tail: u64,
    /// Position of the newest record.
    pub last: u64,
    /// Sequence number of the next frame.
    pub next_sequence: u64,
    /// The word at this position was zeroed, and no frame was begun since that could reach over it; or no position.
    pub zeroed: u64,
    /// A record that ends up to here can be claimed without a look at anything: it lies in this lap, is none too long, and a
    /// header fits after it within the limit and the claim that were stored.
    pub room: u64,
    /// Where the batch began that is being written, at the committed end of the ring; or no position.
    pub batch: u64,
    /// The claim that its owner has left here, because no value of theirs can hold it: where it stands.
    pub left: u64,
    /// Its commit word, or 0 for none.
    pub left_word: u64,
}

/// No position.
pub(crate) const NOWHERE: u64 = u64::MAX;

/// What does not change while a producer is open. Good as long as it.
#[derive(Debug)]
#[repr(C)]
pub struct Inline {
    /// The ring's body.
    pub body: *mut u8,
    /// Makes a position an offset in it.
    pub mask: u64,
    /// Not 0 while a consumer may sleep: then the library wakes it.
    pub sleepers: *const u32,
    /// Holds `life_number`, but in a forked child.
    pub life: *const u32,
    /// Number of the process that has opened the producer.
    pub life_number: u32,
    /// How short a frame can be.
    pub least_bytes: u32,
    /// How long; 0 if the library has more to do for each: a fence, zeros, the publish time.
    pub most_bytes: u32,
    /// Zeros, up to a cache line.
    pub spare: [u32; 5],
}

/// What stands before a frame.
#[derive(Debug)]
#[repr(C)]
pub struct Record {
    /// The commit word.
    pub word: u64,
    /// The frame's number.
    pub sequence: u64,
}

const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<Inline>() == 64 && size_of::<Line>() == 64);
    assert!(offset_of!(Record, word) == offset_of!(RecordHeader, word));
    assert!(offset_of!(Record, sequence) == offset_of!(RecordHeader, sequence));
    // What ipc_inline.h counts with: a record's length rounded up to that of its header, and the kind as the upper half's 1.
    assert!(size_of::<Record>() as u64 == HEADER_BYTES && HEADER_BYTES == RECORD_ALIGN);
    assert!(commit_word(HEADER_BYTES as u32, KIND_FRAME) == 1 << 32 | size_of::<Record>() as u64);
};
