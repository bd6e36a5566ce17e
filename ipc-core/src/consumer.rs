//! [`Consumer`]: one of the readers of a ring; every consumer gets every frame.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::class::Class;
use crate::error::Error;
use crate::frame::{Batch, Frame};
use crate::raw::{Patience, ProducerState, RawConsumer};

/// One of the readers of a ring of frames of class `T`.
///
/// It holds its slot: the producer does not overwrite a frame before this consumer has released it, by dropping the
/// [`Frame`]. `Send`, and not `Sync`: one thread at a time receives.
///
/// ```
/// ipc_core::schema! { [{ "className": "Step", "members": [{ "name": "n", "type": "uint64" }] }] }
/// use ipc_core::Channel;
///
/// let channel: Channel<Step> = Channel::new("doc-steps").capacity(4096).reserve(&["motor"]);
/// let mut producer = channel.producer()?;
/// let motor = channel.consumer("motor")?;
/// for n in 0..4 {
///     producer.send(&Step { n })?;
/// }
/// assert_eq!(motor.recv()?.n, 0);
/// assert_eq!(motor.skip_to_latest()?, 2);
/// let newest = motor.try_recv()?;
/// assert_eq!((newest.n, newest.sequence()), (3, 3));
/// drop(newest); // gives its space back
/// assert!(motor.try_recv().is_err_and(|error| error.is_empty()));
/// producer.close()?;
/// assert!(motor.recv().is_err_and(|error| error.is_closed()));
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// What receives gives [`Error::Closed`] at the end of the stream, [`Error::Frame`] for a frame that its class refuses
/// (which is skipped), [`Error::Replaced`] after the ring was removed, [`Error::Damaged`] for a record that no correct
/// producer writes, and [`Error::Forked`] in a forked child. What does not wait gives [`Error::Empty`], what waits for a
/// time [`Error::TimedOut`].
pub struct Consumer<T: Class> {
    pub(crate) raw: RawConsumer,
    class: PhantomData<fn() -> T>,
}

impl<T: Class> Consumer<T> {
    pub(crate) fn new(raw: RawConsumer) -> Self {
        Self { raw, class: PhantomData }
    }

    /// The next frame; waits for it. [`Error::Closed`] at the end of the stream.
    #[inline]
    pub fn recv(&self) -> Result<Frame<'_, T>, Error> {
        self.recv_with(Patience::Endless)
    }

    /// The next frame if it is there; [`Error::Empty`] if not.
    #[inline]
    pub fn try_recv(&self) -> Result<Frame<'_, T>, Error> {
        self.recv_with(Patience::None)
    }

    /// The next frame; waits for it at most that long.
    #[inline]
    pub fn recv_timeout(&self, limit: Duration) -> Result<Frame<'_, T>, Error> {
        self.recv_with(Patience::Until(limit))
    }

    #[inline(always)]
    fn recv_with(&self, patience: Patience) -> Result<Frame<'_, T>, Error> {
        let (record, number) = self.raw.take(patience)?;
        Frame::new(&self.raw, record, Some(number))
    }

    /// Every frame up to the end of the stream.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { consumer: self, ended: false }
    }

    /// Waits for a frame, then takes what is there, up to `max` frames, and releases all at once when the batch is
    /// dropped.
    #[inline]
    pub fn batch(&mut self, max: usize) -> Result<Batch<'_, T>, Error> {
        let first = self.raw.wait(Patience::Endless)?;
        Ok(Batch::new(self, first, max))
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    pub fn skip_to_latest(&self) -> Result<u64, Error> {
        self.raw.skip_to_latest()
    }

    /// Frames that the producer dropped since this consumer's first one (from the ring's first on, if it attached then).
    pub fn missed(&self) -> u64 {
        self.raw.missed()
    }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    pub fn producer_state(&self) -> Result<ProducerState, Error> {
        self.raw.producer_state()
    }
}

impl<T: Class> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
}

/// The frames of a [`Consumer`] up to the end of the stream, or to an error that stays.
#[derive(Debug)]
pub struct Iter<'c, T: Class> {
    consumer: &'c Consumer<T>,
    ended: bool,
}

impl<'c, T: Class> Iterator for Iter<'c, T> {
    type Item = Result<Frame<'c, T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let outcome = self.consumer.recv();
        // Only a bad frame is followed by others: every other error would come again and again.
        self.ended = matches!(&outcome, Err(error) if !matches!(error, Error::Frame(_)));
        if matches!(outcome, Err(Error::Closed(_))) { None } else { Some(outcome) }
    }
}

impl<'c, T: Class> IntoIterator for &'c Consumer<T> {
    type Item = Result<Frame<'c, T>, Error>;
    type IntoIter = Iter<'c, T>;

    fn into_iter(self) -> Iter<'c, T> {
        self.iter()
    }
}
