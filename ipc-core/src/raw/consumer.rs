//! [`RawConsumer`]: one of the readers of a ring, by bytes. The typed [`Consumer`](crate::Consumer) is a thin layer over it.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::held::Held;
use super::{Patience, RawFrame, UnboundFrame};
use crate::error::Error;
use crate::linux::doorbell::Doorbell;
use crate::linux::futex;
use crate::ring::layout::{SLOT_ACTIVE, STATE_CLOSED, STATE_REPLACED, SlotLine};
use crate::ring::mapped::{Mapped, MappedBody};
use crate::ring::protocol::{Body, Record};
use crate::ring::reader::{Reader, release};
use crate::ring::stop::{self, Stop};
use crate::ring::sync::Ordering;
use crate::ring::wait::{Sleeper, wake_all, wake_sleepers};
use crate::ring::waiting::{Pace, Wait, spin_briefly, wait_until};

/// One of the readers of a ring. `Send`, and not `Sync`: one thread at a time receives; a
/// [`SharedConsumer`](super::SharedConsumer) is for several.
///
/// # Errors
///
/// As for a [`Consumer`](crate::Consumer), but that no frame is refused.
pub struct RawConsumer {
    slot: Slot,
    cursor: Cursor,
    held: Held,
}

/// A slot that a consumer is attached to. Any thread may use it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) ring: Mapped,
    pub(super) index: usize,
    wait: Wait,
    /// For who waits in an event loop.
    pub(super) bell: OnceLock<Doorbell>,
}

/// Where a consumer reads.
#[derive(Debug)]
pub(crate) struct Cursor {
    reader: Reader,
    pace: Pace,
}

/// What is known of the one who writes a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProducerState {
    /// No producer has opened the ring yet.
    NeverOpened,
    /// A producer has it open.
    Open,
    /// The last producer ended the stream.
    Closed,
    /// The last producer went or died without ending the stream; another may go on.
    Gone,
    /// The ring was removed.
    Replaced,
}

impl RawConsumer {
    pub(crate) fn reserved(ring: Mapped, name: &str, wait: Wait) -> Result<Self, Error> {
        let slot = ring.lock_reserved(name)?;
        let line = &ring.control().slots[slot];
        let reader = match line.state.load(Ordering::Relaxed) {
            SLOT_ACTIVE => Reader::resume(ring.control(), ring.body().capacity(), line),
            // Somebody has detached the slot: it begins anew.
            _ => join(&ring, line),
        };
        let reader = reader.map_err(|what| ring.damaged(format!("the reserved slot {name:?}: {what}")))?;
        Ok(Self::attached(ring, slot, reader, wait))
    }

    pub(crate) fn dynamic(ring: Mapped, wait: Wait) -> Result<Self, Error> {
        let dynamic = ring.reserved()..ring.control().slots.len();
        // Twice: a producer holds a lock for a moment to see whether somebody else does.
        for slot in dynamic.clone().chain(dynamic) {
            if ring.try_lock_slot(slot)? {
                let reader = join(&ring, &ring.control().slots[slot]).map_err(|what| ring.damaged(what))?;
                return Ok(Self::attached(ring, slot, reader, wait));
            }
        }
        let slots = (ring.control().slots.len() - ring.reserved()) as u32;
        Err(Error::NoFreeSlot { ring: Arc::clone(&ring.name), slots })
    }

    fn attached(ring: Mapped, index: usize, reader: Reader, wait: Wait) -> Self {
        ring.populate();
        // That of the slot's last consumer, if that has died.
        ring.remove_bell(index);
        ring.control().slots[index].process.store(std::process::id(), Ordering::Relaxed);
        let cursor = Cursor { reader, pace: Pace::default() };
        let slot = Slot { ring, index, wait, bell: OnceLock::new() };
        Self { slot, cursor, held: Held::new() }
    }

    /// The parts, for an end that keeps each where several threads can use it.
    pub(crate) fn into_parts(self) -> (Slot, Cursor, Held) {
        (self.slot, self.cursor, self.held)
    }

