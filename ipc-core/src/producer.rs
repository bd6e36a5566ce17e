//! [`Producer`]: the one writer of a ring, and [`Reservation`], a frame that is being written in place.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::class::{Class, PlainClass, ZeroRegions};
use crate::error::Error;
use crate::linux::{futex, monotonic_ns};
use crate::ring::layout::{
    HEADER_BYTES, KIND_FRAME, KIND_STAMPED, LOCK_PRODUCER, LOCK_SLOTS, STAMPED_HEADER_BYTES, STATE_CLOSED, STATE_OPEN,
    STATE_REPLACED,
};
use crate::ring::mapped::Mapped;
use crate::ring::protocol::{Body, max_frame};
use crate::ring::sync::Ordering;
use crate::ring::wait::{wake_all, wake_sleepers};
use crate::ring::waiting::{After, Wait, wait_until};
use crate::ring::writer::{Claim, NoSpace, Writer};

/// The one writer of a ring of frames of class `T`.
///
/// Dropping it ends the stream, as [`close`](Self::close) does, unless the thread is panicking: a crash is not an end.
///
/// ```
/// ipc_core::schema! { [{ "className": "Beat", "members": [{ "name": "n", "type": "uint64" }] }] }
/// use ipc_core::{Channel, Delivery};
///
/// let channel: Channel<Beat> = Channel::new("doc-beats").capacity(4096).reserve(&["log"]);
/// let mut producer = channel.producer()?;
/// assert_eq!(producer.send(&Beat { n: 7 })?, 0); // by value; waits for space
/// let mut beat = producer.reserve(())?; // in place
/// beat.n = 8;
/// assert_eq!(beat.publish()?, 1);
/// while producer.try_send(&Beat { n: 9 }).is_ok() {} // until nobody has read for too long
/// assert!(producer.try_reserve(()).is_err_and(|error| error.is_full()));
/// assert!(matches!(producer.send_or_drop(&Beat { n: 10 })?, Delivery::Dropped(_)));
/// assert_eq!(producer.dropped(), 1);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// What sends or reserves gives [`Error::Frame`] for a value that its class refuses, [`Error::TooLarge`] for a frame that
/// the ring cannot hold, [`Error::Replaced`] after the ring was removed, [`Error::Damaged`] when a consumer has broken the
/// ring's rules, and [`Error::Forked`] in a forked child. What does not wait gives [`Error::Full`], what waits for a time
/// [`Error::TimedOut`].
pub struct Producer<T: Class> {
    ring: Mapped,
    writer: Writer,
    wait: Wait,
    /// Of the records: with or without publish time.
    kind: u32,
    zero_regions: ZeroRegions,
    ended: bool,
    class: PhantomData<fn(T)>,
}

/// Whether records carry the time at which they were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublishTime {
    /// They do not: nothing reads the clock.
    #[default]
    Off,
    /// They carry CLOCK_MONOTONIC in nanoseconds.
    On,
}

/// What became of a frame that may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was sent, with this sequence number.
    Sent(u64),
    /// The ring was full. The frame took this sequence number, and the loss ledger counts it.
    Dropped(u64),
}

/// How long to wait for space.
#[derive(Clone, Copy)]
enum Patience {
    None,
    Until(Duration),
    Endless,
}

