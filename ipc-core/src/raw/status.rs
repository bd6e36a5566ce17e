//! [`RingMonitor`]: how a ring is, for people who watch it. It has no slot and takes no lock, so it holds nobody back.

use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::ProducerState;
use crate::error::Error;
use crate::ring::layout::{LOCK_PRODUCER, LOCK_SLOTS, SLOT_ACTIVE, SLOT_FREE, SLOT_JOINING, SlotLine};
use crate::ring::mapped::Mapped;
use crate::ring::observe::{Observation, newest, observe};
use crate::ring::protocol::{Body, plausible};
use crate::ring::reader::Reader;
use crate::ring::sync::{Ordering, fence};

/// An open ring that is only looked at.
///
/// # Errors
///
/// [`Error::Damaged`] for what no correct peer writes, [`Error::Os`], and [`Error::Forked`].
pub struct RingMonitor {
    ring: Mapped,
}

/// How a ring was at one moment. What several processes change meanwhile is not of one instant: each figure is right by
/// itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingStatus {
    /// Bytes of the body.
    pub capacity_bytes: u64,
    /// Bytes of it that the slowest slot has not given back; 0 if no slot holds the producer back.
    pub used_bytes: u64,
    /// Number of the next frame: so many were sent or dropped.
    pub next_sequence: u64,
    /// Frames that the producer dropped.
    pub dropped: u64,
    /// What is known of the producer.
    pub producer: ProducerState,
    /// All slots that are in use, and all reserved ones; these first, in the order of their names.
    pub slots: Vec<SlotStatus>,
}

/// How a consumer's place was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotStatus {
    /// Its number.
    pub index: usize,
    /// Its name, if it is reserved.
    pub name: Option<String>,
    /// Whether it holds the producer back. A reserved slot that was detached does not.
    pub holds: bool,
    /// Whether a consumer is attached.
    pub attached: bool,
    /// Process id of the last consumer, as that wrote it; 0 if there was none.
    pub process: u32,
    /// Bytes from its position to the newest frame's end.
    pub behind_bytes: u64,
    /// Frames that it has not given back, those counted too that were dropped among them.
    pub behind_frames: u64,
}

impl RingStatus {
    /// The slot that holds the producer back first, if it is behind.
    pub fn slowest(&self) -> Option<&SlotStatus> {
        let holding = self.slots.iter().filter(|slot| slot.holds && slot.behind_bytes > 0);
        holding.max_by_key(|slot| slot.behind_bytes)
    }

    /// Whether any end that has a place in the ring is open: its producer's, or a consumer's.
    pub fn is_in_use(&self) -> bool {
        self.producer == ProducerState::Open || self.slots.iter().any(|slot| slot.attached)
    }
}

/// Where the newest frame ends, and the number of the one after it.
#[derive(Clone, Copy)]
struct End {
    position: u64,
    next_sequence: u64,
}

impl RingMonitor {
    pub(crate) fn new(ring: Mapped) -> Self {
        Self { ring }
    }

    /// How the ring is now.
    pub fn status(&self) -> Result<RingStatus, Error> {
        let ring = &self.ring;
        ring.check_life()?;
        let (control, capacity) = (ring.control(), ring.body().capacity());
        // Positions first, so that the end lies behind them.
        let lines = control.slots.iter().enumerate();
        let positions = lines.map(|(index, line)| self.position(index, line)).collect::<Result<Vec<_>, _>>()?;
        let end = self.end().map_err(|what| ring.damaged(what))?;
        let mut slots = Vec::new();
        for (index, (state, position)) in positions.into_iter().enumerate() {
            let name = ring.name.reserved.get(index).cloned();
            if state == SLOT_FREE && name.is_none() {
                continue;
            }
            // As for a consumer that resumes: what is known of the end may lag, but not by more than a lap.
            if position > end.position + capacity {
                let end = end.position;
                return Err(ring.damaged(format!("slot {index} has position {position}, a lap after the end {end}")));
            }
            let holds = state == SLOT_ACTIVE;
            // A consumer that has gone on since its position was read may have let the producer go further than a lap.
            let behind_bytes = if holds { end.position.saturating_sub(position).min(capacity) } else { 0 };
            slots.push(SlotStatus {
                index,
                name,
                holds,
                attached: self.is_held(LOCK_SLOTS + index as u64)?,
                process: control.slots[index].process.load(Ordering::Relaxed),
                behind_bytes,
                behind_frames: if behind_bytes == 0 { 0 } else { self.frames_from(index, position, end)? },
            });
        }
        Ok(RingStatus {
            capacity_bytes: capacity,
            used_bytes: slots.iter().map(|slot| slot.behind_bytes).max().unwrap_or(0),
            next_sequence: end.next_sequence,
            dropped: control.head.ledger.dropped.load(Ordering::Relaxed),
            producer: ProducerState::of(ring)?,
            slots,
        })
    }

