//! [`Observer`]: a reader without a slot. It never holds the producer back, may skip, and is told how many it skipped.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use crate::class::{Class, PlainClass};
use crate::error::Error;
use crate::raw::{Patience, RawObserved, RawObserver};

/// A reader that only looks: for a display, a monitor, a debugger.
///
/// Its frames are copied out of the ring while the producer may overwrite them, and handed out only if it did not.
///
/// ```
/// ipc_core::schema! { [{ "className": "Level", "members": [{ "name": "dB", "type": "float" }] }] }
/// use ipc_core::Channel;
///
/// let channel: Channel<Level> = Channel::new("doc-levels").capacity(4096);
/// let mut producer = channel.producer()?;
/// let mut meter = channel.observer()?;
/// for i in 0..1000 {
///     producer.send(&Level { dB: i as f32 })?; // the observer does not hold it back
/// }
/// assert_eq!(meter.latest()?.dB, 999.0);
/// producer.send(&Level { dB: -3.0 })?;
/// assert_eq!(meter.recv()?.dB, -3.0);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Errors
///
/// As for a [`Consumer`](crate::Consumer).
pub struct Observer<T: Class> {
    raw: RawObserver,
    class: PhantomData<fn() -> T>,
}

impl<T: Class> Observer<T> {
    pub(crate) fn new(raw: RawObserver) -> Self {
        Self { raw, class: PhantomData }
    }

    /// The next frame, beginning with the newest one at the time of opening; waits for it.
    pub fn recv(&mut self) -> Result<Observed<'_, T>, Error> {
        Observed::new(self.raw.recv(Patience::Endless)?)
    }

    /// The next frame; waits for it at most that long.
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Observed<'_, T>, Error> {
        Observed::new(self.raw.recv(Patience::Until(limit))?)
    }

    /// The next frame if it is there; [`Error::Empty`] if not.
    pub fn try_recv(&mut self) -> Result<Observed<'_, T>, Error> {
        Observed::new(self.raw.recv(Patience::None)?)
    }

    /// The newest frame that was not given yet; [`Error::Empty`] if there is none.
    pub fn latest(&mut self) -> Result<Observed<'_, T>, Error> {
        Observed::new(self.raw.latest()?)
    }

    /// Frames that were sent and that this observer did not get, since its first one.
    pub fn skipped(&self) -> u64 {
        self.raw.skipped()
    }
}

impl<T: Class> fmt::Debug for Observer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
}

/// A frame that an [`Observer`] has copied. It stays until the observer looks again.
pub struct Observed<'o, T: Class> {
    view: T::Ref<'o>,
    raw: &'o RawObserved,
}

impl<'o, T: Class> Observed<'o, T> {
    fn new(raw: &'o RawObserved) -> Result<Self, Error> {
        Ok(Self { view: T::view(raw.bytes())?, raw })
    }

    /// The typed view of the frame.
    pub fn view(&self) -> T::Ref<'_> {
        T::shorten(self.view)
    }

    /// Its number, counted from the ring's first frame on.
    pub fn sequence(&self) -> u64 {
        self.raw.sequence()
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.raw.publish_time_ns()
    }

    /// Its bytes, as the wire rules lay them out.
    pub fn bytes(&self) -> &[u8] {
        self.raw.bytes()
    }
}

impl<T: PlainClass> Deref for Observed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.view
    }
}

impl<T: Class> fmt::Debug for Observed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Observed");
        text.field("class", &T::DESC.name).field("sequence", &self.sequence()).field("bytes", &self.bytes().len());
        text.finish_non_exhaustive()
    }
}
