//! A file of shared state mapped into this process: the one place that turns its bytes into references.

use std::fs::File;
use std::io;
use std::slice;
use std::sync::Arc;

use memmap2::{MmapOptions, MmapRaw};

use super::layout::{Head, Preamble, stride};
use super::preamble::Plan;
use crate::error::{Error, RingName};
use crate::linux::fork::Life;
use crate::linux::locks::Locks;
use crate::ring::fence::Fence;
use crate::ring::layout::LINE_BYTES;
use crate::ring::sync::{AtomicU64, Ordering};

/// Bytes that a reader copies at once.
const WORD_BYTES: usize = size_of::<AtomicU64>();

/// Copies of at most so many bytes are made by words of 16, the last ones first: a call of `memcpy` loads by 64 at once, and
/// waits for stores just before that are narrower (1.5 ns a change, of 9).
const SHORT_BYTES: usize = 1024;

/// What a copy consists of.
type Line = [u128; LINE_BYTES / size_of::<u128>()];

/// Open shared state.
///
/// # Invariants
///
/// 1. `map` maps a `Head` and behind it two copies of `stride` bytes each, of which the value has `value_bytes`; it is page-aligned
///    and stays until this value is dropped. A stride is a multiple of a line, so copies are 128-aligned and whole words.
/// 2. The head is accessed by atomics only, in every process.
/// 3. Copy `spare(version)` is written by the holder of the lock alone, between its claim and its flip; copy `current(version)` by
///    nobody while the holder has the lock. Whoever has not the lock loads copies as atomics, and uses what it loaded only
///    after `snapshot` says that it is whole. (A process of the same user that breaks this on purpose is outside of what is
///    protected from, see ARCHITECTURE.md, section "Trust".)
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) name: Arc<RingName>,
    pub(super) fence: Fence,
    pub(super) locks: Locks,
    pub(super) file: File,
    map: MmapRaw,
    value_bytes: usize,
    stride: usize,
    life: Life,
}

impl Mapped {
    /// Maps a file whose preamble was checked, and its length by it.
    pub(super) fn new(file: File, name: Arc<RingName>, plan: &Plan, preamble: &Preamble) -> io::Result<Self> {
        let bytes = |bytes: u64| usize::try_from(bytes).map_err(io::Error::other);
        let map = MmapOptions::new().offset(preamble.state_offset).len(bytes(plan.state_bytes())?).map_raw(&file)?;
        Ok(Self {
            name,
            fence: plan.fence,
            locks: Locks::new(&file)?,
            file,
            map,
            value_bytes: bytes(plan.value_bytes)?,
            stride: bytes(stride(plan.value_bytes))?,
            life: Life::current()?,
        })
    }

    /// The shared lines.
    #[inline(always)]
    pub(super) fn head(&self) -> &Head {
        // SAFETY: invariants 1 and 2; any bytes are valid atomics.
        unsafe { &*self.map.as_ptr().cast::<Head>() }
    }

    pub(super) fn value_bytes(&self) -> usize {
        self.value_bytes
    }

    /// Copies a value word by word while a holder may write over it.
    #[inline]
    pub(super) fn copy_relaxed(&self, copy: usize, into: &mut [u8]) {
        assert!(into.len() <= self.stride, "a value fits its copy");
        let words = into.len().div_ceil(WORD_BYTES);
        // SAFETY: invariant 1: whole words inside of the mapping, aligned. Loads of them may race with a holder's plain stores,
        // which invariant 3 has the caller ask about afterwards. The language has no name for such a load; on every target of
        // this library a relaxed load of an aligned word is what the hardware needs.
        let words = unsafe { slice::from_raw_parts(self.copy(copy).cast::<AtomicU64>(), words) };
        // Whole words by themselves: a length that varies would make each a call.
        let (whole, rest) = into.as_chunks_mut::<WORD_BYTES>();
        for (word, into) in words.iter().zip(&mut *whole) {
            *into = word.load(Ordering::Relaxed).to_le_bytes();
        }
        if let Some(word) = words.get(whole.len()) {
            rest.copy_from_slice(&word.load(Ordering::Relaxed).to_le_bytes()[..rest.len()]);
        }
    }

    /// Makes one copy equal to the other.
    ///
    /// # Safety
    ///
    /// The caller has the lock and has claimed `to`, the spare copy; no reference to it lives (invariant 3).
    #[inline(always)]
    pub(super) unsafe fn renew(&self, from: usize, to: usize) {
        let (from, to) = (self.copy(from), self.copy(to));
        if self.stride > SHORT_BYTES {
            // SAFETY: both lie in the mapping by invariant 1, and are not the same. The caller alone may write the one, and
            // nobody writes the other, by invariant 3.
            return unsafe { to.copy_from_nonoverlapping(from, self.value_bytes) };
        }
        let lines = self.stride / LINE_BYTES;
        // SAFETY: as above; copies are whole lines, and aligned, by invariant 1.
        let from: &[Line] = unsafe { slice::from_raw_parts(from.cast(), lines) };
        // SAFETY: as for `from`.
        let to: &mut [Line] = unsafe { slice::from_raw_parts_mut(to.cast(), lines) };
        for (to, from) in to.iter_mut().zip(from) {
            for word in (0..from.len()).rev() {
                to[word] = from[word];
            }
        }
    }

    /// The bytes of a copy, to write.
    ///
    /// # Safety
    ///
    /// The caller has the lock and has claimed the copy; no other reference to it lives during `'a` (invariant 3).
    #[inline(always)]
    pub(super) unsafe fn bytes_mut<'a>(&self, copy: usize) -> &'a mut [u8] {
        // SAFETY: inside the mapping by invariant 1; exclusive by what the caller promises.
        unsafe { slice::from_raw_parts_mut(self.copy(copy), self.value_bytes) }
    }

    /// The same bytes, to read.
    ///
    /// # Safety
    ///
    /// The caller has the lock and has claimed the copy, or there is nobody else (invariant 3).
    #[inline(always)]
    pub(super) unsafe fn bytes<'a>(&self, copy: usize) -> &'a [u8] {
        // SAFETY: as for bytes_mut().
        unsafe { slice::from_raw_parts(self.copy(copy), self.value_bytes) }
    }

    /// Where a copy begins.
    #[inline(always)]
    fn copy(&self, index: usize) -> *mut u8 {
        debug_assert!(index < 2);
        // SAFETY: invariant 1.
        unsafe { self.map.as_mut_ptr().add(size_of::<Head>() + (index & 1) * self.stride) }
    }

    /// Refuses a handle that was inherited over fork, and one whose state was removed.
    #[inline(always)]
    pub(super) fn check(&self) -> Result<(), Error> {
        if !self.life.is_current() {
            return Err(Error::Forked(Arc::clone(&self.name)));
        }
        // Pairs with the store in open::unlink().
        match self.head().line.removed.load(Ordering::Acquire) {
            0 => Ok(()),
            _ => Err(Error::Replaced(Arc::clone(&self.name))),
        }
    }

    /// Whether this is a forked child's copy of its parent's handle.
    pub(super) fn is_inherited(&self) -> bool {
        !self.life.is_current()
    }

    /// The error for something that no correct peer writes.
    #[cold]
    pub(super) fn damaged(&self, what: String) -> Error {
        Error::Damaged { ring: Arc::clone(&self.name), what: what.into() }
    }

    /// The error for a refused system call on the file.
    #[cold]
    pub(super) fn os(&self, doing: &'static str, source: io::Error) -> Error {
        Error::os(&self.name.path, doing, source)
    }
}
