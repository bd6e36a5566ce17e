//! [`Producer`]: sends frames into a stream, and [`Reservation`], a frame that is being written.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use super::raw_producer::RawProducer;
use crate::class::{Class, PlainClass, ZeroRegions};
use crate::error::Error;
use crate::raw::Patience;

/// Sends frames of class `T` into a stream.
///
/// The first frame that is sent into a named pipe waits for a reader. Dropping a producer ends the stream, as
/// [`close`](Self::close) does, unless the thread is panicking: a crash is not an end.
///
/// # Errors
///
/// What sends gives [`Error::Frame`] for a value that its class refuses, [`Error::Gone`] if nobody reads the pipe (any more):
/// the frame was not sent then, and the next call waits for a reader to come. What does not wait gives [`Error::NoRoom`], for
/// which [`Error::is_full`] holds, and so does what waits for a time, for which [`Error::is_timed_out`] holds. [`Error::Os`] is
/// what the system refuses, and [`Error::Forked`] comes in a forked child.
pub struct Producer<T: Class> {
    raw: RawProducer,
    class: PhantomData<fn(T)>,
}

impl<T: Class> Producer<T> {
    pub(super) fn new(raw: RawProducer) -> Self {
        Self { raw, class: PhantomData }
    }

    /// Sends a value; waits for a reader, and for room. Gives the number of frames that were sent before it.
    pub fn send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::Endless)
    }

    /// Sends a value if somebody reads and there is room for all of it now. What a pipe takes at once is 64 KiB at most.
    pub fn try_send(&mut self, value: &T) -> Result<u64, Error> {
        self.send_with(value, Patience::None)
    }

    /// Sends a value; waits at most that long.
    pub fn send_timeout(&mut self, value: &T, limit: Duration) -> Result<u64, Error> {
        self.send_with(value, Patience::Until(limit))
    }

    /// A frame with these dimensions, to write in this producer's memory. `()` are a fixed class's dimensions.
    pub fn reserve(&mut self, dims: T::Dims) -> Result<Reservation<'_, T>, Error> {
        let frame = self.raw.frame_of(T::frame_len(&dims)? as usize);
        T::init(frame, &dims, ZeroRegions::Yes)?;
        Ok(Reservation { producer: self })
    }

    /// How many frames were sent.
    pub fn sent(&self) -> u64 {
        self.raw.sent()
    }

    /// Ends the stream: the reader gets what is left, and then [`Error::Closed`]. Waits until that is sent; a pipe that nobody
    /// reads ends without it.
    pub fn close(self) -> Result<(), Error> {
        self.raw.close()
    }

    /// Goes without ending the stream: its reader gets [`Error::Gone`].
    pub fn leave(self) {
        self.raw.leave();
    }

    fn send_with(&mut self, value: &T, patience: Patience) -> Result<u64, Error> {
        let dims = value.dims()?;
        let frame = self.raw.frame_of(T::frame_len(&dims)? as usize);
        value.write_as(&dims, frame)?;
        T::check(frame)?;
        self.raw.publish_whole(patience)
    }
}

impl<T: Class> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
}

/// A frame that is being written. [`publish`](Self::publish) sends it; dropping it sends nothing.
#[must_use = "dropping a reservation sends nothing"]
pub struct Reservation<'p, T: Class> {
    producer: &'p mut Producer<T>,
}

impl<T: Class> Reservation<'_, T> {
    /// The frame's writer.
    pub fn edit(&mut self) -> T::Mut<'_> {
        T::edit(self.producer.raw.reserved()).expect("reserve() has laid this frame out")
    }

    /// Sends the frame, as [`Producer::send`] does.
    pub fn publish(self) -> Result<u64, Error> {
        self.publish_with(Patience::Endless)
    }

    /// Sends the frame, as [`Producer::try_send`] does.
    pub fn try_publish(self) -> Result<u64, Error> {
        self.publish_with(Patience::None)
    }

    fn publish_with(self, patience: Patience) -> Result<u64, Error> {
        T::finish(self.producer.raw.reserved())?;
        self.producer.raw.publish_whole(patience)
    }
}

impl<T: PlainClass> Deref for Reservation<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        bytemuck::from_bytes(self.producer.raw.written())
    }
}

impl<T: PlainClass> DerefMut for Reservation<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        bytemuck::from_bytes_mut(self.producer.raw.reserved())
    }
}

impl<T: Class> fmt::Debug for Reservation<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("producer", &self.producer).finish()
    }
}
