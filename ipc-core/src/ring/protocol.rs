//! The protocol over the ring: claim, commit, poll, release, join, resume, observe: rules 1 to 6 of
//! ARCHITECTURE.md, section "Protocol".
//!
//! Everything here works on two things: [`Control`], the shared lines, and a [`Body`], which finds a record's header by
//! its position. A mapped file is one body, a vector in a loom model is the other. No function here blocks, allocates or
//! makes a system call, and every value that another process may have written is checked before it is used.

use super::faults::{Fault, active};
use super::layout::{
    ControlHead, HEADER_BYTES, KIND_FRAME, KIND_PADDING, KIND_STAMPED, RECORD_ALIGN, RecordHeader, SLOT_ACTIVE,
    SLOT_FREE, SLOT_JOINING, STAMPED_HEADER_BYTES, STATE_REPLACED, SlotLine, stride,
};
use super::stop::{self, Stop};
use super::sync::{Ordering, fence};

/// The shared lines of a ring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Control<'m> {
    pub(crate) head: &'m ControlHead,
    pub(crate) slots: &'m [SlotLine],
}

/// Where records stand.
pub(crate) trait Body {
    /// Bytes of the body, a power of two.
    fn capacity(&self) -> u64;
    /// The header of the record at `position`, a multiple of [`RECORD_ALIGN`].
    fn header(&self, position: u64) -> &RecordHeader;
    /// Asks the processor to own the cache line at `position` soon: it will be written.
    fn prefetch_write(&self, _position: u64) {}
}

/// Positions and sequence numbers stay below this, so that sums with a capacity never overflow.
const MAX_POSITION: u64 = 1 << 62;

/// How far ahead of the producer lines are fetched for writing. Consumers have read them a lap ago, so without this each
/// commit word waits until the line of the next header has come over from another core.
const PREFETCH_BYTES: u64 = 512;

/// Tries of a joiner. A failed one means that the producer has looked at the slots within the few instructions since the
/// joiner loaded the tail: a hundred in a row do not happen, so after these many somebody has overwritten the limit.
const MAX_JOIN_TRIES: u32 = 100_000;

/// Whether a record can stand at this position of some ring.
pub(crate) fn plausible(position: u64) -> bool {
    position <= MAX_POSITION && position.is_multiple_of(RECORD_ALIGN)
}

/// Something that only a broken peer can have written. The text says what.
pub(crate) type Broken = String;

/// Why there is no space: the slot that holds the producer back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSpace {
    /// This slot is the slowest.
    Slot(usize),
    /// This slot holds a position that no consumer can have.
    Broken(usize, Broken),
    /// The ring was removed: there is no point in more frames.
    Replaced,
}

/// The producer's private state.
#[derive(Debug)]
pub(crate) struct Writer {
    /// Where the next record goes.
    tail: u64,
    /// The producer may claim up to here without looking at the slots.
    limit: u64,
    /// Sequence number of the next frame.
    next_sequence: u64,
    /// The furthest claim that was stored.
    claim: u64,
    /// The position that each slot had when it was last believed.
    seen: Box<[u64]>,
}

/// Space for one record, claimed and not yet committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    /// Where the padding stands, if `start` differs: at the old tail.
    padding: u64,
    /// Where the record stands.
    pub(crate) start: u64,
    /// Length of the record, header included.
    word: u32,
    kind: u32,
}

impl Claim {
    /// Where the frame stands.
    #[inline(always)]
    pub(crate) fn frame(&self) -> u64 {
        self.start + self.header_bytes()
    }

    /// Length of the frame.
    #[inline(always)]
    pub(crate) fn frame_bytes(&self) -> u32 {
        self.word - self.header_bytes() as u32
    }

    #[inline(always)]
    fn header_bytes(&self) -> u64 {
        if self.kind == KIND_STAMPED { STAMPED_HEADER_BYTES } else { HEADER_BYTES }
    }
}

