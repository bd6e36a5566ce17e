//! [`Producer`]: the one writer of a ring, and [`Reservation`], a frame that is being written in place.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::class::{Class, PlainClass};
use crate::error::Error;
use crate::raw::{Patience, RawProducer};
use crate::ring::writer::Claim;

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
/// # drop(producer);
/// let mut producer = channel.on_full(ipc_core::OnFull::Drop).producer()?;
/// assert!(matches!(producer.deliver(&Beat { n: 11 })?, Delivery::Dropped(_))); // as the channel says
/// assert!(producer.reserve_delivery(())?.is_none());
/// assert_eq!(producer.dropped(), 3);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// What sends or reserves gives [`Error::Frame`] for a value that its class refuses, [`Error::TooLarge`] for a frame that
/// the ring cannot hold, [`Error::Replaced`] after the ring was removed, [`Error::Damaged`] when a consumer has broken the
/// ring's rules, and [`Error::Forked`] in a forked child. What does not wait gives [`Error::Full`], what waits for a time
/// [`Error::TimedOut`]. In a module of an application, a wait for space ends with [`Error::Quit`] when the controller has told
/// the module to quit.
pub struct Producer<T: Class> {
    raw: RawProducer,
    class: PhantomData<fn(T)>,
}

/// What became of a frame that may be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was sent, with this sequence number.
    Sent(u64),
    /// The ring was full. The frame took this sequence number, and the loss ledger counts it.
    Dropped(u64),
    /// The controller has told the module to quit while the frame waited for space; it takes no sequence number.
    Unsent,
}

impl<T: Class> Producer<T> {
    pub(crate) fn new(raw: RawProducer) -> Self {
        Self { raw, class: PhantomData }
    }

