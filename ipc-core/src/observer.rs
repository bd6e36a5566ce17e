//! [`Observer`]: a reader without a slot. It never holds the producer back, may skip, and is told how many it skipped.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::class::{Class, PlainClass};
use crate::content::AlignedBytes;
use crate::error::Error;
use crate::ring::layout::{STATE_CLOSED, STATE_REPLACED};
use crate::ring::mapped::Mapped;
use crate::ring::observe::{Observation, newest, observe, still_there};
use crate::ring::reader::Reader;
use crate::ring::sync::Ordering;
use crate::ring::waiting::{Wait, wait_until};

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
    ring: Mapped,
    wait: Wait,
    reader: Reader,
    copied: Copied,
    class: PhantomData<fn() -> T>,
}

/// Copies that the producer may spoil before an observer looks at its deadline.
const MAX_TRIES: u32 = 16;

/// The frame that was copied last.
#[derive(Debug, Default)]
struct Copied {
    bytes: AlignedBytes,
    sequence: u64,
    publish_time_ns: Option<u64>,
}

impl<T: Class> Observer<T> {
    pub(crate) fn new(ring: Mapped, wait: Wait) -> Result<Self, Error> {
        let position = newest(ring.control(), ring.body()).map_err(|what| ring.damaged(what))?;
        Ok(Self { ring, wait, reader: Reader::at(position), copied: Copied::default(), class: PhantomData })
    }

    /// The next frame, beginning with the newest one at the time of opening; waits for it.
    pub fn recv(&mut self) -> Result<Observed<'_, T>, Error> {
        self.recv_until(None, Duration::MAX)
    }

    /// The next frame; waits for it at most that long.
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Observed<'_, T>, Error> {
        self.recv_until(Instant::now().checked_add(limit), limit)
    }

    /// The next frame if it is there; [`Error::Empty`] if not.
    pub fn try_recv(&mut self) -> Result<Observed<'_, T>, Error> {
        self.ring.check_life()?;
        match look(&self.ring, &mut self.reader, &mut self.copied)? {
            Some(()) => self.hand_out(),
            None => Err(Error::Empty(Arc::clone(&self.ring.name))),
        }
    }

    /// The newest frame that was not given yet; [`Error::Empty`] if there is none.
    pub fn latest(&mut self) -> Result<Observed<'_, T>, Error> {
        self.ring.check_life()?;
        let last = newest(self.ring.control(), self.ring.body()).map_err(|what| self.ring.damaged(what))?;
        self.reader.jump(self.reader.position().max(last));
        self.try_recv()
    }

    /// Frames that were sent and that this observer did not get, since its first one.
    pub fn skipped(&self) -> u64 {
        self.reader.missed()
    }

    fn recv_until(&mut self, deadline: Option<Instant>, limit: Duration) -> Result<Observed<'_, T>, Error> {
        self.ring.check_life()?;
        let Self { ring, wait, reader, copied, .. } = self;
        let line = &ring.control().head.data_wait;
        let found = wait_until(*wait, line, ring.fence, deadline, |_| look(ring, reader, copied))?;
        found.ok_or_else(|| Error::TimedOut { ring: Arc::clone(&ring.name), limit, slowest: None })?;
        self.hand_out()
    }

    fn hand_out(&self) -> Result<Observed<'_, T>, Error> {
        Ok(Observed { view: T::view(&self.copied.bytes)?, copied: &self.copied })
    }
}

/// Copies the next frame if it is there, whole.
fn look(ring: &Mapped, reader: &mut Reader, copied: &mut Copied) -> Result<Option<()>, Error> {
    let (control, body) = (ring.control(), ring.body());
    // A producer that is much faster than copying could keep the caller here beyond its deadline.
    for _ in 0..MAX_TRIES {
        match observe(control, body, reader).map_err(|what| ring.damaged(what))? {
            Observation::Record(record, ahead) => {
                copied.bytes.resize(record.frame_bytes as usize);
                body.copy_relaxed(record.start + record.header_bytes, &mut copied.bytes);
                copied.publish_time_ns = body.publish_time_ns(&record);
                copied.sequence = record.sequence;
                if still_there(control, body, record.start) {
                    *reader = ahead;
                    return Ok(Some(()));
                }
            }
            Observation::Lapped(last) => reader.jump(last),
            Observation::Nothing => return nothing(ring, reader),
        }
    }
    Ok(None)
}

/// Why there is no frame: none yet, or the end.
fn nothing(ring: &Mapped, reader: &Reader) -> Result<Option<()>, Error> {
    let (control, body) = (ring.control(), ring.body());
    // Pairs with the store in Producer::end: a frame may have been committed between the look and the end.
    match control.head.state.state.load(Ordering::Acquire) {
        STATE_REPLACED => Err(Error::Replaced(Arc::clone(&ring.name))),
        STATE_CLOSED if matches!(observe(control, body, reader), Ok(Observation::Nothing)) => {
            Err(Error::Closed(Arc::clone(&ring.name)))
        }
        _ => Ok(None),
    }
}

impl<T: Class> fmt::Debug for Observer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("ring", &self.ring.name)
            .field("skipped", &self.skipped())
            .finish_non_exhaustive()
    }
}

/// A frame that an [`Observer`] has copied. It stays until the observer looks again.
pub struct Observed<'o, T: Class> {
    view: T::Ref<'o>,
    copied: &'o Copied,
}

impl<T: Class> Observed<'_, T> {
    /// The typed view of the frame.
    pub fn view(&self) -> T::Ref<'_> {
        T::shorten(self.view)
    }

    /// Its number, counted from the ring's first frame on.
    pub fn sequence(&self) -> u64 {
        self.copied.sequence
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.copied.publish_time_ns
    }

    /// Its bytes, as the wire rules lay them out.
    pub fn bytes(&self) -> &[u8] {
        &self.copied.bytes
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