    /// The next frame. [`Error::Closed`] at the end of the stream.
    #[inline(always)]
    pub fn recv(&self, patience: Patience) -> Result<RawFrame<'_>, Error> {
        let (record, number) = self.take(patience)?;
        Ok(RawFrame::new(self, record, Some(number)))
    }

    /// The next frame, held without a borrow for a language that has none: up to [`release`](Self::release) of the number
    /// that comes with it. The bytes may be read so long.
    #[inline(always)]
    pub fn recv_unbound(&self, patience: Patience) -> Result<UnboundFrame, Error> {
        let (record, number) = self.take(patience)?;
        Ok(self.unbound(&record, number))
    }

    /// The same if a frame comes within a few looks; `None` for every reason why there is none, which
    /// [`recv_unbound`](Self::recv_unbound) tells.
    #[inline(always)]
    pub fn recv_unbound_briefly(&self) -> Option<UnboundFrame> {
        let record = self.slot.wait_briefly(&self.cursor)?;
        stop::at(Stop::Received);
        let number = self.hold(record.start, record.end);
        Some(self.unbound(&record, number))
    }

    /// Waits for a frame, then takes what is there, up to `max` frames, and at least one. They have one number, and are released
    /// together. An error after the first frame comes at the next call.
    #[inline]
    pub fn recv_batch_unbound(
        &self,
        max: usize,
        patience: Patience,
        mut each: impl FnMut(UnboundFrame),
    ) -> Result<(), Error> {
        let mut record = self.wait(patience)?;
        let (number, start) = (self.held.next(), record.start);
        each(self.unbound(&record, number));
        for _ in 1..max {
            let Ok(Some(next)) = self.slot.poll(&self.cursor) else { break };
            record = next;
            each(self.unbound(&record, number));
        }
        self.hold(start, record.end);
        Ok(())
    }

    #[inline(always)]
    fn unbound(&self, record: &Record, number: u64) -> UnboundFrame {
        let publish_time_ns = self.publish_time_ns(record);
        UnboundFrame { bytes: self.bytes(record), sequence: record.sequence, publish_time_ns, number }
    }

    /// Gives a frame or batch back that [`recv_unbound`](Self::recv_unbound) or
    /// [`recv_batch_unbound`](Self::recv_batch_unbound) gave; false if no such frame is held.
    ///
    /// # Safety
    ///
    /// Nobody refers to its bytes any more.
    #[inline]
    pub unsafe fn release(&self, number: u64) -> bool {
        self.held.try_let_go(number, &self.slot, || self.position())
    }

    /// Whether a frame is held.
    pub fn holds_frames(&self) -> bool {
        !self.held.is_empty()
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    pub fn skip_to_latest(&self) -> Result<u64, Error> {
        let (start, skipped) = self.slot.skip_to_latest(&self.cursor)?;
        if skipped > 0 {
            let number = self.hold(start, self.position());
            self.let_go(number);
        }
        Ok(skipped)
    }

    /// Frames that the producer dropped since this consumer's first one (from the ring's first on, if it attached then).
    pub fn missed(&self) -> u64 {
        self.cursor.reader.missed()
    }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    pub fn producer_state(&self) -> Result<ProducerState, Error> {
        self.slot.producer_state()
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        self.slot.ring.name.path()
    }

    /// Looks at the next frame's record, which stays the next.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&MappedBody, &Record) -> R) -> Result<Option<R>, Error> {
        self.slot.peek(&self.cursor, look)
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Where to sleep for a frame.
    pub(crate) fn sleeper(&self) -> Sleeper<'_> {
        self.slot.ring.data_sleeper()
    }

    /// The next record, which is held under the number that comes with it.
    #[inline(always)]
    pub(crate) fn take(&self, patience: Patience) -> Result<(Record, u64), Error> {
        let record = self.wait(patience)?;
        stop::at(Stop::Received);
        Ok((record, self.hold(record.start, record.end)))
    }

    /// The next record, for a batch.
    #[inline(always)]
    pub(crate) fn wait(&self, patience: Patience) -> Result<Record, Error> {
        self.slot.wait(&self.cursor, patience)
    }

    /// The next record if it is there, for a batch that may have been inherited over fork.
    #[inline(always)]
    pub(crate) fn poll_alive(&self) -> Result<Option<Record>, Error> {
        self.slot.ring.check_life()?;
        self.slot.poll(&self.cursor)
    }

    /// The bytes of a record that was polled and not yet released.
    #[inline(always)]
    pub(crate) fn bytes(&self, record: &Record) -> &[u8] {
        // SAFETY: invariant 4 of `Mapped`: this consumer's slot is active at or before the record up to let_go(), which the
        // owners of the borrow of `self` (RawFrame and Batch) call when nobody can refer to the bytes any more.
        unsafe { self.slot.bytes(record) }
    }

    /// Publish time of a polled record.
    #[inline]
    pub(crate) fn publish_time_ns(&self, record: &Record) -> Option<u64> {
        self.slot.ring.body().publish_time_ns(record)
    }

    /// Notes a frame that was handed out, or a range of them; gives its number.
    #[inline(always)]
    pub(crate) fn hold(&self, start: u64, end: u64) -> u64 {
        self.held.hold(start, end)
    }

    /// Releases the frame of that number, and with it the prefix of all that are released.
    #[inline(always)]
    pub(crate) fn let_go(&self, number: u64) {
        // Once the only one is released, so is everything that was read.
        self.held.let_go(number, &self.slot, || self.position());
    }

    /// Where the next record stands.
    pub(crate) fn position(&self) -> u64 {
        self.cursor.reader.position()
    }
}