    /// Sends a value; waits for space. Gives the frame's sequence number.
    #[inline(always)]
    pub fn send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::Endless)
    }

    /// Sends a value if there is space now; [`Error::Full`] if not.
    #[inline(always)]
    pub fn try_send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::None)
    }

    /// Sends a value; waits for space at most that long.
    #[inline(always)]
    pub fn send_timeout(&mut self, value: &T, limit: Duration) -> Result<u64, Error> {
        self.send_with(value, Patience::Until(limit))
    }

    /// Sends a value if there is space now, and drops it if not: it takes a sequence number, which consumers miss, and
    /// the loss ledger counts it.
    #[inline]
    pub fn send_or_drop(&mut self, value: &T) -> Result<Delivery, Error> {
        let outcome = self.try_send(value);
        self.delivered(outcome)
    }

    /// Sends a value, and does what the channel says if the ring is full ([`Channel::on_full`](crate::Channel::on_full)): waits,
    /// or drops it as [`send_or_drop`](Self::send_or_drop) does.
    #[inline]
    pub fn deliver(&mut self, value: &T) -> Result<Delivery, Error> {
        let outcome = self.send_with(value, self.raw.patience());
        self.delivered(outcome)
    }

    /// Reserves a frame to write in place, and does what the channel says if the ring is full: waits, or gives `None`, the frame
    /// being dropped as [`deliver`](Self::deliver) drops it. `None` also if the controller tells the module to quit meanwhile.
    #[inline(always)]
    pub fn reserve_delivery(&mut self, dims: T::Dims) -> Result<Option<Reservation<'_, T>>, Error> {
        let len = T::frame_len(&dims)?;
        match self.raw.claim(len, self.raw.patience()) {
            Ok(claim) => self.reserved(claim, &dims).map(Some),
            Err(error) => self.raw.undelivered(error).map(|_| None),
        }
    }

    #[inline(always)]
    fn delivered(&mut self, outcome: Result<u64, Error>) -> Result<Delivery, Error> {
        match outcome {
            Ok(sequence) => Ok(Delivery::Sent(sequence)),
            Err(error) => self.raw.undelivered(error),
        }
    }

    /// Reserves a frame with these dimensions, to write in place; waits for space. `()` are a fixed class's dimensions.
    #[inline(always)]
    pub fn reserve(&mut self, dims: T::Dims) -> Result<Reservation<'_, T>, Error> {
        self.reserve_with(&dims, Patience::Endless)
    }

    /// Reserves a frame if there is space now; [`Error::Full`] if not.
    #[inline(always)]
    pub fn try_reserve(&mut self, dims: T::Dims) -> Result<Reservation<'_, T>, Error> {
        self.reserve_with(&dims, Patience::None)
    }

    /// Reserves a frame; waits for space at most that long.
    #[inline(always)]
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
                self.0.raw.end_batch();
            }
        }
        if self.raw.is_in_batch() {
            return send(self);
        }
        self.raw.begin_batch();
        send(Ending(self).0)
    }

    /// Counts a frame that was not sent: it takes a sequence number, which consumers miss. For those who reserve.
    pub fn drop_frame(&mut self) -> Result<u64, Error> {
        self.raw.drop_frame()
    }

    /// Frames that producers of this ring have dropped, from its beginning on.
    pub fn dropped(&self) -> u64 {
        self.raw.dropped()
    }

    /// Sequence number of the next frame.
    pub fn next_sequence(&self) -> u64 {
        self.raw.next_sequence()
    }

    /// Ends the stream: consumers get what is left, and then [`Error::Closed`].
    pub fn close(self) -> Result<(), Error> {
        self.raw.close()
    }

    /// Goes without ending the stream: consumers wait for the producer that goes on.
    pub fn leave(self) {
        self.raw.leave();
    }

    /// Writes every frame so far to disk, so that a power cut does not lose it. A crash of processes loses nothing
    /// without it. [`Error::Os`] if the disk refuses.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.raw.sync()
    }

    #[inline(always)]
    fn send_with(&mut self, value: &T, patience: Patience) -> Result<u64, Error> {
        let dims = value.dims()?;
        let len = T::frame_len(&dims)?;
        let claim = self.raw.claim(len, patience)?;
        let frame = self.raw.frame(claim);
        value.write_as(&dims, frame)?;
        T::check(frame)?;
        Ok(self.raw.commit(claim))
    }

    // Inlined always, as are `reserve` and `publish`: a reservation that is returned through memory is read from there by wider
    // loads than the stores that wrote it, which wait for all stores before them: 57 ns a frame of a stream in place of 19.
    #[inline(always)]
    fn reserve_with(&mut self, dims: &T::Dims, patience: Patience) -> Result<Reservation<'_, T>, Error> {
        let len = T::frame_len(dims)?;
        let claim = self.raw.claim(len, patience)?;
        self.reserved(claim, dims)
    }

    #[inline(always)]
    fn reserved(&mut self, claim: Claim, dims: &T::Dims) -> Result<Reservation<'_, T>, Error> {
        let zero_regions = self.raw.zero_regions();
        T::init(self.raw.frame(claim), dims, zero_regions)?;
        Ok(Reservation { producer: self, claim })
    }
}

impl<T: Class> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
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
        T::edit(self.producer.raw.frame(self.claim)).expect("reserve() has laid this frame out")
    }

    /// Makes the frame visible to every consumer, and gives its sequence number. An error if a member is outside of its
    /// `min` or `max`; the frame is not published then.
    #[inline(always)]
    pub fn publish(self) -> Result<u64, Error> {
        let raw = &mut self.producer.raw;
        raw.check_life()?;
        T::finish(raw.frame(self.claim))?;
        Ok(raw.commit(self.claim))
    }
}

impl<T: PlainClass> Deref for Reservation<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        bytemuck::from_bytes(self.producer.raw.claimed(self.claim))
    }
}

impl<T: PlainClass> DerefMut for Reservation<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        bytemuck::from_bytes_mut(self.producer.raw.frame(self.claim))
    }
}

impl<T: Class> fmt::Debug for Reservation<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("producer", &self.producer).field("claim", &self.claim).finish()
    }
}
