//! [`RawObserver`]: a reader without a slot, by bytes. The typed [`Observer`](crate::Observer) is a thin layer over it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Patience;
use crate::content::AlignedBytes;
use crate::error::Error;
use crate::ring::layout::{STATE_CLOSED, STATE_REPLACED};
use crate::ring::mapped::Mapped;
use crate::ring::observe::{Observation, newest, observe, still_there};
use crate::ring::reader::Reader;
use crate::ring::sync::Ordering;
use crate::ring::waiting::{Wait, wait_until};

/// A reader that only looks, and may skip frames.
///
/// # Errors
///
/// As for an [`Observer`](crate::Observer), but that no frame is refused.
pub struct RawObserver {
    ring: Arc<Mapped>,
    wait: Wait,
    reader: Reader,
    copied: RawObserved,
    /// The copied frame is the next one.
    is_peeked: bool,
}

/// Copies that the producer may spoil before an observer looks at its deadline.
const MAX_TRIES: u32 = 16;

/// The frame that an observer has copied. It stays until the observer looks again.
#[derive(Debug, Default)]
pub struct RawObserved {
    bytes: AlignedBytes,
    sequence: u64,
    publish_time_ns: Option<u64>,
}

impl RawObserver {
    pub(crate) fn new(ring: Mapped, wait: Wait) -> Result<Self, Error> {
        let position = newest(ring.control(), ring.body()).map_err(|what| ring.damaged(what))?;
        let (ring, reader) = (Arc::new(ring), Reader::at(position));
        Ok(Self { ring, wait, reader, copied: RawObserved::default(), is_peeked: false })
    }

    /// The next frame, beginning with the newest one at the time of opening.
    pub fn recv(&mut self, patience: Patience) -> Result<&RawObserved, Error> {
        self.ring.check_life()?;
        let Self { ring, wait, reader, copied, is_peeked } = self;
        if std::mem::take(is_peeked) {
            return Ok(copied);
        }
        let (deadline, limit) = match patience {
            Patience::None => {
                let found = look(ring, reader, copied)?;
                return found.map(|()| &*copied).ok_or_else(|| Error::Empty(Arc::clone(&ring.name)));
            }
            Patience::Until(limit) => (Instant::now().checked_add(limit), limit),
            Patience::Endless => (None, Duration::MAX),
        };
        let found = wait_until(*wait, ring.data_sleeper(), deadline, |_| look(ring, reader, copied))?;
        found.ok_or_else(|| Error::TimedOut { ring: Arc::clone(&ring.name), limit, slowest: None })?;
        Ok(copied)
    }

    /// The newest frame that was not given yet; [`Error::Empty`] if there is none.
    pub fn latest(&mut self) -> Result<&RawObserved, Error> {
        self.ring.check_life()?;
        let last = newest(self.ring.control(), self.ring.body()).map_err(|what| self.ring.damaged(what))?;
        if last >= self.reader.position() {
            self.reader.jump(last);
            self.is_peeked = false;
        }
        self.recv(Patience::None)
    }

    /// The next frame if it is there; it stays the next.
    pub(crate) fn peek(&mut self) -> Result<Option<&RawObserved>, Error> {
        self.ring.check_life()?;
        self.is_peeked = self.is_peeked || look(&self.ring, &mut self.reader, &mut self.copied)?.is_some();
        Ok(self.is_peeked.then_some(&self.copied))
    }

    /// Exchanges the frame that [`peek`](Self::peek) gave for another place; false if there is none.
    pub(crate) fn exchange(&mut self, place: &mut RawObserved) -> bool {
        let is_there = std::mem::take(&mut self.is_peeked);
        if is_there {
            std::mem::swap(&mut self.copied, place);
        }
        is_there
    }

    pub(crate) fn ring(&self) -> &Arc<Mapped> {
        &self.ring
    }

    /// Frames that were sent and that this observer did not get, since its first one.
    pub fn skipped(&self) -> u64 {
        self.reader.missed()
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        self.ring.name.path()
    }
}

/// Copies the next frame if it is there, whole.
fn look(ring: &Mapped, reader: &mut Reader, copied: &mut RawObserved) -> Result<Option<()>, Error> {
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
    // Pairs with the store in RawProducer::end: a frame may have been committed between the look and the end.
    match control.head.state.state.load(Ordering::Acquire) {
        STATE_REPLACED => Err(Error::Replaced(Arc::clone(&ring.name))),
        STATE_CLOSED if matches!(observe(control, body, reader), Ok(Observation::Nothing)) => {
            Err(Error::Closed(Arc::clone(&ring.name)))
        }
        _ => Ok(None),
    }
}

impl fmt::Debug for RawObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RawObserver");
        text.field("ring", &self.ring.name).field("skipped", &self.skipped()).finish_non_exhaustive()
    }
}

impl RawObserved {
    /// Its bytes. They begin 16-aligned.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its number, counted from the ring's first frame on.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.publish_time_ns
    }
}