impl Slot {
    /// The next record.
    #[inline(always)]
    pub(crate) fn wait(&self, cursor: &Cursor, patience: Patience) -> Result<Record, Error> {
        self.ring.check_life()?;
        if patience == Patience::None {
            return match self.poll(cursor)? {
                Some(record) => Ok(record),
                None => self.look_closer(cursor),
            };
        }
        if spin_briefly(self.wait, &cursor.pace, &cursor.reader, self.ring.body())
            && let Some(record) = self.poll(cursor)?
        {
            return Ok(record);
        }
        self.wait_longer(cursor, patience)
    }

    /// The next record if it comes within a few looks, and nothing is wrong.
    #[inline(always)]
    fn wait_briefly(&self, cursor: &Cursor) -> Option<Record> {
        self.ring.check_life().ok()?;
        let came = spin_briefly(self.wait, &cursor.pace, &cursor.reader, self.ring.body());
        if came { self.poll(cursor).ok().flatten() } else { None }
    }

    #[cold]
    #[inline(never)]
    fn wait_longer(&self, cursor: &Cursor, patience: Patience) -> Result<Record, Error> {
        let (deadline, limit) = match patience {
            Patience::Until(limit) => (Instant::now().checked_add(limit), limit),
            _ => (None, Duration::MAX),
        };
        let found = wait_until(self.wait, self.ring.data_sleeper(), deadline, |_| self.look(cursor))?;
        found.ok_or_else(|| Error::TimedOut { ring: Arc::clone(&self.ring.name), limit, slowest: None })
    }

    /// Looks at the next record, which stays the next.
    pub(crate) fn peek<R>(
        &self,
        cursor: &Cursor,
        look: impl FnOnce(&MappedBody, &Record) -> R,
    ) -> Result<Option<R>, Error> {
        self.ring.check_life()?;
        let ahead = Cursor { reader: cursor.reader.clone(), pace: Pace::default() };
        Ok(self.look(&ahead)?.map(|record| look(self.ring.body(), &record)))
    }

    /// Waits for the next record, and leaves the cursor before it.
    pub(crate) fn look_ahead(&self, cursor: &Cursor, patience: Patience) -> Result<(), Error> {
        let here = cursor.reader.clone();
        let found = self.wait(cursor, patience);
        cursor.reader.go_to(&here);
        found.map(drop)
    }

    /// The next record if there is one, or the reason why there will be none.
    #[inline(always)]
    pub(super) fn look(&self, cursor: &Cursor) -> Result<Option<Record>, Error> {
        if let Some(record) = self.poll(cursor)? {
            return Ok(Some(record));
        }
        match self.ring.control().head.state.state.load(Ordering::Acquire) {
            // Pairs with the store in RawProducer::end. A frame may have been committed between the poll and the end.
            STATE_CLOSED => match self.poll(cursor)? {
                Some(record) => Ok(Some(record)),
                None => Err(Error::Closed(Arc::clone(&self.ring.name))),
            },
            STATE_REPLACED => Err(Error::Replaced(Arc::clone(&self.ring.name))),
            _ => Ok(None),
        }
    }