    /// Whether the ring is still the file at its path. Ends that have it open go on in one that was deleted, moved or replaced
    /// by hand, and learn nothing of it; who opens the name meanwhile has another ring. An isolated ring has no path, and is
    /// where it was.
    pub fn is_at_its_path(&self) -> Result<bool, Error> {
        if self.ring.files.body.is_some() {
            return Ok(true);
        }
        let own = self.ring.files.head.metadata().map_err(|error| self.ring.os("look at", error))?;
        match std::fs::metadata(self.path()) {
            Ok(found) => Ok((found.dev(), found.ino()) == (own.dev(), own.ino())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
            Err(error) => Err(self.ring.os("look at", error)),
        }
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        self.ring.name.path()
    }

    /// A slot's state and position, checked.
    fn position(&self, index: usize, line: &SlotLine) -> Result<(u32, u64), Error> {
        let state = line.state.load(Ordering::Acquire);
        // Pairs with release(): what the consumer gave back was committed before, and so is seen by end().
        let position = line.position.load(Ordering::Acquire);
        if !matches!(state, SLOT_FREE | SLOT_ACTIVE | SLOT_JOINING) || !plausible(position) {
            return Err(self.ring.damaged(format!("slot {index} has state {state} and position {position}")));
        }
        Ok((state, position))
    }

    /// Goes over what was committed since the producer last told where the ring ends.
    fn end(&self) -> Result<End, String> {
        let (control, body) = (self.ring.control(), self.ring.body());
        let line = &control.head.producer;
        let tail = line.tail.load(Ordering::Acquire);
        if !plausible(tail) {
            return Err(format!("the producer's line has position {tail}"));
        }
        let newest = newest(control, body)?;
        let (mut position, mut next_sequence) = (tail, line.next_sequence.load(Ordering::Relaxed));
        if let Observation::Record(record, _) = observe(control, body, &Reader::at(newest))? {
            (position, next_sequence) = (position.max(record.end), next_sequence.max(record.sequence + 1));
        }
        Ok(End { position, next_sequence })
    }

    /// How many frames lie between a slot's position and the end, by the number of the one that stands there.
    fn frames_from(&self, slot: usize, position: u64, end: End) -> Result<u64, Error> {
        let polled = Reader::at(position).poll(self.ring.body());
        // Pairs with the acquire load in Writer::slot_position: as long as the slot stands there, nobody writes there.
        fence(Ordering::Acquire);
        if self.ring.control().slots[slot].position.load(Ordering::Relaxed) != position {
            return Ok(0);
        }
        let record = polled.map_err(|what| self.ring.damaged(format!("slot {slot}: {what}")))?;
        Ok(record.map_or(0, |record| end.next_sequence.saturating_sub(record.sequence)))
    }

    fn is_held(&self, lock: u64) -> Result<bool, Error> {
        self.ring.locks.is_held(lock).map_err(|error| self.ring.os("ask for a lock", error))
    }
}

impl ProducerState {
    /// What is known of a ring's producer.
    pub(crate) fn of(ring: &Mapped) -> Result<Self, Error> {
        use crate::ring::layout::{STATE_CLOSED, STATE_NEVER_OPENED, STATE_REPLACED};
        let state = ring.control().head.state.state.load(Ordering::Acquire);
        let held = ring.locks.is_held(LOCK_PRODUCER);
        Ok(match (state, held.map_err(|error| ring.os("ask for the producer's lock", error))?) {
            (STATE_REPLACED, _) => Self::Replaced,
            (STATE_NEVER_OPENED, _) => Self::NeverOpened,
            (STATE_CLOSED, _) => Self::Closed,
            (_, true) => Self::Open,
            (_, false) => Self::Gone,
        })
    }
}

impl fmt::Debug for RingMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingMonitor").field("ring", &self.ring.name).finish_non_exhaustive()
    }
}