impl<T: Class> Producer<T> {
    pub(crate) fn new(
        ring: Mapped,
        wait: Wait,
        publish_time: PublishTime,
        zero_regions: ZeroRegions,
    ) -> Result<Self, Error> {
        if !ring.locks.try_lock(LOCK_PRODUCER).map_err(|error| ring.os("lock the producer's place", error))? {
            return Err(Error::ProducerTaken(Arc::clone(&ring.name)));
        }
        // What dead consumers left does not hold this producer back, however they left it.
        for slot in 0..ring.control().slots.len() {
            ring.reap(slot)?;
        }
        let writer = Writer::resume(ring.control(), ring.body()).map_err(|what| ring.damaged(what))?;
        let line = &ring.control().head.state;
        line.openings.store(line.openings.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        set_state(&ring, STATE_OPEN)?;
        ring.populate();
        let kind = if publish_time == PublishTime::On { KIND_STAMPED } else { KIND_FRAME };
        Ok(Self { ring, writer, wait, kind, zero_regions, ended: false, class: PhantomData })
    }

    /// Sends a value; waits for space. Gives the frame's sequence number.
    #[inline]
    pub fn send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::Endless)
    }

    /// Sends a value if there is space now; [`Error::Full`] if not.
    #[inline]
    pub fn try_send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::None)
    }

    /// Sends a value; waits for space at most that long.
    #[inline]
    pub fn send_timeout(&mut self, value: &T, limit: Duration) -> Result<u64, Error> {
        self.send_with(value, Patience::Until(limit))
    }

    /// Sends a value if there is space now, and drops it if not: it takes a sequence number, which consumers miss, and
    /// the loss ledger counts it.
    #[inline]
    pub fn send_or_drop(&mut self, value: &T) -> Result<Delivery, Error> {
        match self.try_send(value) {
            Ok(sequence) => Ok(Delivery::Sent(sequence)),
            Err(error) if error.is_full() => Ok(Delivery::Dropped(self.drop_frame()?)),
            Err(error) => Err(error),
        }
    }

    /// Reserves a frame with these dimensions, to write in place; waits for space. `()` are a fixed class's dimensions.
    #[inline]
    pub fn reserve(&mut self, dims: T::Dims) -> Result<Reservation<'_, T>, Error> {
        self.reserve_with(&dims, Patience::Endless)
    }

    /// Reserves a frame if there is space now; [`Error::Full`] if not.
    #[inline]
    pub fn try_reserve(&mut self, dims: T::Dims) -> Result<Reservation<'_, T>, Error> {
        self.reserve_with(&dims, Patience::None)
    }

    /// Reserves a frame; waits for space at most that long.
    #[inline]
    pub fn reserve_timeout(&mut self, dims: T::Dims, limit: Duration) -> Result<Reservation<'_, T>, Error> {
        self.reserve_with(&dims, Patience::Until(limit))
    }

    /// Lets all frames that `send` sends become visible together, when it returns: one commit and one look for sleepers in
    /// place of one each. If the ring is full before, those so far become visible first.
    ///
    /// ```
    /// # ipc_core::schema! { [{ "className": "Tick", "members": [{ "name": "n", "type": "uint64" }] }] }
    /// # let channel: ipc_core::Channel<Tick> = ipc_core::Channel::new("doc-ticks").capacity(4096).reserve(&["log"]);
    /// # let mut producer = channel.producer()?;
    /// producer.batch(|producer| (0..20).try_for_each(|n| producer.send(&Tick { n }).map(drop)))?;
    /// # channel.remove()?;
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    #[inline]
    pub fn batch<R>(&mut self, send: impl FnOnce(&mut Self) -> R) -> R {
        /// Ends the batch, also when `send` panics.
        struct Ending<'p, T: Class>(&'p mut Producer<T>);
        impl<T: Class> Drop for Ending<'_, T> {
            #[inline]
            fn drop(&mut self) {
                self.0.end_batch();
            }
        }
        if self.writer.is_in_batch() {
            return send(self);
        }
        self.writer.begin_batch(self.ring.control());
        send(Ending(self).0)
    }

    /// Counts a frame that was not sent: it takes a sequence number, which consumers miss. For those who reserve.
    pub fn drop_frame(&mut self) -> Result<u64, Error> {
        self.ring.check_life()?;
        Ok(self.writer.drop_frame(self.ring.control()))
    }

    /// Frames that producers of this ring have dropped, from its beginning on.
    pub fn dropped(&self) -> u64 {
        self.ring.control().head.ledger.dropped.load(Ordering::Relaxed)
    }

    /// Sequence number of the next frame.
    pub fn next_sequence(&self) -> u64 {
        self.writer.next_sequence()
    }

    /// Ends the stream: consumers get what is left, and then [`Error::Closed`].
    pub fn close(mut self) -> Result<(), Error> {
        self.end()
    }

    /// Goes without ending the stream: consumers wait for the producer that goes on.
    pub fn leave(mut self) {
        self.end_batch();
        self.ended = true;
    }

    /// Writes every frame so far to disk, so that a power cut does not lose it. A crash of processes loses nothing
    /// without it. [`Error::Os`] if the disk refuses.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.ring.check_life()?;
        self.flush_batch();
        self.writer.publish(self.ring.control());
        self.ring.sync(self.writer.tail(), self.writer.next_sequence())
    }

    #[inline(always)]
    fn send_with(&mut self, value: &T, patience: Patience) -> Result<u64, Error> {
        let dims = value.dims()?;
        let len = T::frame_len(&dims)?;
        let claim = self.claim(len, patience)?;
        let frame = self.frame(claim);
        value.write_as(&dims, frame)?;
        T::check(frame)?;
        Ok(self.commit(claim))
    }

    #[inline(always)]
    fn reserve_with(&mut self, dims: &T::Dims, patience: Patience) -> Result<Reservation<'_, T>, Error> {
        let len = T::frame_len(dims)?;
        let claim = self.claim(len, patience)?;
        let zero_regions = self.zero_regions;
        T::init(self.frame(claim), dims, zero_regions)?;
        Ok(Reservation { producer: self, claim })
    }

    #[inline(always)]
    fn claim(&mut self, len: u32, patience: Patience) -> Result<Claim, Error> {
        if !self.ring.is_inherited()
            && let Some(claim) = self.writer.claim(self.ring.body(), self.kind, len)
        {
            return Ok(claim);
        }
        self.claim_anew(len, patience)
    }

    /// The way of a producer that has no room at hand: looks at the ring, about once for each time around it.
    #[cold]
    #[inline(never)]
    fn claim_anew(&mut self, len: u32, patience: Patience) -> Result<Claim, Error> {
        self.ring.check_life()?;
        let Self { ring, writer, .. } = self;
        let most = max_frame(ring.body().capacity(), self.kind);
        if u64::from(len) > most {
            return Err(too_large(ring, u64::from(len), most));
        }
        match writer.claim_anew(ring.control(), ring.body(), self.kind, len) {
            Ok(claim) => Ok(claim),
            Err(none) => self.claim_with(len, none, patience),
        }
    }

    /// The way of a producer that found no space: frees slots of the dead, then says so, or waits.
    fn claim_with(&mut self, len: u32, first: NoSpace, patience: Patience) -> Result<Claim, Error> {
        // What waits in a batch is what consumers need to go on.
        self.flush_batch();
        let Self { ring, writer, kind, wait, .. } = self;
        let mut slowest = match after_reaping(ring, first)? {
            Some(slot) => slot,
            // A slot was freed: there may be space now, or another slot that is slow.
            None => usize::MAX,
        };
        let mut look = |after: After| loop {
            match writer.claim_anew(ring.control(), ring.body(), *kind, len) {
                Ok(claim) => return Ok(Some(claim)),
                Err(NoSpace::Slot(slot)) if slot == slowest && after == After::Look => return Ok(None),
                Err(none) => match after_reaping(ring, none)? {
                    Some(slot) => {
                        slowest = slot;
                        return Ok(None);
                    }
                    None => continue,
                },
            }
        };
        let (deadline, limit) = match patience {
            Patience::None => {
                return match look(After::Look)? {
                    Some(claim) => Ok(claim),
                    None => {
                        let attached = is_attached(ring, slowest)?;
                        Err(Error::Full { ring: Arc::clone(&ring.name), slot: slowest, attached })
                    }
                };
            }
            Patience::Until(limit) => (Instant::now().checked_add(limit), limit),
            Patience::Endless => (None, Duration::MAX),
        };
        let line = &ring.control().head.space_wait;
        match wait_until(*wait, line, ring.fence, deadline, look)? {
            Some(claim) => Ok(claim),
            None => {
                let slowest = Some((slowest, is_attached(ring, slowest)?));
                Err(Error::TimedOut { ring: Arc::clone(&ring.name), limit, slowest })
            }
        }
    }

    /// The bytes of a claimed frame.
    #[inline(always)]
    fn frame(&mut self, claim: Claim) -> &mut [u8] {
        // SAFETY: invariants 2 and 4 of `Mapped`: this handle holds the producer's lock on a body mapped for writing, the
        // claim is not committed, and the borrow of `self` keeps a second reference from being made.
        unsafe { self.ring.body().bytes_mut(claim.frame(), claim.frame_bytes() as usize) }
    }

    #[inline(always)]
    fn commit(&mut self, claim: Claim) -> u64 {
        if self.kind == KIND_STAMPED {
            let stamp = (STAMPED_HEADER_BYTES - HEADER_BYTES) as usize;
            // SAFETY: as in frame(): the second half of a stamped record's header.
            let bytes = unsafe { self.ring.body().bytes_mut(claim.start + HEADER_BYTES, stamp) };
            bytes[..8].copy_from_slice(&monotonic_ns().to_le_bytes());
            bytes[8..].fill(0);
        }
        let sequence = self.writer.commit(self.ring.body(), claim);
        if !self.writer.is_in_batch() {
            self.wake_consumers();
        }
        sequence
    }

    #[inline(always)]
    fn wake_consumers(&self) {
        wake_sleepers(&self.ring.control().head.data_wait, self.ring.fence, futex::wake_all);
    }

    /// Makes the frames of the batch visible. In a child, where they are the parent's, it does nothing.
    #[inline]
    fn end_batch(&mut self) {
        if !self.ring.is_inherited() && self.writer.end_batch(self.ring.control(), self.ring.body()) {
            self.wake_consumers();
        }
    }

    /// The same, and goes on with the batch.
    fn flush_batch(&mut self) {
        if self.writer.is_in_batch() {
            self.end_batch();
            self.writer.begin_batch(self.ring.control());
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        self.ended = true;
        self.ring.check_life()?;
        // Of a producer that was taken out of its batch.
        self.end_batch();
        self.writer.publish(self.ring.control());
        let state = set_state(&self.ring, STATE_CLOSED);
        wake_all(&self.ring.control().head.data_wait, futex::wake_all);
        state?;
        // A ring on disk outlives a start-up of the machine only as far as it was synced.
        self.ring.sync(self.writer.tail(), self.writer.next_sequence())
    }
}

