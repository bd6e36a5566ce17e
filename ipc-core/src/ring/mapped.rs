//! A ring file mapped into this process: the one place that turns its bytes into references.

use std::io;
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use memmap2::{Advice, MmapOptions, MmapRaw};

use super::fence::Fence;
use super::layout::{
    ControlHead, HEADER_BYTES, LOCK_SLOTS, Preamble, RECORD_ALIGN, RecordHeader, SLOT_FREE, SLOT_JOINING,
    STAMPED_HEADER_BYTES, SlotLine,
};
use super::place::RingFiles;
use super::preamble::Plan;
use super::protocol::{Body, Control, Record};
use super::stop::{self, Stop};
use super::sync::{AtomicU64, Ordering};
use super::wait::{Sleeper, wake_all};
use crate::error::{Error, RingName};
use crate::linux::fork::Life;
use crate::linux::futex;
use crate::linux::locks::Locks;

/// Bytes that an observer copies at once.
const WORD_BYTES: usize = size_of::<AtomicU64>();

/// Whether this handle may write the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyAccess {
    /// Consumers and observers: a stray write is a fault of this process, not damage to the ring.
    Read,
    /// The producer.
    Write,
}

/// An open ring.
///
/// # Invariants
///
/// 1. `control` maps at least a `ControlHead` and `slots` slot lines of the ring's head, readable and writable, page-aligned,
///    until this value is dropped.
/// 2. `body` maps `capacity` bytes of the file that the body lies in, a power of two, page-aligned, until this value is
///    dropped. It is writable if and only if `BodyAccess::Write` was asked for.
/// 3. Bytes of control, and the header of every record, are accessed by atomics only, in every process.
/// 4. The bytes of a frame are written between claim and commit, by the one holder of the producer's lock; between its
///    commit and its release by every active slot, nobody writes them. (The producer keeps this by rule 3 of the
///    protocol; a process of the same user that breaks it on purpose is outside of what the default mode protects from,
///    see ARCHITECTURE.md, section "Trust".)
/// 5. An access to either mapping never faults in an isolated ring: the seals of its files, which were checked before their
///    lengths, hold these. In a ring that is a file, SIGBUS ends this process if a peer has truncated it.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) name: Arc<RingName>,
    pub(crate) fence: Fence,
    pub(crate) locks: Locks,
    control: MmapRaw,
    slots: usize,
    reserved: usize,
    body: MappedBody,
    pub(crate) life: Life,
    pub(crate) files: RingFiles,
}

/// The mapped body, as the protocol sees it.
#[derive(Debug)]
pub(crate) struct MappedBody {
    map: MmapRaw,
    capacity: u64,
    /// Makes a position an offset that is a multiple of [`RECORD_ALIGN`].
    pub(crate) mask: u64,
}

impl Body for MappedBody {
    #[inline(always)]
    fn capacity(&self) -> u64 {
        self.capacity
    }

    #[inline(always)]
    fn header(&self, position: u64) -> &RecordHeader {
        debug_assert!(position.is_multiple_of(RECORD_ALIGN));
        // SAFETY: invariants 2 and 3. The offset is a multiple of 16 below a capacity that is one too, so the header's
        // 16 bytes lie in the body.
        unsafe { &*self.at(position).cast::<RecordHeader>().as_ptr() }
    }
}

impl MappedBody {
    /// The address of a position, which is a multiple of [`RECORD_ALIGN`].
    #[inline(always)]
    pub(crate) fn at(&self, position: u64) -> NonNull<u8> {
        let offset = (position & self.mask) as usize;
        // SAFETY: invariant 2: the offset is below the mapping's length.
        let address = unsafe { self.map.as_mut_ptr().add(offset) };
        // SAFETY: no mapping begins at the null page.
        unsafe { NonNull::new_unchecked(address) }
    }

    /// The bytes from `position` on, which do not wrap around the end.
    ///
    /// # Safety
    ///
    /// Nobody writes them during `'a`: they are part of a committed record that an active slot of the caller holds, or of a
    /// claim of the caller's own (invariant 4).
    #[inline(always)]
    pub(crate) unsafe fn bytes<'a>(&self, position: u64, len: usize) -> &'a [u8] {
        self.assert_inside(position, len);
        // SAFETY: inside the mapping by the check above; nobody writes them by what the caller promises.
        unsafe { slice::from_raw_parts(self.at(position).as_ptr(), len) }
    }