    #[inline(always)]
    fn poll(&self, cursor: &Cursor) -> Result<Option<Record>, Error> {
        cursor.reader.poll(self.ring.body()).map_err(|what| self.ring.damaged(what))
    }

    /// Moves the cursor to the newest record that is there; gives where it stood, and the number of frames skipped.
    pub(crate) fn skip_to_latest(&self, cursor: &Cursor) -> Result<(u64, u64), Error> {
        self.ring.check_life()?;
        let start = cursor.reader.position();
        let ahead = cursor.reader.clone();
        let (mut newest, mut count) = (ahead.clone(), 0);
        loop {
            let here = ahead.clone();
            if !self.walk(&ahead, start)? {
                break;
            }
            (newest, count) = (here, count + 1);
        }
        let skipped = u64::saturating_sub(count, 1);
        if skipped > 0 {
            cursor.reader.go_to(&newest);
        }
        Ok((start, skipped))
    }

    /// Goes over a record if one is there. A slot holds the producer back, so that there is no more than a lap after it.
    fn walk(&self, ahead: &Reader, start: u64) -> Result<bool, Error> {
        let found = ahead.poll(self.ring.body()).map_err(|what| self.ring.damaged(what))?;
        if ahead.position() - start > self.ring.body().capacity() {
            return Err(self
                .ring
                .damaged(format!("records go on for more than the capacity after the position {start}")));
        }
        Ok(found.is_some())
    }

    /// Bytes from the slot's position to the end of what is there.
    pub(crate) fn used_bytes(&self, cursor: &Cursor) -> Result<u64, Error> {
        let ahead = cursor.reader.clone();
        while self.walk(&ahead, cursor.reader.position())? {}
        let position = self.ring.control().slots[self.index].position.load(Ordering::Relaxed);
        Ok(ahead.position().saturating_sub(position))
    }

    /// What is known of the producer.
    pub(crate) fn producer_state(&self) -> Result<ProducerState, Error> {
        self.ring.check_life()?;
        ProducerState::of(&self.ring)
    }

    /// The bytes of a record that was polled.
    ///
    /// # Safety
    ///
    /// The slot stands at or before the record during `'a`.
    #[inline(always)]
    pub(crate) unsafe fn bytes<'a>(&self, record: &Record) -> &'a [u8] {
        // SAFETY: invariant 4 of `Mapped`: an active slot at or before the record keeps it from being written.
        unsafe { self.ring.body().bytes(record.start + record.header_bytes, record.frame_bytes as usize) }
    }

    /// Gives everything before `position` back to the producer.
    #[inline(always)]
    pub(crate) fn release(&self, position: u64) {
        if !self.ring.is_inherited() {
            release(&self.ring.control().slots[self.index], position);
            wake_sleepers(&self.ring.control().head.space_wait, self.ring.fence, futex::wake_all);
        }
    }
}

impl Cursor {
    /// Frames that the producer dropped.
    pub(crate) fn missed(&self) -> u64 {
        self.reader.missed()
    }

    /// Where the next record stands.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position()
    }
}

/// Begins at the tail with a slot whose lock the caller holds.
fn join(ring: &Mapped, slot: &SlotLine) -> Result<Reader, String> {
    let reader = Reader::join(ring.control(), ring.body(), slot);
    // The slot's last consumer may have died in it, where a producer waits for it to go on.
    wake_all(&ring.control().head.space_wait, futex::wake_all);
    reader
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A reserved slot keeps its position for its successor. The lock goes with the file that holds it.
        if self.ring.is_inherited() {
            return;
        }
        self.ring.remove_bell(self.index);
        if self.index >= self.ring.reserved() {
            self.ring.free(self.index);
        }
    }
}

impl fmt::Debug for RawConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RawConsumer");
        text.field("ring", &self.slot.ring.name).field("slot", &self.slot.index).finish_non_exhaustive()
    }
}
