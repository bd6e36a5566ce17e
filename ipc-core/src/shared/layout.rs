//! The layout of a file of shared state: every offset, size and magic number of it stands here and nowhere else.
//!
//! ```text
//! offset 0        preamble   immutable: sizes, places, fingerprint, boot
//! 64 KiB          schema     immutable: canonical JSON of the class and all that it uses
//! + schema        state      128-byte lines:
//!                              0  lock   lock, turn, process, removed, version, claim
//!                              1  wait   flag, sequence    (who waits for the lock or for a change sleeps here)
//!                              2… copy 0, then copy 1, each from the start of a line on
//! ```
//!
//! The lowest bit of the version says which copy is current. Regions start at multiples of 64 KiB, as those of a ring do.
//!
//! The lock is one word:
//!
//! ```text
//!  31      30       29 … 0
//!  +------+--------+------------------+
//!  | 0    | died   | holder           |   holder 0: free; h: whoever has locked byte LOCK_HANDLES + h of the file
//!  +------+--------+------------------+
//! ```

use crate::ring::layout::{LINE_BYTES, WaitLine};
use crate::ring::sync::{AtomicU32, AtomicU64};

/// The file's first bytes.
pub(crate) const MAGIC: [u8; 8] = *b"IPCSHARE";

/// Version of everything in this file and of the protocol over it.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Values longer than this are not shared; a frame is shorter too.
pub(crate) const MAX_VALUE_BYTES: u64 = 1 << 32;

/// Handles that can have the state open at once.
pub(crate) const MAX_HANDLES: u32 = 1 << 16;

/// In the lock word: number of the holder.
pub(crate) const HOLDER: u32 = (1 << 30) - 1;
/// In the lock word: a holder has died in the middle of a change, and nobody has published since.
pub(crate) const DIED: u32 = 1 << 30;

/// Byte of the file that whoever removes it locks.
pub(crate) const LOCK_SETUP: u64 = 0;
/// Handle `h`, counted from 1, locks the `h`-th byte after this one.
pub(crate) const LOCK_HANDLES: u64 = 16;

/// The immutable head of the file.
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
    pub(crate) state_offset: u64,
    pub(crate) value_bytes: u64,
    /// The kernel's boot id when it was made, as two halves.
    pub(crate) boot_id: [u64; 2],
    pub(crate) fingerprint: [u8; 16],
    /// Truncated SHA-256 of this struct with zeros here.
    pub(crate) checksum: [u8; 16],
}

/// Line 0. Written by whoever has the lock or takes it; `turn` by those who wait for it, `removed` by who removes the state.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct LockLine {
    /// Holder and mark, see above.
    pub(crate) lock: AtomicU32,
    /// 1 while somebody who has waited for long is to have the lock next.
    pub(crate) turn: AtomicU32,
    /// Process id of the last holder, for people to read. Nothing depends on it.
    pub(crate) process: AtomicU32,
    /// 1 when the state was removed; its name stands for another or for none.
    pub(crate) removed: AtomicU32,
    /// How many changes are complete.
    pub(crate) version: AtomicU64,
    /// The version that is being made, or was when its maker died or gave it up; else the same as `version`. Never goes back.
    pub(crate) claim: AtomicU64,
}

/// The state region's lines; the copies follow.
#[repr(C, align(128))]
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) line: LockLine,
    pub(crate) wait: WaitLine,
}

#[cfg(not(loom))]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<Preamble>() == 104);
    assert!(size_of::<Head>() == 2 * LINE_BYTES && offset_of!(Head, wait) == LINE_BYTES);
    assert!(
        offset_of!(LockLine, turn) == 4 && offset_of!(LockLine, process) == 8 && offset_of!(LockLine, removed) == 12
    );
    assert!(offset_of!(LockLine, version) == 16 && offset_of!(LockLine, claim) == 24);
    assert!(MAX_HANDLES < HOLDER && HOLDER & DIED == 0);
};

/// The copy that is current in this version.
pub(crate) const fn current(version: u64) -> usize {
    (version & 1) as usize
}

/// The other one, which the next change is made in.
pub(crate) const fn spare(version: u64) -> usize {
    1 - current(version)
}

/// Byte of the file that this handle locks.
pub(crate) const fn lock_of(handle: u32) -> u64 {
    LOCK_HANDLES + handle as u64
}

/// Bytes from one copy to the next.
pub(crate) const fn stride(value_bytes: u64) -> u64 {
    crate::ring::layout::round_up(value_bytes, LINE_BYTES as u64)
}