    /// The same bytes, to write.
    ///
    /// # Safety
    ///
    /// The caller holds the producer's lock on a mapping with `BodyAccess::Write`, the bytes are part of a claimed and
    /// not yet committed record, and no other reference to them lives during `'a` (invariant 4).
    #[inline(always)]
    pub(crate) unsafe fn bytes_mut<'a>(&self, position: u64, len: usize) -> &'a mut [u8] {
        self.assert_inside(position, len);
        // SAFETY: inside the mapping by the check above; exclusive by what the caller promises.
        unsafe { slice::from_raw_parts_mut(self.at(position).as_ptr(), len) }
    }

    /// Copies a frame word by word while the producer may overwrite it.
    pub(crate) fn copy_relaxed(&self, position: u64, copy: &mut [u8]) {
        for (word, copy) in self.words(position, copy.len()).iter().zip(copy.chunks_mut(WORD_BYTES)) {
            copy.copy_from_slice(&word.load(Ordering::Relaxed).to_le_bytes()[..copy.len()]);
        }
    }

    /// The publish time of a record, if it has one.
    pub(crate) fn publish_time_ns(&self, record: &Record) -> Option<u64> {
        let stamped = record.header_bytes == STAMPED_HEADER_BYTES;
        stamped.then(|| self.words(record.start + HEADER_BYTES, WORD_BYTES)[0].load(Ordering::Relaxed))
    }

    /// Eight bytes of a record's frame, from a multiple of eight that lies in it on.
    pub(crate) fn frame_word(&self, record: &Record, at: usize) -> u64 {
        // From the frame's beginning, since a position is a multiple of 16.
        let words = self.words(record.start + record.header_bytes, at + WORD_BYTES);
        words[at / WORD_BYTES].load(Ordering::Relaxed)
    }

    /// The bytes from `position` on as whole words.
    fn words(&self, position: u64, len: usize) -> &[AtomicU64] {
        let words = len.div_ceil(WORD_BYTES);
        self.assert_inside(position, words * WORD_BYTES);
        // SAFETY: inside the mapping by the check above, aligned since records are. Loads of them may race with the
        // producer's plain stores, which is why a copy is used only after `still_there`. The language has no name for
        // such a load; on every target of this library a relaxed load of an aligned word is what the hardware needs.
        unsafe { slice::from_raw_parts(self.at(position).as_ptr().cast(), words) }
    }

    #[inline(always)]
    fn assert_inside(&self, position: u64, len: usize) {
        let offset = position & self.mask;
        assert!(offset + len as u64 <= self.capacity, "the protocol keeps records inside the body");
    }
}

impl Mapped {
    /// Maps files whose preamble was checked, and their lengths by it.
    pub(crate) fn new(
        files: RingFiles,
        name: Arc<RingName>,
        plan: &Plan,
        preamble: &Preamble,
        access: BodyAccess,
    ) -> io::Result<Self> {
        let map = |offset: u64, bytes: u64| {
            let mut options = MmapOptions::new();
            options.offset(offset).len(usize::try_from(bytes).map_err(io::Error::other)?);
            Ok::<_, io::Error>(options)
        };
        let control = map(preamble.control_offset, preamble.control_bytes)?.map_raw(&files.head)?;
        let body = map(preamble.body_offset, preamble.capacity)?;
        let body = match access {
            BodyAccess::Read => body.map_raw_read_only(files.body())?,
            BodyAccess::Write => body.map_raw(files.body())?,
        };
        Ok(Self {
            name,
            fence: plan.fence,
            locks: Locks::new(&files.head)?,
            control,
            slots: plan.slot_count(),
            reserved: plan.reserved.len(),
            body: MappedBody { map: body, capacity: plan.capacity, mask: plan.capacity - RECORD_ALIGN },
            life: Life::current()?,
            files,
        })
    }

    /// Maps every page now, so that no frame waits for a page fault the first time around the ring.
    pub(crate) fn populate(&self) {
        // Kernels before 5.14 cannot, and take the faults one by one.
        let _ = self.control.advise(Advice::PopulateRead);
        let _ = self.body.map.advise(Advice::PopulateRead);
    }