/// Stores the ring's state, unless the ring was removed: that it stays.
fn set_state(ring: &Mapped, state: u32) -> Result<(), Error> {
    let stored = &ring.control().head.state.state;
    // Pairs with the load in Consumer::look: who sees the end of the stream sees every frame before it.
    let outcome =
        stored.fetch_update(Ordering::Release, Ordering::Relaxed, |old| (old != STATE_REPLACED).then_some(state));
    outcome.map(drop).map_err(|_| Error::Replaced(Arc::clone(&ring.name)))
}

impl<T: Class> Drop for Producer<T> {
    fn drop(&mut self) {
        if !self.ended && !self.ring.is_inherited() && !std::thread::panicking() {
            // A failed sync is reported by close(); here nobody listens.
            let _ = self.end();
        }
    }
}

impl<T: Class> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("ring", &self.ring.name).field("writer", &self.writer).finish_non_exhaustive()
    }
}

/// The slot that holds the producer back, or `None` if its consumer had died and the slot was freed.
fn after_reaping(ring: &Mapped, none: NoSpace) -> Result<Option<usize>, Error> {
    match none {
        NoSpace::Slot(slot) => Ok(if ring.reap(slot)? { None } else { Some(slot) }),
        NoSpace::Broken(slot, _) if ring.reap(slot)? => Ok(None),
        NoSpace::Broken(slot, what) => {
            let process = ring.control().slots[slot].process.load(Ordering::Relaxed);
            Err(ring.damaged(format!("the consumer in {} (process {process}) broke it: {what}", ring.name.slot(slot))))
        }
        // It was made visible, so there may be space now.
        NoSpace::Batch => Ok(None),
        NoSpace::Replaced => Err(Error::Replaced(Arc::clone(&ring.name))),
    }
}

