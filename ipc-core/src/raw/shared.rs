//! [`SharedConsumer`]: a consumer whose frames keep it alive, for languages without borrows.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::consumer::{Cursor, Slot};
use super::held::Held;
use super::{Patience, ProducerState, RawConsumer};
use crate::error::Error;
use crate::ring::mapped::MappedBody;
use crate::ring::protocol::{Body, Record};
use crate::ring::wait::Sleeper;

/// A consumer that several threads hold: one receives while others release.
///
/// It and its frames count each other: the ring stays mapped, and the slot attached, until the last of them is dropped.
/// That costs two locks a frame, which nobody else holds but for moments; a [`RawConsumer`] has neither.
#[derive(Clone)]
pub struct SharedConsumer(Arc<Shared>);

struct Shared {
    slot: Slot,
    /// Locked while one thread waits for a frame.
    cursor: Mutex<Cursor>,
    held: Mutex<Held>,
    /// As of the last frame that was received, for who asks while another waits.
    missed: AtomicU64,
}

impl From<RawConsumer> for SharedConsumer {
    /// Frames that the consumer holds by number are never released.
    fn from(consumer: RawConsumer) -> Self {
        let (slot, cursor, held) = consumer.into_parts();
        let missed = AtomicU64::new(cursor.missed());
        Self(Arc::new(Shared { slot, cursor: Mutex::new(cursor), held: Mutex::new(held), missed }))
    }
}

impl SharedConsumer {
    /// The next frame. While another thread is in this function, this one waits for it first.
    pub fn recv(&self, patience: Patience) -> Result<SharedFrame, Error> {
        let shared = &self.0;
        let cursor = shared.lock_cursor()?;
        let record = shared.slot.wait(&cursor, patience)?;
        shared.missed.store(cursor.missed(), Ordering::Relaxed);
        // Still under the cursor's lock, so that frames are numbered in their order.
        let number = shared.held.lock().hold(record.start, record.end);
        Ok(SharedFrame { shared: Arc::clone(shared), record, number })
    }

    /// Waits until [`recv`](Self::recv) gives a frame, or an error that is no lack of one, and takes nothing: for who waits on
    /// behalf of another. While another thread is in [`recv`](Self::recv), this one waits for it first.
    pub fn wait(&self, patience: Patience) -> Result<(), Error> {
        let cursor = self.0.lock_cursor()?;
        self.0.slot.look_ahead(&cursor, patience)
    }

    /// See [`RawConsumer::skip_to_latest`]. While another thread is in [`recv`](Self::recv), this one waits for it first.
    pub fn skip_to_latest(&self) -> Result<u64, Error> {
        let shared = &self.0;
        let cursor = shared.lock_cursor()?;
        let (start, skipped) = shared.slot.skip_to_latest(&cursor)?;
        shared.missed.store(cursor.missed(), Ordering::Relaxed);
        if skipped > 0 {
            let number = shared.held.lock().hold(start, cursor.position());
            shared.let_go(number, cursor.position());
        }
        Ok(skipped)
    }

    /// The slot, and the cursor's lock.
    pub(super) fn slot_and_cursor(&self) -> Result<(&Slot, MutexGuard<'_, Cursor>), Error> {
        Ok((&self.0.slot, self.0.lock_cursor()?))
    }

    /// See [`RawConsumer::peek`].
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&MappedBody, &Record) -> R) -> Result<Option<R>, Error> {
        let cursor = self.0.lock_cursor()?;
        self.0.slot.peek(&cursor, look)
    }

    /// See [`RawConsumer::sleeper`].
    pub(crate) fn sleeper(&self) -> Sleeper<'_> {
        self.0.slot.ring.data_sleeper()
    }

    /// See [`RawConsumer::missed`].
    pub fn missed(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }

    /// Bytes of the ring's body.
    pub fn capacity(&self) -> u64 {
        self.0.slot.ring.body().capacity()
    }

    /// Bytes of it that this consumer has not given back. Goes over all records that are there.
    pub fn used_bytes(&self) -> Result<u64, Error> {
        let cursor = self.0.lock_cursor()?;
        self.0.slot.used_bytes(&cursor)
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        self.0.slot.ring.name.path()
    }

    /// See [`RawConsumer::producer_state`].
    pub fn producer_state(&self) -> Result<ProducerState, Error> {
        self.0.slot.producer_state()
    }
}

impl Shared {
    /// In a forked child, a lock that another thread of its parent held is never given back: so none is asked for there.
    fn lock_cursor(&self) -> Result<MutexGuard<'_, Cursor>, Error> {
        self.slot.ring.check_life()?;
        Ok(self.cursor.lock())
    }

    /// Releases a frame whose record ends at `end`. Under the lock, so that the slot never goes back.
    fn let_go(&self, number: u64, end: u64) {
        if !self.slot.ring.is_inherited() {
            self.held.lock().let_go(number, &self.slot, || end);
        }
    }
}

/// A received frame that keeps its consumer alive. Any thread may drop it, which gives its space back.
pub struct SharedFrame {
    shared: Arc<Shared>,
    record: Record,
    number: u64,
}

impl SharedFrame {
    /// Its bytes. They begin 16-aligned.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the slot stands at or before the record up to let_go(), which drop alone calls.
        unsafe { self.shared.slot.bytes(&self.record) }
    }

    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    pub fn sequence(&self) -> u64 {
        self.record.sequence
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.shared.slot.ring.body().publish_time_ns(&self.record)
    }
}

impl Drop for SharedFrame {
    fn drop(&mut self) {
        self.shared.let_go(self.number, self.record.end);
    }
}

impl fmt::Debug for SharedConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedConsumer").field("slot", &self.0.slot).finish_non_exhaustive()
    }
}

impl fmt::Debug for SharedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("SharedFrame");
        text.field("sequence", &self.sequence()).field("bytes", &self.bytes().len()).finish_non_exhaustive()
    }
}