    /// The shared lines.
    #[inline(always)]
    pub(crate) fn control(&self) -> Control<'_> {
        let head = self.control.as_ptr();
        // SAFETY: invariant 1: the slot lines follow the head inside the mapping.
        let slots = unsafe { head.add(size_of::<ControlHead>()) };
        // SAFETY: invariants 1 and 3; any bytes are valid atomics.
        let head = unsafe { &*head.cast::<ControlHead>() };
        // SAFETY: invariants 1 and 3; any bytes are valid atomics.
        let slots = unsafe { slice::from_raw_parts(slots.cast::<SlotLine>(), self.slots) };
        Control { head, slots }
    }

    #[inline(always)]
    pub(crate) fn body(&self) -> &MappedBody {
        &self.body
    }

    /// Where to sleep for a frame.
    pub(crate) fn data_sleeper(&self) -> Sleeper<'_> {
        Sleeper::new(&self.control().head.data_wait, self.fence)
    }

    /// Where to sleep for space.
    pub(crate) fn space_sleeper(&self) -> Sleeper<'_> {
        Sleeper::new(&self.control().head.space_wait, self.fence)
    }

    /// Slots that have a name, the first ones.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved
    }

    /// Refuses a handle that was inherited over fork.
    #[inline(always)]
    pub(crate) fn check_life(&self) -> Result<(), Error> {
        if self.is_inherited() { Err(Error::Forked(Arc::clone(&self.name))) } else { Ok(()) }
    }

    /// Whether this is a forked child's copy of its parent's handle.
    #[inline(always)]
    pub(crate) fn is_inherited(&self) -> bool {
        !self.life.is_current()
    }

    /// The error for something that no correct peer writes.
    #[cold]
    pub(crate) fn damaged(&self, what: String) -> Error {
        Error::Damaged { ring: Arc::clone(&self.name), what: what.into() }
    }

    /// The error for a refused system call on the ring's file.
    #[cold]
    pub(crate) fn os(&self, doing: &'static str, source: io::Error) -> Error {
        Error::os(&self.name.path, doing, source)
    }

    /// Writes the records before `tail` to disk, notes that they are there, and writes that too (rule 11).
    pub(crate) fn sync(&self, tail: u64, next_sequence: u64) -> Result<(), Error> {
        self.body.map.flush().map_err(|error| self.os("write frames to disk", error))?;
        stop::at(Stop::BodySynced);
        let line = &self.control().head.state;
        line.synced_sequence.store(next_sequence, Ordering::Relaxed);
        line.synced.store(tail, Ordering::Release);
        stop::at(Stop::SyncedStored);
        self.control.flush().map_err(|error| self.os("write the control region to disk", error))
    }

    /// Takes the lock of a slot; false if a consumer holds it.
    pub(crate) fn try_lock_slot(&self, slot: usize) -> Result<bool, Error> {
        self.locks.try_lock(LOCK_SLOTS + slot as u64).map_err(|error| self.os("lock a slot", error))
    }

    /// Takes the lock of a reserved slot, and gives the slot.
    pub(crate) fn lock_reserved(&self, name: &str) -> Result<usize, Error> {
        let ring = Arc::clone(&self.name);
        let Some(slot) = ring.reserved.iter().position(|reserved| reserved == name) else {
            return Err(Error::NoSuchSlot { slot: name.into(), known: ring.reserved.clone(), ring });
        };
        if self.try_lock_slot(slot)? {
            return Ok(slot);
        }
        // A producer may have held the lock for a moment, to see whether somebody else does.
        std::thread::yield_now();
        if self.try_lock_slot(slot)? {
            return Ok(slot);
        }
        let process = self.control().slots[slot].process.load(Ordering::Relaxed);
        Err(Error::SlotTaken { ring, slot: name.into(), process })
    }

    /// Frees a reserved slot that nobody is attached to.
    pub(crate) fn detach(&self, reserved: &str) -> Result<(), Error> {
        self.lock_reserved(reserved).map(|slot| self.free(slot))
    }

    /// Frees a slot whose consumer has died (rule 9); true if it did. The lock shows that it has. Not a reserved slot, which
    /// waits for its successor, unless its consumer died before it was one.
    pub(crate) fn reap(&self, slot: usize) -> Result<bool, Error> {
        let dead = || match self.control().slots[slot].state.load(Ordering::Relaxed) {
            SLOT_FREE => false,
            SLOT_JOINING => true,
            _ => slot >= self.reserved,
        };
        if !dead() || !self.try_lock_slot(slot)? {
            return Ok(false);
        }
        // Again under the lock: its consumer may have gone, or have come to stay, in between.
        let dead = dead();
        if dead {
            self.free(slot);
        }
        self.locks.unlock(LOCK_SLOTS + slot as u64).map_err(|error| self.os("unlock a slot", error))?;
        Ok(dead)
    }

    /// Frees a slot whose lock the caller holds, and wakes a producer that waits for it.
    pub(crate) fn free(&self, slot: usize) {
        // Pairs with the acquire load in Writer::slowest.
        self.remove_bell(slot);
        self.control().slots[slot].state.store(SLOT_FREE, Ordering::Release);
        wake_all(&self.control().head.space_wait, futex::wake_all);
    }
}