fn is_attached(ring: &Mapped, slot: usize) -> Result<bool, Error> {
    ring.locks.is_held(LOCK_SLOTS + slot as u64).map_err(|error| ring.os("ask for a slot's lock", error))
}

#[cold]
fn too_large(ring: &Mapped, bytes: u64, most: u64) -> Error {
    let needed = (2 * (bytes + HEADER_BYTES + STAMPED_HEADER_BYTES)).next_power_of_two();
    Error::TooLarge { ring: Arc::clone(&ring.name), bytes, most, needed }
}

/// A frame in the ring that only this producer sees yet. [`publish`](Self::publish) makes it visible; dropping it
/// publishes nothing.
#[must_use = "dropping a reservation publishes nothing"]
pub struct Reservation<'p, T: Class> {
    producer: &'p mut Producer<T>,
    claim: Claim,
}

impl<T: Class> Reservation<'_, T> {
    /// The frame's writer.
    ///
    /// # Panics
    ///
    /// If another process has overwritten the frame's head since it was reserved, which takes one that maps the ring for
    /// writing without being its producer.
    #[inline]
    pub fn edit(&mut self) -> T::Mut<'_> {
        T::edit(self.producer.frame(self.claim)).expect("reserve() has laid this frame out")
    }

    /// Makes the frame visible to every consumer, and gives its sequence number. An error if a member is outside of its
    /// `min` or `max`; the frame is not published then.
    #[inline]
    pub fn publish(self) -> Result<u64, Error> {
        self.producer.ring.check_life()?;
        T::finish(self.producer.frame(self.claim))?;
        Ok(self.producer.commit(self.claim))
    }
}

impl<T: PlainClass> Deref for Reservation<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let len = self.claim.frame_bytes() as usize;
        // SAFETY: invariant 4 of `Mapped`: this handle's own claim; the borrow of `self` keeps a mutable reference from being made.
        let frame = unsafe { self.producer.ring.body().bytes(self.claim.frame(), len) };
        bytemuck::from_bytes(frame)
    }
}

impl<T: PlainClass> DerefMut for Reservation<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        bytemuck::from_bytes_mut(self.producer.frame(self.claim))
    }
}

impl<T: Class> fmt::Debug for Reservation<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("producer", &self.producer).field("claim", &self.claim).finish()
    }
}