impl Writer {
    /// Goes on where the ring's last producer stopped (rule 5).
    pub(crate) fn resume(control: Control<'_>, body: &impl Body) -> Result<Self, Broken> {
        let line = &control.head.producer;
        // Relaxed: the producer lock was taken before, and the kernel orders its hand-over.
        let mut tail = line.tail.load(Ordering::Relaxed);
        let mut next_sequence = line.next_sequence.load(Ordering::Relaxed);
        let mut last = line.last.load(Ordering::Relaxed);
        let claim = line.claim.load(Ordering::Relaxed);
        if !plausible(tail) || !plausible(last) || claim > tail + 2 * body.capacity() || next_sequence > MAX_POSITION {
            return Err(format!(
                "the producer's line has tail {tail}, last {last}, claim {claim}, next sequence {next_sequence}"
            ));
        }
        let start = tail;
        let mut reader = Reader { position: tail, next_sequence: 0 };
        // A crash separates a commit from the store of the tail once, so one record and its padding can follow.
        while let Some(record) = reader.poll(body)? {
            (tail, last, next_sequence) = (record.end, record.start, next_sequence.max(record.sequence + 1));
            if tail - start > body.capacity() {
                return Err(format!("records go on for more than the capacity after the tail {start}"));
            }
        }
        line.last.store(last, Ordering::Release);
        line.next_sequence.store(next_sequence, Ordering::Relaxed);
        line.tail.store(tail, Ordering::Release);
        let seen = vec![0; control.slots.len()].into_boxed_slice();
        let mut writer = Self { tail, limit: 0, next_sequence, claim, seen };
        match writer.slowest(control, body.capacity()) {
            Err(NoSpace::Broken(_, broken)) => Err(broken),
            _ => Ok(writer),
        }
    }

    /// Claims space for a frame of `frame_bytes`, which the caller has checked against [`max_frame`].
    #[inline]
    pub(crate) fn claim(
        &mut self,
        control: Control<'_>,
        body: &impl Body,
        stamped: bool,
        frame_bytes: u32,
    ) -> Result<Claim, NoSpace> {
        let (kind, header) = if stamped { (KIND_STAMPED, STAMPED_HEADER_BYTES) } else { (KIND_FRAME, HEADER_BYTES) };
        let word = frame_bytes + header as u32;
        let to_end = body.capacity() - (self.tail & (body.capacity() - 1));
        let start = if stride(word) <= to_end { self.tail } else { self.tail + to_end };
        let claim = start + stride(word) + HEADER_BYTES;
        if claim > self.limit {
            self.rescan(control, body.capacity(), claim)?;
        }
        if claim > self.claim {
            // Rule 4, pairs with still_there(): an observer that sees a byte written below sees this store.
            control.head.producer.claim.store(claim, Ordering::Relaxed);
            if !active(Fault::NoFenceAfterClaim) {
                fence(Ordering::Release);
            }
            self.claim = claim;
        }
        stop::at(Stop::Claimed);
        body.prefetch_write(claim + PREFETCH_BYTES);
        Ok(Claim { padding: self.tail, start, word, kind })
    }

    /// Looks at the slots and raises the limit to at least `wanted` (rule 3).
    #[cold]
    fn rescan(&mut self, control: Control<'_>, capacity: u64, wanted: u64) -> Result<(), NoSpace> {
        if control.head.state.state.load(Ordering::Relaxed) == STATE_REPLACED {
            return Err(NoSpace::Replaced);
        }
        let (slowest, slot) = self.slowest(control, capacity)?;
        let limit = slowest + capacity;
        if limit < wanted {
            return Err(NoSpace::Slot(slot.expect("an empty ring has room for half its capacity")));
        }
        // Pairs with Reader::join: of a producer that stores its limit and then looks at the slots, and a joiner that
        // stores its slot and then looks at the limit, at least one sees the other.
        control.head.limit.limit.store(limit, Ordering::Relaxed);
        stop::at(Stop::LimitStored);
        if !active(Fault::NoFenceInRescan) {
            fence(Ordering::SeqCst);
        }
        if active(Fault::NoRescan) {
            self.limit = limit;
            return Ok(());
        }
        let (slowest, slot) = self.slowest(control, capacity)?;
        self.limit = limit.min(slowest + capacity);
        match slot {
            Some(slot) if self.limit < wanted => Err(NoSpace::Slot(slot)),
            _ => Ok(()),
        }
    }

    /// The least position of all active slots, and whose it is; the tail if there is none.
    fn slowest(&mut self, control: Control<'_>, capacity: u64) -> Result<(u64, Option<usize>), NoSpace> {
        let mut slowest = (self.tail, None);
        for (index, slot) in control.slots.iter().enumerate() {
            // Pairs with the store of the state in Reader::join and with the one that frees a slot.
            let state = slot.state.load(Ordering::Acquire);
            // A joiner that slept since it loaded the tail may be a lap behind. The limit that let the producer go there
            // was stored and fenced before, so the joiner will see it, and try again.
            let stale =
                state == SLOT_JOINING && slot.position.load(Ordering::Relaxed).saturating_add(capacity) < self.tail;
            if state != SLOT_FREE && !stale {
                let position = self.slot_position(slot, index, capacity)?;
                if slowest.1.is_none() || position < slowest.0 {
                    slowest = (position, Some(index));
                }
            }
        }
        Ok(slowest)
    }

