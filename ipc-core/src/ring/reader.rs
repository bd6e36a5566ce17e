//! A reader's side of the protocol: poll, join, resume, release; rules 2, 3 and 6 of ARCHITECTURE.md, section "Protocol".

use std::cell::Cell;

use super::faults::{Fault, active};
use super::layout::{
    HEADER_BYTES, KIND_FRAME, KIND_PADDING, KIND_STAMPED, SLOT_ACTIVE, SLOT_JOINING, SlotLine, header_bytes, kind_of,
    len_of, stride,
};
use super::protocol::{Body, Broken, Control, MAX_POSITION, MAX_SEQUENCE, Record, plausible};
use super::stop::{self, Stop};
use super::sync::{Ordering, fence};

/// Tries of a joiner. A failed one means that the producer has looked at the slots within the few instructions since the
/// joiner loaded the tail: a hundred in a row do not happen, so after these many somebody has overwritten the limit.
const MAX_JOIN_TRIES: u32 = 100_000;

/// [`Reader::next_sequence`] before the first frame: any number will do. A number that a frame may have, so that one which
/// happens to have it needs no check.
const UNKNOWN: u64 = MAX_POSITION;

/// A reader's private state: a consumer's, or the part of an observer's that walks records.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// Where the next record stands.
    position: Cell<u64>,
    /// Sequence number of the next frame if none was dropped before it, or [`UNKNOWN`].
    next_sequence: Cell<u64>,
    /// Frames that were dropped between those that were read.
    missed: Cell<u64>,
    /// The last record's word, and the stride that follows from it: most streams have frames of one size.
    ///
    /// That the next record has the same word is predicted by the processor, so the next position does not wait for the
    /// word to arrive, and nothing that follows from the word alone is checked twice.
    usual_word: Cell<u64>,
    usual_stride: Cell<u64>,
}

impl Reader {
    /// Begins at a record. The first frame of a ring has number 0; in the middle any number may come first.
    pub(crate) fn at(position: u64) -> Self {
        Self {
            position: Cell::new(position),
            next_sequence: Cell::new(if position == 0 { 0 } else { UNKNOWN }),
            missed: Cell::new(0),
            usual_word: Cell::new(0),
            usual_stride: Cell::new(0),
        }
    }

    /// Where the next record stands.
    #[inline(always)]
    pub(crate) fn position(&self) -> u64 {
        self.position.get()
    }

    /// Bytes from the last record to the next.
    pub(crate) fn usual_stride(&self) -> u64 {
        self.usual_stride.get()
    }

    /// Goes to another record, past frames that are not to be read.
    pub(crate) fn jump(&self, position: u64) {
        self.position.set(position);
    }

    /// Goes where another reader of the same ring is.
    pub(crate) fn go_to(&self, other: &Self) {
        self.position.set(other.position.get());
        self.next_sequence.set(other.next_sequence.get());
        self.missed.set(other.missed.get());
    }

