//! The producer's side of the protocol: claim, commit, resume; rules 1, 3, 4 and 5 of ARCHITECTURE.md, section
//! "Protocol".

use super::faults::{Fault, active};
use super::inline::{Line, NOWHERE};
use super::layout::{
    HEADER_BYTES, KIND_PADDING, RECORD_ALIGN, SLOT_FREE, SLOT_JOINING, STATE_REPLACED, SlotLine, commit_word,
    header_bytes, kind_of, len_of, round_up, stride,
};
use super::protocol::{Body, Broken, Control, MAX_SEQUENCE, max_stride, plausible};
use super::reader::Reader;
use super::stop::{self, Stop};
use super::sync::{Ordering, fence};

/// How far the positions that others see may lag behind the producer's own outside of a batch, and how far it claims ahead
/// of small records.
///
/// A store to another cache line than the record's own keeps the processor from fetching the record's lines side by side,
/// so the producer's lines are written once for so many bytes. Who reads a position goes on from there over the records
/// that are committed after it.
const LAG_BYTES: u64 = 4096;

/// Why there is no space: the slot that holds the producer back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSpace {
    /// This slot is the slowest.
    Slot(usize),
    /// This slot holds a position that no consumer can have.
    Broken(usize, Broken),
    /// The frames of the batch that is being written.
    Batch,
    /// The ring was removed: there is no point in more frames.
    Replaced,
}

/// The producer's private state.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Writer {
    line: Line,
    /// In a batch: its first word, which makes all of it visible; 0 while there is none.
    held_back: u64,
    /// The furthest claim that was stored.
    claim: u64,
    /// The producer may claim up to here without looking at the slots. At most `published` and the capacity.
    limit: u64,
    /// The tail that others see.
    published: u64,
    /// The position that each slot had when it was last believed.
    seen: Box<[u64]>,
}