    /// A slot's position, checked (rule 6).
    fn slot_position(&mut self, slot: &SlotLine, index: usize, capacity: u64) -> Result<u64, NoSpace> {
        // Pairs with release(): the consumer's reads of a frame come before the producer's writes over it.
        let position = slot.position.load(Ordering::Acquire);
        let seen = self.seen[index];
        let fault = if !position.is_multiple_of(RECORD_ALIGN) {
            "which is no multiple of 16"
        } else if position > self.tail {
            "which lies after the tail"
        } else if self.tail - position > capacity {
            "which lies more than the capacity before the tail"
        } else if position < seen {
            "which has gone back"
        } else {
            self.seen[index] = position;
            return Ok(position);
        };
        let tail = self.tail;
        Err(NoSpace::Broken(
            index,
            format!("slot {index} has position {position}, {fault} (tail {tail}, before: {seen})"),
        ))
    }

    /// Makes a claimed record visible (rule 1) and returns its sequence number. The caller has written the frame.
    #[inline]
    pub(crate) fn commit(&mut self, control: Control<'_>, body: &impl Body, claim: Claim) -> u64 {
        let sequence = self.next_sequence;
        let header = body.header(claim.start);
        header.kind.store(claim.kind, Ordering::Relaxed);
        header.sequence.store(sequence, Ordering::Relaxed);
        let end = claim.start + stride(claim.word);
        stop::at(Stop::BeforeZeroing);
        if !active(Fault::NoZeroing) {
            body.header(end).word.store(0, Ordering::Relaxed);
        }
        stop::at(Stop::Zeroed);
        // Pairs with the fence in Reader::poll.
        let release = if active(Fault::RelaxedCommit) { Ordering::Relaxed } else { Ordering::Release };
        if claim.padding == claim.start {
            header.word.store(claim.word, release);
        } else {
            let padding = body.header(claim.padding);
            padding.kind.store(KIND_PADDING, Ordering::Relaxed);
            padding.sequence.store(0, Ordering::Relaxed);
            stop::at(Stop::Padded);
            let to_end = (claim.start - claim.padding) as u32;
            if active(Fault::PaddingFirst) {
                padding.word.store(to_end, release);
                header.word.store(claim.word, release);
            } else {
                header.word.store(claim.word, release);
                stop::at(Stop::BehindPadding);
                padding.word.store(to_end, release);
            }
        }
        stop::at(Stop::Committed);
        self.tail = end;
        self.next_sequence = sequence + 1;
        let line = &control.head.producer;
        // Release, as is the tail: observers and joiners that start here see the record, and the zeroed word after it.
        line.last.store(claim.start, Ordering::Release);
        line.next_sequence.store(self.next_sequence, Ordering::Relaxed);
        line.tail.store(end, Ordering::Release);
        stop::at(Stop::BeforeWake);
        sequence
    }

    /// Counts a frame that will not be sent, and returns the sequence number that it took.
    pub(crate) fn drop_frame(&mut self, control: Control<'_>) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        control.head.producer.next_sequence.store(self.next_sequence, Ordering::Relaxed);
        let dropped = &control.head.ledger.dropped;
        // A load and a store: the producer is the line's one writer. Wrapping: somebody else may have written to it.
        dropped.store(dropped.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        sequence
    }

    /// Where the next record goes.
    pub(crate) fn tail(&self) -> u64 {
        self.tail
    }

    /// Sequence number of the next frame.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.next_sequence
    }
}

/// The largest frame in bytes that fits a ring: header, frame and the next header fit in half the capacity.
pub(crate) fn max_frame(capacity: u64, stamped: bool) -> u64 {
    let header = if stamped { STAMPED_HEADER_BYTES } else { HEADER_BYTES };
    (capacity / 2 - HEADER_BYTES - header).min(u64::from(u32::MAX) - 2 * STAMPED_HEADER_BYTES)
}

/// A committed record that holds a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it stands.
    pub(crate) start: u64,
    /// Where the next one stands.
    pub(crate) end: u64,
    /// Bytes of its header.
    pub(crate) header_bytes: u64,
    /// Bytes of its frame.
    pub(crate) frame_bytes: u32,
    /// Its sequence number.
    pub(crate) sequence: u64,
}

/// A reader's private state: a consumer's, or the part of an observer's that walks records.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// Where the next record stands.
    pub(crate) position: u64,
    /// The least sequence number that the next frame can have.
    pub(crate) next_sequence: u64,
}

