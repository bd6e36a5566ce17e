//! The limit of a stream: a single-producer, single-consumer ring of slots, bare in shared memory. Each side keeps a copy of
//! the other's count and loads it again only when the copy says that the ring is full, or empty.

use std::fs::File;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{Advice, MmapOptions, MmapRaw};

use crate::Outcome;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;
use crate::payload::{self, WORD_BYTES};
use crate::task::Task;

/// Such a ring, with slots of this shape.
pub(crate) struct Spsc<S>(PhantomData<S>);

/// How large slots are.
pub(crate) trait Shape: Copy {
    fn of(task: &Task) -> Self;
    /// Words of a payload.
    fn words(self) -> usize;
    /// Words from one slot to the next.
    fn stride(self) -> usize;
}

/// Slots whose size the compiler knows.
#[derive(Clone, Copy)]
pub(crate) struct Slots<const WORDS: usize, const STRIDE: usize>;

/// Slots of any size, as large as the payload.
#[derive(Clone, Copy)]
pub(crate) struct AnySlots {
    words: usize,
}

impl<const WORDS: usize, const STRIDE: usize> Shape for Slots<WORDS, STRIDE> {
    fn of(_: &Task) -> Self {
        Self
    }

    #[inline(always)]
    fn words(self) -> usize {
        WORDS
    }

    #[inline(always)]
    fn stride(self) -> usize {
        STRIDE
    }
}

impl Shape for AnySlots {
    fn of(task: &Task) -> Self {
        Self { words: task.words() }
    }

    #[inline(always)]
    fn words(self) -> usize {
        self.words
    }

    #[inline(always)]
    fn stride(self) -> usize {
        self.words
    }
}

/// The counts at the head of the file; the slots follow.
#[repr(C)]
struct Head {
    sent: Count,
    received: Count,
}

/// A line of its own, since processors fetch lines in pairs.
#[repr(C, align(128))]
struct Count(AtomicU64);

/// One end of the ring.
///
/// # Invariants
///
/// 1. `map` maps a [`Head`] and `slots` slots of shape `shape` after it, page-aligned, readable and writable.
/// 2. The head is accessed by atomics only. `sent` is stored by the sender alone, `received` by the receiver alone, and
///    received ≤ sent ≤ received + slots.
/// 3. The sender alone accesses slots from `sent` up to received + slots, the receiver alone those from `received` up to
///    `sent`; each side gives slots to the other by a release store of its count, which the other loads with acquire.
/// 4. `count` is this side's own count, `place` is `count` modulo `slots`, and `seen` a value of the other's count.
pub(crate) struct Ring<S> {
    map: MmapRaw,
    shape: S,
    slots: usize,
    count: u64,
    place: usize,
    seen: u64,
}

/// The sending end.
pub(crate) struct Tx<S>(Ring<S>);
/// The receiving end.
pub(crate) struct Rx<S>(Ring<S>);

impl<S: Shape> Link for Spsc<S> {
    type Sender = Tx<S>;
    type Receiver = Rx<S>;

    fn sender(end: &End<'_>) -> Outcome<Tx<S>> {
        let bytes = Ring::<S>::file_bytes(S::of(end.task), end.task.depth);
        File::create_new(end.directory.join(end.name))?.set_len(bytes as u64)?;
        end.meeting.meet();
        Ok(Tx(Ring::open(end)?))
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<S>> {
        end.meeting.meet();
        Ok(Rx(Ring::open(end)?))
    }
}

impl<S: Shape> Ring<S> {
    fn file_bytes(shape: S, slots: usize) -> usize {
        size_of::<Head>() + slots * shape.stride() * WORD_BYTES
    }

    fn open(end: &End<'_>) -> Outcome<Self> {
        let (shape, slots) = (S::of(end.task), end.task.depth);
        let file = File::options().read(true).write(true).open(end.directory.join(end.name))?;
        let map = MmapOptions::new().len(Self::file_bytes(shape, slots)).map_raw(&file)?;
        // As our ring does, so that no payload waits for a page fault. Kernels before 5.14 cannot.
        let _ = map.advise(Advice::PopulateWrite);
        Ok(Self { map, shape, slots, count: 0, place: 0, seen: 0 })
    }

    #[inline(always)]
    fn head(&self) -> &Head {
        // SAFETY: invariants 1 and 2; any bytes are valid atomics.
        unsafe { &*self.map.as_ptr().cast() }
    }

    /// The address of the slot at `place`.
    #[inline(always)]
    fn slot(&self) -> *mut u64 {
        let offset = size_of::<Head>() + self.place * self.shape.stride() * WORD_BYTES;
        // SAFETY: invariants 1 and 4: the place is one of a slot, after the head.
        unsafe { self.map.as_mut_ptr().add(offset).cast() }
    }

    #[inline(always)]
    fn advance(&mut self) {
        self.count += 1;
        self.place += 1;
        if self.place == self.slots {
            self.place = 0;
        }
    }
}

impl<S: Shape> Tx<S> {
    /// Writes the next slot, without giving it to the receiver.
    #[inline(always)]
    fn put(&mut self, number: u64) {
        let Self(ring) = self;
        while ring.count - ring.seen == ring.slots as u64 {
            // Pairs with the store in Rx::release().
            ring.seen = ring.head().received.0.load(Ordering::Acquire);
            if ring.count - ring.seen == ring.slots as u64 {
                pause();
            }
        }
        // SAFETY: invariant 3: there is room, so the slot is the sender's until commit().
        let words = unsafe { std::slice::from_raw_parts_mut(ring.slot(), ring.shape.words()) };
        payload::write(words, number);
        ring.advance();
    }

    /// Gives all that was written to the receiver.
    #[inline(always)]
    fn commit(&mut self) {
        // Pairs with the load in Rx::wait().
        self.0.head().sent.0.store(self.0.count, Ordering::Release);
    }
}

impl<S: Shape> Sender for Tx<S> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        self.put(number);
        self.commit();
        Ok(())
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        for number in first..first + count as u64 {
            self.put(number);
        }
        self.commit();
        Ok(())
    }
}

impl<S: Shape> Rx<S> {
    /// Waits for a slot; gives how many there are.
    #[inline(always)]
    fn wait(&mut self) -> usize {
        let Self(ring) = self;
        while ring.seen == ring.count {
            // Pairs with the store in Tx::commit().
            ring.seen = ring.head().sent.0.load(Ordering::Acquire);
            if ring.seen == ring.count {
                pause();
            }
        }
        (ring.seen - ring.count) as usize
    }

    /// Reads the next slot, which is there, without giving it back.
    #[inline(always)]
    fn take(&mut self) -> Outcome<u64> {
        let Self(ring) = self;
        // SAFETY: invariant 3: the caller has waited for it, so the slot is the receiver's until release().
        let words = unsafe { std::slice::from_raw_parts(ring.slot(), ring.shape.words()) };
        let number = payload::read(words)?;
        ring.advance();
        Ok(number)
    }

    /// Gives all that was read back to the sender.
    #[inline(always)]
    fn release(&mut self) {
        // Pairs with the load in Tx::put().
        self.0.head().received.0.store(self.0.count, Ordering::Release);
    }
}

impl<S: Shape> Receiver for Rx<S> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        self.wait();
        let number = self.take()?;
        self.release();
        Ok(number)
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let count = self.wait().min(most);
        for number in first..first + count as u64 {
            payload::expect(number, self.take()?)?;
        }
        self.release();
        Ok(count)
    }
}