    /// Frames that were dropped, or jumped over, between those that were read.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.get()
    }

    /// Whether something is committed at the position. Says nothing about what.
    #[inline(always)]
    pub(crate) fn is_there(&self, body: &impl Body) -> bool {
        body.header(self.position.get()).word.load(Ordering::Relaxed) != 0
    }

    /// The next record, if it is committed (rule 2).
    #[inline(always)]
    pub(crate) fn poll(&self, body: &impl Body) -> Result<Option<Record>, Broken> {
        let mut start = self.position.get();
        let mut word = body.header(start).word.load(Ordering::Relaxed);
        if word == 0 {
            return Ok(None);
        }
        // Pairs with the release stores in Writer::commit. A load by itself: the body is mapped read-only.
        if !active(Fault::NoFenceAfterPoll) {
            fence(Ordering::Acquire);
        }
        if word != self.usual_word.get() {
            (start, word) = self.check_word(body, start, word)?;
        }
        let stride = self.usual_stride.get();
        if (start & (body.capacity() - 1)) + stride > body.capacity() {
            return Err(too_long(body, start, word));
        }
        let sequence = body.header(start).sequence.load(Ordering::Relaxed);
        if sequence != self.next_sequence.get() {
            self.check_gap(start, sequence)?;
        }
        let end = start + stride;
        self.position.set(end);
        self.next_sequence.set(sequence + 1);
        let header_bytes = header_bytes(kind_of(word));
        Ok(Some(Record { start, end, header_bytes, frame_bytes: len_of(word) - header_bytes as u32, sequence }))
    }

    /// Checks a word before anything of it is believed, and makes it the usual one; goes over a padding. Gives the position
    /// of the frame's record and its word.
    #[inline(never)]
    fn check_word(&self, body: &impl Body, mut start: u64, mut word: u64) -> Result<(u64, u64), Broken> {
        if kind_of(word) == KIND_PADDING {
            let to_end = body.capacity() - (start & (body.capacity() - 1));
            // Never the whole body: a frame takes at most half of it.
            if u64::from(len_of(word)) != to_end || to_end == body.capacity() {
                return Err(too_long(body, start, word));
            }
            start += to_end;
            // There already: a padding and the record after it are one commit.
            word = body.header(start).word.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
        }
        if word == self.usual_word.get() {
            return Ok((start, word));
        }
        let kind = kind_of(word);
        if kind != KIND_FRAME && kind != KIND_STAMPED {
            return Err(format!("the record at {start} has kind {kind} and {} bytes", len_of(word)));
        }
        let stride = stride(len_of(word));
        if u64::from(len_of(word)) < header_bytes(kind) || stride + HEADER_BYTES > body.capacity() / 2 {
            return Err(too_long(body, start, word));
        }
        self.usual_word.set(word);
        self.usual_stride.set(stride);
        Ok((start, word))
    }

    /// Counts what is missing before a frame of this number; numbers grow (rule 6).
    #[cold]
    #[inline(never)]
    fn check_gap(&self, start: u64, sequence: u64) -> Result<(), Broken> {
        let expected = self.next_sequence.get();
        if sequence > MAX_SEQUENCE {
            return Err(format!("the record at {start} has sequence {sequence}"));
        }
        if expected != UNKNOWN {
            if sequence < expected {
                return Err(format!("the record at {start} has sequence {sequence}, after {}", expected - 1));
            }
            self.missed.set(self.missed.get() + (sequence - expected));
        }
        Ok(())
    }

    /// Goes on where the last consumer in an active slot stopped. The caller holds the slot's lock.
    pub(crate) fn resume(control: Control<'_>, capacity: u64, slot: &SlotLine) -> Result<Self, Broken> {
        // Relaxed: the lock orders this after the last holder's stores.
        let position = slot.position.load(Ordering::Relaxed);
        // The tail may lag behind a record that the last holder has had already.
        let tail = control.head.producer.tail.load(Ordering::Acquire);
        if !plausible(position) || !plausible(tail) || position > tail + capacity || tail > position + capacity {
            return Err(format!("its position is {position}, more than the capacity from the tail {tail}"));
        }
        Ok(Self::at(position))
    }

    /// Makes `slot` hold the producer back from now on, and starts where the next record goes (rule 3). The caller holds
    /// the slot's lock.
    pub(crate) fn join(control: Control<'_>, body: &impl Body, slot: &SlotLine) -> Result<Self, Broken> {
        // Never goes back, also when the slot's last consumer knew of a newer record than the producer's line does.
        let mut position = slot.position.load(Ordering::Relaxed);
        stop::at(Stop::JoinLocked);
        for _ in 0..MAX_JOIN_TRIES {
            // Pairs with the release store in Writer::publish: the record here, or the zeroed word, is seen.
            position = position.max(control.head.producer.tail.load(Ordering::Acquire));
            if !plausible(position) {
                return Err(format!("the tail, or the slot's last position, is {position}"));
            }
            slot.position.store(position, Ordering::Relaxed);
            stop::at(Stop::JoinPlaced);
            // Release: who sees the state sees the position.
            let state = if active(Fault::ActiveAtOnce) { SLOT_ACTIVE } else { SLOT_JOINING };
            slot.state.store(state, Ordering::Release);
            stop::at(Stop::JoinActive);
            // Pairs with the fence in Writer::rescan.
            if !active(Fault::NoFenceInJoin) {
                fence(Ordering::SeqCst);
            }
            let limit = control.head.limit.limit.load(Ordering::Relaxed);
            if limit <= position + body.capacity() || active(Fault::NoLimitCheck) {
                slot.state.store(SLOT_ACTIVE, Ordering::Release);
                return Self::from_now_on(body, slot, position);
            }
        }
        Err(format!("the limit stays more than the capacity after the tail {position}"))
    }

    /// Goes over what was committed since the tail was stored: a joiner gets what is sent from now on. No further than a
    /// lap, since its slot holds the producer back.
    fn from_now_on(body: &impl Body, slot: &SlotLine, position: u64) -> Result<Self, Broken> {
        let reader = Self::at(position);
        while reader.poll(body)?.is_some() {
            reader.missed.set(0);
            if reader.position() - position > body.capacity() {
                return Err(format!("records go on for more than the capacity after the tail {position}"));
            }
        }
        release(slot, reader.position());
        Ok(reader)
    }
}

/// Gives the bytes before `position` back to the producer.
#[inline]
pub(crate) fn release(slot: &SlotLine, position: u64) {
    // Pairs with the acquire load in slot_position().
    let release = if active(Fault::RelaxedRelease) { Ordering::Relaxed } else { Ordering::Release };
    slot.position.store(position, release);
    stop::at(Stop::Released);
}

#[cold]
fn too_long(body: &impl Body, start: u64, word: u64) -> Broken {
    let to_end = body.capacity() - (start & (body.capacity() - 1));
    let (len, kind) = (len_of(word), kind_of(word));
    format!("the record at {start}, of kind {kind}, claims {len} bytes, with {to_end} up to the end of the body")
}
