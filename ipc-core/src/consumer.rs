//! [`Consumer`]: one of the readers of a ring; every consumer gets every frame.

use std::fmt;
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
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

    /// A descriptor for event loops: epoll, poll, select, and what stands on them. It is readable while there may be something that
    /// [`try_recv`](Self::try_recv) has not told of: frames, the end of the stream, or a producer that is gone.
    ///
    /// It is used as a socket that does not block. When it is readable, receive by `try_recv` until that finds nothing; this is
    /// what makes it unreadable, until the next frame. Whoever watches it for changes (`EPOLLET`) does the same before the first
    /// wait. It belongs to the consumer, which closes it; nothing is to be read from it.
    ///
    /// ```
    /// ipc_core::schema! { [{ "className": "Key", "members": [{ "name": "code", "type": "uint32" }] }] }
    /// use ipc_core::Channel;
    /// use rustix::event::epoll;
    ///
    /// let channel: Channel<Key> = Channel::new("doc-keys").capacity(4096).reserve(&["editor"]);
    /// let mut producer = channel.producer()?;
    /// let editor = channel.consumer("editor")?;
    /// let typist = std::thread::spawn(move || {
    ///     (1..=3).try_for_each(|code| producer.send(&Key { code }).map(drop))
    /// }); // ends, and with its producer the stream
    ///
    /// let events = epoll::create(epoll::CreateFlags::CLOEXEC)?; // any other descriptors beside it
    /// epoll::add(&events, editor.doorbell()?, epoll::EventData::new_u64(0), epoll::EventFlags::IN)?;
    /// let mut codes = Vec::new();
    /// 'events: loop {
    ///     let mut ready = Vec::with_capacity(8);
    ///     epoll::wait(&events, rustix::buffer::spare_capacity(&mut ready), None)?;
    ///     loop {
    ///         match editor.try_recv() {
    ///             Ok(key) => codes.push(key.code),
    ///             Err(error) if error.is_empty() => break, // now the doorbell rings for the next one
    ///             Err(error) if error.is_closed() => break 'events,
    ///             Err(error) => return Err(error.into()),
    ///         }
    ///     }
    /// }
    /// assert_eq!(codes, [1, 2, 3]);
    /// # typist.join().unwrap()?;
    /// # channel.remove()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// The first call makes the doorbell: a FIFO beside the ring's file, of the same mode, which goes with the consumer, or with
    /// its slot if the consumer was killed. From then on each `try_recv` that finds nothing makes some system calls; one
    /// that finds a frame costs what it did before.
    ///
    /// A producer that dies rings as well, since the kernel closes what it has opened. While nobody has the doorbell open, because no
    /// producer has rung it yet, or none can (the FIFO was taken away, or lies where a producer in another container does not
    /// see it), it rings by itself every 250 ms, as often as a consumer looks that waits in [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// [`Error::Channel`] for an isolated ring, which has no place for a FIFO: there a thread of its own receives. [`Error::Os`] if
    /// the FIFO cannot be made, [`Error::Forked`] in a forked child.
    pub fn doorbell(&self) -> Result<BorrowedFd<'_>, Error> {
        self.raw.doorbell()
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