/// Space for one record, claimed and not yet committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    /// Where the record stands: at the tail, or behind a padding that stands there.
    pub(crate) start: u64,
    /// Its commit word. (Not length and kind: a processor that loads two stores at once waits for both to reach the cache,
    /// and with them for everything that was stored before.)
    word: u64,
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
        len_of(self.word) - self.header_bytes() as u32
    }

    #[inline(always)]
    fn header_bytes(&self) -> u64 {
        header_bytes(kind_of(self.word))
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
        if !plausible(tail) || !plausible(last) || claim > tail + 2 * body.capacity() || next_sequence > MAX_SEQUENCE {
            return Err(format!(
                "the producer's line has tail {tail}, last {last}, claim {claim}, next sequence {next_sequence}"
            ));
        }
        let start = tail;
        let reader = Reader::at(tail);
        while let Some(record) = reader.poll(body)? {
            (tail, last, next_sequence) = (record.end, record.start, next_sequence.max(record.sequence + 1));
            if tail - start > body.capacity() {
                return Err(format!("records go on for more than the capacity after the tail {start}"));
            }
        }
        let seen = vec![0; control.slots.len()].into_boxed_slice();
        let (batch, room) = (NOWHERE, 0);
        let line = Line { tail, last, next_sequence, zeroed: tail, room, batch, left: 0, left_word: 0 };
        let mut writer = Self { line, held_back: 0, claim, limit: 0, published: start, seen };
        writer.publish(control);
        match writer.slowest(control, body.capacity()) {
            Err(NoSpace::Broken(_, broken)) => Err(broken),
            _ => Ok(writer),
        }
    }

    /// Claims space for a frame of `frame_bytes` in a record of that kind, if there is room at hand.
    #[inline(always)]
    pub(crate) fn claim(&mut self, body: &impl Body, kind: u32, frame_bytes: u32) -> Option<Claim> {
        let len = u64::from(frame_bytes) + header_bytes(kind);
        if self.line.tail + round_up(len, RECORD_ALIGN) > self.line.room {
            return None;
        }
        Some(self.begin(body, Claim { start: self.line.tail, word: commit_word(len as u32, kind) }))
    }

    /// The same, if there is any room. The caller has checked the size against
    /// [`max_frame`](super::protocol::max_frame).
    pub(crate) fn claim_anew(
        &mut self,
        control: Control<'_>,
        body: &impl Body,
        kind: u32,
        frame_bytes: u32,
    ) -> Result<Claim, NoSpace> {
        let len = frame_bytes + header_bytes(kind) as u32;
        let start = self.make_room(control, body.capacity(), stride(len))?;
        Ok(self.begin(body, Claim { start, word: commit_word(len, kind) }))
    }

    /// Writes what can be written before the frame, so that the stores go forward through the record's lines: the word after
    /// it, which says that nothing is committed there, and all of its header but the word that commits it.
    #[inline(always)]
    fn begin(&mut self, body: &impl Body, claim: Claim) -> Claim {
        stop::at(Stop::Claimed);
        let header = body.header(claim.start);
        let end = claim.start + stride(len_of(claim.word));
        // Also when the claim is given up: its frame may then have been written over a word that was zeroed before. In a batch
        // no word is zeroed.
        if self.line.zeroed != end {
            if !self.is_in_batch() {
                self.zero(body, end);
            } else if self.line.batch != claim.start {
                // Who reads this has seen the first word of the batch.
                header.word.store(claim.word, Ordering::Relaxed);
            }
        }
        header.sequence.store(self.line.next_sequence, Ordering::Relaxed);
        stop::at(Stop::Zeroed);
        claim
    }

    /// Where a record of that stride starts, which does not fit before `room`; rules 3 and 4.
    fn make_room(&mut self, control: Control<'_>, capacity: u64, stride: u64) -> Result<u64, NoSpace> {
        if !self.is_in_batch() {
            self.publish(control);
        }
        let to_end = capacity - (self.line.tail & (capacity - 1));
        let start = if stride <= to_end { self.line.tail } else { self.line.tail + to_end };
        let wanted = start + stride + HEADER_BYTES;
        if wanted > self.limit {
            self.rescan(control, capacity, wanted)?;
        }
        let lag = LAG_BYTES.min(capacity / 8);
        let claim = wanted + if stride <= lag { lag } else { 0 };
        if claim > self.claim {
            // Pairs with still_there(): an observer that sees a byte written after this sees this store.
            control.head.producer.claim.store(claim, Ordering::Relaxed);
            if !active(Fault::NoFenceAfterClaim) {
                fence(Ordering::Release);
            }
            self.claim = claim;
        }
        self.line.room =
            (self.limit.min(self.claim) - HEADER_BYTES).min(self.line.tail + to_end.min(max_stride(capacity)));
        Ok(start)
    }

    /// Tells joiners, observers and the next producer where the ring ends.
    pub(crate) fn publish(&mut self, control: Control<'_>) {
        let line = &control.head.producer;
        // Release, as is the tail: observers and joiners that start there see the record, and the zeroed word after it.
        line.last.store(self.line.last, Ordering::Release);
        line.next_sequence.store(self.line.next_sequence, Ordering::Relaxed);
        line.tail.store(self.line.tail, Ordering::Release);
        self.published = self.line.tail;
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
            return Err(slot.map_or(NoSpace::Batch, NoSpace::Slot));
        }
        // Pairs with Reader::join: of a producer that stores its limit and then looks at the slots, and a joiner that
        // stores its slot and then looks at the limit, at least one sees the other.
        let shown = &control.head.limit.limit;
        // It never goes back, also over a restart: a joiner that has slept since before would take a position for good over
        // which records were written. (No limit is further than this from the tail, unless somebody has overwritten it.)
        let before = shown.load(Ordering::Relaxed).min(self.published + capacity);
        shown.store(limit.max(before), Ordering::Relaxed);
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
            slot if self.limit < wanted => Err(slot.map_or(NoSpace::Batch, NoSpace::Slot)),
            _ => Ok(()),
        }
    }

    /// The least position of all active slots, and whose it is; the published tail if there is none.
    fn slowest(&mut self, control: Control<'_>, capacity: u64) -> Result<(u64, Option<usize>), NoSpace> {
        let mut slowest = (self.published, None);
        for (index, slot) in control.slots.iter().enumerate() {
            // Pairs with the store of the state in Reader::join and with the one that frees a slot.
            let state = slot.state.load(Ordering::Acquire);
            // A joiner that slept since it loaded the tail may be a lap behind. The limit that let the producer go there
            // was stored and fenced before, so the joiner will see it, and try again.
            let stale = state == SLOT_JOINING
                && slot.position.load(Ordering::Relaxed).saturating_add(capacity) < self.line.tail;
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
        } else if position > self.published {
            "which lies after the tail"
        } else if self.line.tail - position > capacity {
            "which lies more than the capacity before the tail"
        } else if position < seen {
            "which has gone back"
        } else {
            self.seen[index] = position;
            return Ok(position);
        };
        let tail = self.line.tail;
        Err(NoSpace::Broken(
            index,
            format!("slot {index} has position {position}, {fault} (tail {tail}, before: {seen})"),
        ))
    }

    /// Makes a claimed record visible (rule 1) and returns its sequence number; in a batch, the batch makes it visible. The
    /// caller has written the frame.
    #[inline(always)]
    pub(crate) fn commit(&mut self, body: &impl Body, claim: Claim) -> u64 {
        let sequence = self.line.next_sequence;
        let stride = stride(len_of(claim.word));
        let end = claim.start + stride;
        stop::at(Stop::Written);
        if self.is_in_batch() {
            self.add_to_batch(body, claim);
        } else {
            if claim.start == self.line.tail {
                // Pairs with the fence in Reader::poll.
                body.header(claim.start).word.store(
                    claim.word,
                    if active(Fault::RelaxedCommit) { Ordering::Relaxed } else { Ordering::Release },
                );
            } else {
                commit_padding(body, self.line.tail, claim);
            }
            stop::at(Stop::Committed);
            // What the next record needs, if it is like this one: its line is fetched while nothing waits for it.
            if end + stride <= self.line.room {
                self.zero(body, end + stride);
            }
        }
        self.line.tail = end;
        self.line.last = claim.start;
        self.line.next_sequence = sequence + 1;
        stop::at(Stop::BeforeWake);
        sequence
    }

    /// Leaves a claim here. It outlives the beginning and the end of a batch.
    #[inline(always)]
    pub(crate) fn leave(&mut self, claim: Claim) {
        (self.line.left, self.line.left_word) = (claim.start, claim.word);
    }

    /// The claim that was left.
    #[inline(always)]
    pub(crate) fn left(&self) -> Option<Claim> {
        let Line { left, left_word, .. } = self.line;
        (left_word != 0).then_some(Claim { start: left, word: left_word })
    }

    /// Forgets the claim that was left.
    #[inline(always)]
    pub(crate) fn forget(&mut self) {
        self.line.left_word = 0;
    }

    /// Begins the claim that was left once more, after what is written before its frame has changed.
    fn begin_left(&mut self, body: &impl Body) {
        if let Some(claim) = self.left() {
            self.begin(body, claim);
        }
    }

    /// Says that nothing is committed at a claimed position.
    #[inline(always)]
    fn zero(&mut self, body: &impl Body, position: u64) {
        if !active(Fault::NoZeroing) {
            body.header(position).word.store(0, Ordering::Relaxed);
        }
        self.line.zeroed = position;
    }

    /// From now on records wait for [`end_batch`](Self::end_batch) to become visible.
    pub(crate) fn begin_batch(&mut self, control: Control<'_>, body: &impl Body) {
        self.publish(control);
        (self.line.batch, self.held_back) = (self.line.tail, 0);
        // A batch writes over it, also one that comes to nothing.
        self.line.zeroed = NOWHERE;
        self.begin_left(body);
    }

    /// Whether records wait for the end of a batch.
    #[inline(always)]
    pub(crate) fn is_in_batch(&self) -> bool {
        self.line.batch != NOWHERE
    }

    #[inline(always)]
    fn add_to_batch(&mut self, body: &impl Body, claim: Claim) {
        if claim.start != self.line.tail {
            let padding = padding_word(self.line.tail, claim);
            if self.line.tail == self.line.batch {
                self.held_back = padding;
            } else {
                body.header(self.line.tail).word.store(padding, Ordering::Relaxed);
            }
        } else if claim.start == self.line.batch {
            self.held_back = claim.word;
        }
    }

    /// Makes the records of a batch visible, all at once: one commit (rule 1). False if there are none.
    pub(crate) fn end_batch(&mut self, control: Control<'_>, body: &impl Body) -> bool {
        let first = std::mem::replace(&mut self.line.batch, NOWHERE);
        if first == NOWHERE || self.held_back == 0 {
            self.begin_left(body);
            return false;
        }
        self.zero(body, self.line.tail);
        stop::at(Stop::BatchZeroed);
        // Pairs with the fence in Reader::poll.
        let release = if active(Fault::RelaxedBatch) { Ordering::Relaxed } else { Ordering::Release };
        body.header(first).word.store(self.held_back, release);
        stop::at(Stop::BatchCommitted);
        self.publish(control);
        self.begin_left(body);
        true
    }

    /// Counts a frame that will not be sent, and returns the sequence number that it took.
    pub(crate) fn drop_frame(&mut self, control: Control<'_>, body: &impl Body) -> u64 {
        let sequence = self.line.next_sequence;
        self.line.next_sequence += 1;
        control.head.producer.next_sequence.store(self.line.next_sequence, Ordering::Relaxed);
        let dropped = &control.head.ledger.dropped;
        // A load and a store: the producer is the line's one writer. Wrapping: somebody else may have written to it.
        dropped.store(dropped.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        self.begin_left(body);
        sequence
    }

    /// Where the next record goes.
    pub(crate) fn tail(&self) -> u64 {
        self.line.tail
    }

    /// Sequence number of the next frame.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.line.next_sequence
    }
}

/// A padding and the record after it are one commit: the record's word first, the padding's last.
#[cold]
fn commit_padding(body: &impl Body, tail: u64, claim: Claim) {
    stop::at(Stop::Padded);
    let mut put = [(claim.start, claim.word), (tail, padding_word(tail, claim))];
    if active(Fault::PaddingFirst) {
        put.reverse();
    }
    // Pairs with the fences in Reader::poll and Reader::check_word.
    let release = if active(Fault::RelaxedCommit) { Ordering::Relaxed } else { Ordering::Release };
    body.header(put[0].0).word.store(put[0].1, release);
    stop::at(Stop::BehindPadding);
    body.header(put[1].0).word.store(put[1].1, release);
}

/// The word of the padding between the tail and a claimed record.
fn padding_word(tail: u64, claim: Claim) -> u64 {
    commit_word((claim.start - tail) as u32, KIND_PADDING)
}