impl Reader {
    /// The next record, if it is committed (rule 2).
    #[inline(always)]
    pub(crate) fn poll(&mut self, body: &impl Body) -> Result<Option<Record>, Broken> {
        loop {
            let header = body.header(self.position);
            let word = header.word.load(Ordering::Relaxed);
            if word == 0 {
                return Ok(None);
            }
            // Pairs with the release stores in commit(). A load by itself: the body is mapped read-only.
            if !active(Fault::NoFenceAfterPoll) {
                fence(Ordering::Acquire);
            }
            let Some(record) = check_record(body, self.position, word)? else {
                self.position += stride(word);
                continue;
            };
            if record.sequence < self.next_sequence {
                let last = self.next_sequence - 1;
                return Err(format!("the record at {} has sequence {}, after {last}", record.start, record.sequence));
            }
            *self = Self { position: record.end, next_sequence: record.sequence + 1 };
            return Ok(Some(record));
        }
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
        Ok(Self { position, next_sequence: 0 })
    }

    /// Makes `slot` hold the producer back from now on, and starts where the next record goes (rule 3). The caller holds
    /// the slot's lock.
    pub(crate) fn join(control: Control<'_>, capacity: u64, slot: &SlotLine) -> Result<Self, Broken> {
        // Never goes back, also when the slot's last consumer knew of a newer record than the producer's line does.
        let mut position = slot.position.load(Ordering::Relaxed);
        stop::at(Stop::JoinLocked);
        for _ in 0..MAX_JOIN_TRIES {
            // Pairs with the release store in commit(): the word at this position was zeroed.
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
            if limit <= position + capacity || active(Fault::NoLimitCheck) {
                slot.state.store(SLOT_ACTIVE, Ordering::Release);
                return Ok(Self { position, next_sequence: 0 });
            }
        }
        Err(format!("the limit stays more than the capacity after the tail {position}"))
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

/// Checks a record before anything of it is believed; `None` is a padding.
#[inline(always)]
fn check_record(body: &impl Body, position: u64, word: u32) -> Result<Option<Record>, Broken> {
    let header = body.header(position);
    let kind = header.kind.load(Ordering::Relaxed);
    let to_end = body.capacity() - (position & (body.capacity() - 1));
    let header_bytes = match kind {
        KIND_FRAME => HEADER_BYTES,
        KIND_STAMPED => STAMPED_HEADER_BYTES,
        // Never the whole body: a frame takes at most half of it. So a padding is followed by a frame, and poll() ends.
        KIND_PADDING if u64::from(word) == to_end && to_end < body.capacity() => return Ok(None),
        _ => return Err(format!("the record at {position} has kind {kind} and word {word}")),
    };
    if u64::from(word) < header_bytes || stride(word) > to_end || stride(word) + HEADER_BYTES > body.capacity() / 2 {
        return Err(format!("the record at {position} claims {word} bytes, with {to_end} up to the end of the body"));
    }
    let sequence = header.sequence.load(Ordering::Relaxed);
    if sequence > MAX_POSITION {
        return Err(format!("the record at {position} has sequence {sequence}"));
    }
    Ok(Some(Record {
        start: position,
        end: position + stride(word),
        header_bytes,
        frame_bytes: word - header_bytes as u32,
        sequence,
    }))
}

/// What an observer found at its position.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// Nothing is committed there yet, or the producer has claimed the place of the newest record again already.
    Nothing,
    /// A record, which may be overwritten at any moment: copy it by relaxed words, then ask [`still_there`].
    Record(Record),
    /// The producer has lapped the observer: the newest record is here.
    Lapped(u64),
}

/// Looks at an observer's next record (rule 4) without moving.
pub(crate) fn observe(control: Control<'_>, body: &impl Body, reader: &Reader) -> Result<Observation, Broken> {
    let mut ahead = reader.clone();
    let polled = ahead.poll(body);
    if !still_there(control, body, reader.position) {
        let last = newest(control)?;
        return Ok(if last > reader.position { Observation::Lapped(last) } else { Observation::Nothing });
    }
    Ok(match polled? {
        Some(record) => Observation::Record(record),
        None => Observation::Nothing,
    })
}

/// Whether all that was read at and after `position` before this call was still whole then.
pub(crate) fn still_there(control: Control<'_>, body: &impl Body, position: u64) -> bool {
    if active(Fault::NoClaimCheck) {
        return true;
    }
    // Pairs with the release fence in Writer::claim: whoever read a byte of a later lap sees its claim.
    fence(Ordering::Acquire);
    control.head.producer.claim.load(Ordering::Relaxed) <= position + body.capacity()
}

/// Where an observer (re)starts: the newest record.
pub(crate) fn newest(control: Control<'_>) -> Result<u64, Broken> {
    // Pairs with the release store in commit().
    let last = control.head.producer.last.load(Ordering::Acquire);
    if plausible(last) { Ok(last) } else { Err(format!("the newest record's position is {last}")) }
}
