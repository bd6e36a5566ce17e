//! [`RawProducer`]: the one writer of a ring, by bytes. The typed [`Producer`](crate::Producer) is a thin layer over it.

use std::fmt;
use std::mem::offset_of;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipc_schema::topology::OnFull;

use super::{Inline, Patience, RawClass};
use crate::class::ZeroRegions;
use crate::communicator::{Course, Steering};
use crate::error::Error;
use crate::linux::monotonic_ns;
use crate::producer::Delivery;
use crate::ring::doorbell::Bells;
use crate::ring::fence::Fence;
use crate::ring::layout::{
    HEADER_BYTES, KIND_FRAME, KIND_STAMPED, LOCK_PRODUCER, LOCK_SLOTS, SLOT_ACTIVE, STAMPED_HEADER_BYTES, STATE_CLOSED,
    STATE_OPEN, STATE_REPLACED,
};
use crate::ring::mapped::Mapped;
use crate::ring::protocol::{Body, max_frame};
use crate::ring::sync::Ordering;
use crate::ring::wait::{wake_all, wake_sleepers};
use crate::ring::waiting::{After, Wait, wait_until};
use crate::ring::writer::{Claim, NoSpace, Writer};

/// The one writer of a ring.
///
/// A frame is bytes here: that they are one of the ring's class is the caller's business, but for their number. Dropping a
/// producer ends the stream, as [`close`](Self::close) does, unless the thread is panicking: a crash is not an end.
///
/// A reserved frame belongs to the producer and not to a borrow of it, for callers whose language has none: up to
/// [`publish`](Self::publish) or [`abandon`](Self::abandon) no other is reserved or sent, which is [`Error::FrameOpen`].
///
/// # Errors
///
/// As for a [`Producer`](crate::Producer).
#[repr(C)]
pub struct RawProducer {
    /// First, so that a producer's address is that of the line which C goes on with: see [`inline`](Self::inline).
    writer: Writer,
    ring: Mapped,
    wait: Wait,
    /// Of the records: with or without publish time.
    kind: u32,
    zero_regions: ZeroRegions,
    ended: bool,
    /// How long a frame of the class can be.
    least_bytes: u32,
    most_bytes: u32,
    on_full: OnFull,
    /// Who may end a wait for space.
    steering: Option<Arc<Steering>>,
    bells: Bells,
}

/// What a channel says of its producer alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) wait: Wait,
    pub(crate) publish_time: PublishTime,
    pub(crate) on_full: OnFull,
    pub(crate) zero_regions: ZeroRegions,
}

const _: () = assert!(offset_of!(RawProducer, writer) == 0);

/// What becomes of the stream when its producer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Consumers get what is left, and then [`Error::Closed`].
    Ends,
    /// Consumers wait for the producer that goes on.
    GoesOn,
}

/// A producer that has retired: its ring is mapped until this is dropped.
#[derive(Debug)]
pub struct Retired {
    _producer: RawProducer,
}

/// Whether records carry the time at which they were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublishTime {
    /// They do not: nothing reads the clock.
    #[default]
    Off,
    /// They carry CLOCK_MONOTONIC in nanoseconds.
    On,
}

impl RawProducer {
    pub(crate) fn new(ring: Mapped, class: &RawClass, settings: Settings) -> Result<Self, Error> {
        let Settings { wait, publish_time, on_full, zero_regions } = settings;
        if !ring.locks.try_lock(LOCK_PRODUCER).map_err(|error| ring.os("lock the producer's place", error))? {
            return Err(Error::ProducerTaken(Arc::clone(&ring.name)));
        }
        // What dead consumers left does not hold this producer back, however they left it.
        for slot in 0..ring.control().slots.len() {
            ring.reap(slot)?;
        }
        let writer = Writer::resume(ring.control(), ring.body()).map_err(|what| ring.damaged(what))?;
        let line = &ring.control().head.state;
        line.openings.store(line.openings.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        set_state(&ring, STATE_OPEN)?;
        ring.populate();
        let kind = if publish_time == PublishTime::On { KIND_STAMPED } else { KIND_FRAME };
        let (least_bytes, most_bytes) = class.frame_bytes().into_inner();
        let bells = Bells::default();
        bells.ring_all(&ring);
        let (ended, steering) = (false, None);
        Ok(Self { writer, ring, wait, kind, zero_regions, ended, least_bytes, most_bytes, on_full, steering, bells })
    }

    /// Lets the controller end a wait for space.
    pub(crate) fn steer(&mut self, steering: Arc<Steering>) {
        self.steering = Some(steering);
    }

    /// Whether [`reserve`](Self::reserve) zeroes a frame, for a producer that the application's file has opened.
    pub fn set_zero_regions(&mut self, zero_regions: ZeroRegions) {
        self.zero_regions = zero_regions;
    }

    /// Sends the bytes of a frame. Gives its sequence number.
    #[inline]
    pub fn send(&mut self, frame: &[u8], patience: Patience) -> Result<u64, Error> {
        let claim = self.claim_bytes(frame.len(), patience)?;
        self.frame(claim).copy_from_slice(frame);
        Ok(self.commit(claim))
    }

    /// Sends the bytes of a frame, and does what the channel says if the ring is full: waits, or drops the frame, which then
    /// takes a sequence number that consumers miss.
    #[inline]
    pub fn deliver(&mut self, frame: &[u8]) -> Result<Delivery, Error> {
        match self.send(frame, self.patience()) {
            Ok(sequence) => Ok(Delivery::Sent(sequence)),
            Err(error) => self.undelivered(error),
        }
    }

    /// How long [`deliver`](Self::deliver) waits for space; so long may who reserves a frame in its place.
    #[inline(always)]
    pub fn patience(&self) -> Patience {
        match self.on_full {
            OnFull::Wait => Patience::Endless,
            OnFull::Drop => Patience::None,
        }
    }

    /// What becomes of a frame for which there was no space: what [`deliver`](Self::deliver) does then, for who reserves in its place.
    #[cold]
    pub fn undelivered(&mut self, error: Error) -> Result<Delivery, Error> {
        match error {
            Error::Full { .. } => Ok(Delivery::Dropped(self.drop_frame()?)),
            Error::Quit(_) => Ok(Delivery::Unsent),
            error => Err(error),
        }
    }

    /// Reserves a frame of so many bytes, to write in place. It is zeroed unless the channel says otherwise; then it holds
    /// whatever the ring held.
    #[inline]
    pub fn reserve(&mut self, len_bytes: usize, patience: Patience) -> Result<&mut [u8], Error> {
        let claim = self.claim_bytes(len_bytes, patience)?;
        self.writer.leave(claim);
        let zero = self.zero_regions == ZeroRegions::Yes;
        let frame = self.frame(claim);
        if zero {
            frame.fill(0);
        }
        Ok(frame)
    }

    /// The frame that is reserved.
    pub fn reserved(&mut self) -> Option<&mut [u8]> {
        self.writer.left().map(|claim| self.frame(claim))
    }

    /// Makes the reserved frame visible to every consumer. Gives its sequence number.
    #[inline]
    pub fn publish(&mut self) -> Result<u64, Error> {
        self.ring.check_life()?;
        let Some(claim) = self.writer.left() else {
            return Err(Error::NothingReserved(Arc::clone(&self.ring.name)));
        };
        self.writer.forget();
        Ok(self.commit(claim))
    }

    /// Gives the reserved frame up; nothing of it is published.
    pub fn abandon(&mut self) {
        self.writer.forget();
    }

    /// From now on, frames become visible together, at [`end_batch`](Self::end_batch): one commit and one look for sleepers
    /// in place of one each. If the ring is full before, those so far become visible first. In a forked child it does nothing.
    #[inline]
    pub fn begin_batch(&mut self) {
        if !self.ring.is_inherited() && !self.writer.is_in_batch() {
            self.writer.begin_batch(self.ring.control(), self.ring.body());
        }
    }

    /// Makes the frames of the batch visible. In a forked child, where they are the parent's, it does nothing.
    #[inline]
    pub fn end_batch(&mut self) {
        if !self.ring.is_inherited() && self.writer.end_batch(self.ring.control(), self.ring.body()) {
            self.wake_consumers();
        }
    }

    /// Whether a batch has begun and not ended.
    #[inline]
    pub fn is_in_batch(&self) -> bool {
        self.writer.is_in_batch()
    }

    /// Counts a frame that was not sent: it takes a sequence number, which consumers miss.
    pub fn drop_frame(&mut self) -> Result<u64, Error> {
        self.ring.check_life()?;
        Ok(self.writer.drop_frame(self.ring.control(), self.ring.body()))
    }

    /// Frames that producers of this ring have dropped, from its beginning on.
    pub fn dropped(&self) -> u64 {
        self.ring.control().head.ledger.dropped.load(Ordering::Relaxed)
    }

    /// Sequence number of the next frame.
    pub fn next_sequence(&self) -> u64 {
        self.writer.next_sequence()
    }

    /// Bytes of the ring's body.
    pub fn capacity(&self) -> u64 {
        self.ring.body().capacity()
    }

    /// Bytes of it that the slowest consumer has not given back.
    pub fn used_bytes(&self) -> u64 {
        let active = self.ring.control().slots.iter().filter(|slot| slot.state.load(Ordering::Acquire) == SLOT_ACTIVE);
        let positions = active.map(|slot| slot.position.load(Ordering::Acquire));
        // A consumer may have gone on since, and what a slot says is not believed to be before the tail.
        positions.map(|position| self.writer.tail().saturating_sub(position).min(self.capacity())).max().unwrap_or(0)
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        self.ring.name.path()
    }

    /// Ends the stream: consumers get what is left, and then [`Error::Closed`]. Not so in a module that its controller has told to
    /// quit: another start of it may go on with the stream.
    pub fn close(mut self) -> Result<(), Error> {
        self.end()
    }

    /// Goes, and frees the producer's place, but keeps the ring mapped: for languages whose references to a frame outlive its
    /// producer.
    pub fn retire(mut self, stream: Stream) -> (Retired, Result<(), Error>) {
        let ended = match stream {
            Stream::Ends => self.end(),
            Stream::GoesOn => {
                self.end_batch();
                self.ended = true;
                Ok(())
            }
        };
        let freed =
            self.ring.locks.unlock(LOCK_PRODUCER).map_err(|error| self.ring.os("free the producer's place", error));
        self.bells.clear();
        (Retired { _producer: self }, ended.and(freed))
    }

    /// Goes without ending the stream: consumers wait for the producer that goes on.
    pub fn leave(mut self) {
        self.end_batch();
        self.ended = true;
    }

    /// Writes every frame so far to disk, so that a power cut does not lose it. A crash of processes loses nothing
    /// without it. [`Error::Os`] if the disk refuses.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.ring.check_life()?;
        self.flush_batch();
        self.writer.publish(self.ring.control());
        self.ring.sync(self.writer.tail(), self.writer.next_sequence())
    }

    /// What a program needs that does itself what [`reserve`](Self::reserve) and [`publish`](Self::publish) do while there is
    /// room at hand, on the [`Line`](super::Line) at this producer's address.
    pub fn inline(&self) -> Inline {
        let Self { ring, kind, zero_regions, least_bytes, most_bytes, .. } = self;
        let is_all = *kind == KIND_FRAME && *zero_regions == ZeroRegions::No && ring.fence == Fence::Asymmetric;
        let (life, life_number) = ring.life.words();
        Inline {
            body: ring.body().at(0).as_ptr(),
            mask: ring.body().mask,
            sleepers: ring.control().head.data_wait.flag.as_ptr(),
            life: life.as_ptr(),
            life_number,
            least_bytes: *least_bytes,
            most_bytes: if is_all { *most_bytes } else { 0 },
            spare: [0; 5],
        }
    }

    /// Refuses a handle that was inherited over fork.
    #[inline(always)]
    pub(crate) fn check_life(&self) -> Result<(), Error> {
        self.ring.check_life()
    }

    /// Whether the regions of a frame that is reserved are zeroed.
    #[inline(always)]
    pub(crate) fn zero_regions(&self) -> ZeroRegions {
        self.zero_regions
    }

    /// Claims a frame whose length a caller states who may be wrong.
    #[inline]
    fn claim_bytes(&mut self, len_bytes: usize, patience: Patience) -> Result<Claim, Error> {
        if self.writer.left().is_some() {
            return Err(self.frame_open());
        }
        if len_bytes < self.least_bytes as usize || len_bytes > self.most_bytes as usize {
            return Err(self.wrong_length(len_bytes));
        }
        self.claim(len_bytes as u32, patience)
    }

    #[cold]
    fn frame_open(&self) -> Error {
        self.ring.check_life().err().unwrap_or_else(|| Error::FrameOpen(Arc::clone(&self.ring.name)))
    }

    #[cold]
    fn wrong_length(&self, len_bytes: usize) -> Error {
        let Self { least_bytes: least, most_bytes: most, .. } = self;
        let expected = if least == most { least.to_string() } else { format!("at least {least}, and under 4 GiB") };
        Error::raw_frame(&self.ring.name.class, format!("expected a frame of {expected} bytes, found {len_bytes}"))
    }

    /// Claims a frame.
    #[inline(always)]
    pub(crate) fn claim(&mut self, len: u32, patience: Patience) -> Result<Claim, Error> {
        if !self.ring.is_inherited()
            && let Some(claim) = self.writer.claim(self.ring.body(), self.kind, len)
        {
            return Ok(claim);
        }
        self.claim_anew(len, patience)
    }

    /// The way of a producer that has no room at hand: looks at the ring, about once for each time around it.
    #[cold]
    #[inline(never)]
    fn claim_anew(&mut self, len: u32, patience: Patience) -> Result<Claim, Error> {
        self.ring.check_life()?;
        let Self { ring, writer, .. } = self;
        let most = max_frame(ring.body().capacity(), self.kind);
        if u64::from(len) > most {
            return Err(too_large(ring, u64::from(len), most));
        }
        match writer.claim_anew(ring.control(), ring.body(), self.kind, len) {
            Ok(claim) => Ok(claim),
            Err(none) => self.claim_with(len, none, patience),
        }
    }

    /// The way of a producer that found no space: frees slots of the dead, then says so, or waits.
    fn claim_with(&mut self, len: u32, first: NoSpace, patience: Patience) -> Result<Claim, Error> {
        // What waits in a batch is what consumers need to go on.
        self.flush_batch();
        let Self { ring, writer, kind, wait, steering, .. } = self;
        let mut slowest = match after_reaping(ring, first)? {
            Some(slot) => slot,
            // A slot was freed: there may be space now, or another slot that is slow.
            None => usize::MAX,
        };
        let mut look = |after: After| loop {
            match writer.claim_anew(ring.control(), ring.body(), *kind, len) {
                Ok(claim) => return Ok(Some(claim)),
                Err(NoSpace::Slot(slot)) if slot == slowest && after == After::Look => return Ok(None),
                Err(none) => match after_reaping(ring, none)? {
                    Some(slot) => {
                        slowest = slot;
                        return Ok(None);
                    }
                    None => continue,
                },
            }
        };
        let (deadline, limit) = match patience {
            Patience::None => {
                return match look(After::Look)? {
                    Some(claim) => Ok(claim),
                    None => {
                        let attached = is_attached(ring, slowest)?;
                        Err(Error::Full { ring: Arc::clone(&ring.name), slot: slowest, attached })
                    }
                };
            }
            Patience::Until(limit) => (Instant::now().checked_add(limit), limit),
            Patience::Endless => (None, Duration::MAX),
        };
        let found = match steering.as_deref() {
            None => wait_until(*wait, ring.space_sleeper(), deadline, look)?,
            Some(steering) => {
                steering.is_idle();
                let beds = vec![steering.sleeper(), ring.space_sleeper()];
                let found = wait_until(*wait, beds, deadline, |after| match steering.course() {
                    Course::Go => look(after),
                    Course::Hold => Ok(None),
                    Course::Quit => Err(Error::Quit(Arc::clone(&ring.name))),
                });
                steering.is_busy();
                found?
            }
        };
        match found {
            Some(claim) => Ok(claim),
            None => {
                let slowest = Some((slowest, is_attached(ring, slowest)?));
                Err(Error::TimedOut { ring: Arc::clone(&ring.name), limit, slowest })
            }
        }
    }

    /// The bytes of a claimed frame.
    #[inline(always)]
    pub(crate) fn frame(&mut self, claim: Claim) -> &mut [u8] {
        // SAFETY: invariants 2 and 4 of `Mapped`: this handle holds the producer's lock on a body mapped for writing, the
        // claim is not committed, and the borrow of `self` keeps a second reference from being made.
        unsafe { self.ring.body().bytes_mut(claim.frame(), claim.frame_bytes() as usize) }
    }

    /// The same, to read.
    #[inline(always)]
    pub(crate) fn claimed(&self, claim: Claim) -> &[u8] {
        // SAFETY: invariant 4 of `Mapped`: this handle's own claim; the borrow of `self` keeps a mutable reference from being made.
        unsafe { self.ring.body().bytes(claim.frame(), claim.frame_bytes() as usize) }
    }

    /// Makes a claimed frame visible, which the caller has written.
    #[inline(always)]
    pub(crate) fn commit(&mut self, claim: Claim) -> u64 {
        if self.kind == KIND_STAMPED {
            let stamp = (STAMPED_HEADER_BYTES - HEADER_BYTES) as usize;
            // SAFETY: as in frame(): the second half of a stamped record's header.
            let bytes = unsafe { self.ring.body().bytes_mut(claim.start + HEADER_BYTES, stamp) };
            bytes[..8].copy_from_slice(&monotonic_ns().to_le_bytes());
            bytes[8..].fill(0);
        }
        let sequence = self.writer.commit(self.ring.body(), claim);
        if !self.writer.is_in_batch() {
            self.wake_consumers();
        }
        sequence
    }

    /// Wakes the consumers that sleep, after a frame that was committed on the [`Line`](super::Line).
    #[inline(always)]
    pub fn wake_consumers(&self) {
        wake_sleepers(&self.ring.control().head.data_wait, self.ring.fence, |line| {
            self.bells.wake_all(&self.ring, line)
        });
    }

    /// Makes the frames of the batch visible, and goes on with it.
    fn flush_batch(&mut self) {
        if self.writer.is_in_batch() {
            self.end_batch();
            self.writer.begin_batch(self.ring.control(), self.ring.body());
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        self.ended = true;
        self.ring.check_life()?;
        // Of a producer that was taken out of its batch.
        self.end_batch();
        self.writer.publish(self.ring.control());
        // A module that its controller tells to quit may be started again, and its stream goes on then.
        let goes_on = self.steering.as_ref().is_some_and(|steering| steering.course() == Course::Quit);
        let state = if goes_on { Ok(()) } else { set_state(&self.ring, STATE_CLOSED) };
        wake_all(&self.ring.control().head.data_wait, |line| self.bells.wake_all(&self.ring, line));
        state?;
        // A ring on disk outlives a start-up of the machine only as far as it was synced.
        self.ring.sync(self.writer.tail(), self.writer.next_sequence())
    }
}

/// Stores the ring's state, unless the ring was removed: that it stays.
fn set_state(ring: &Mapped, state: u32) -> Result<(), Error> {
    let stored = &ring.control().head.state.state;
    // Pairs with the load in Slot::look: who sees the end of the stream sees every frame before it.
    let outcome =
        stored.fetch_update(Ordering::Release, Ordering::Relaxed, |old| (old != STATE_REPLACED).then_some(state));
    outcome.map(drop).map_err(|_| Error::Replaced(Arc::clone(&ring.name)))
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        if !self.ended && !self.ring.is_inherited() && !std::thread::panicking() {
            // A failed sync is reported by close(); here nobody listens.
            let _ = self.end();
        }
    }
}

impl fmt::Debug for RawProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawProducer")
            .field("ring", &self.ring.name)
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}

/// The slot that holds the producer back, or `None` if its consumer had died and the slot was freed.
fn after_reaping(ring: &Mapped, none: NoSpace) -> Result<Option<usize>, Error> {
    match none {
        NoSpace::Slot(slot) => Ok(if ring.reap(slot)? { None } else { Some(slot) }),
        NoSpace::Broken(slot, _) if ring.reap(slot)? => Ok(None),
        NoSpace::Broken(slot, what) => {
            let process = ring.control().slots[slot].process.load(Ordering::Relaxed);
            Err(ring.damaged(format!("the consumer in {} (process {process}) broke it: {what}", ring.name.slot(slot))))
        }
        // It was made visible, so there may be space now.
        NoSpace::Batch => Ok(None),
        NoSpace::Replaced => Err(Error::Replaced(Arc::clone(&ring.name))),
    }
}

fn is_attached(ring: &Mapped, slot: usize) -> Result<bool, Error> {
    ring.locks.is_held(LOCK_SLOTS + slot as u64).map_err(|error| ring.os("ask for a slot's lock", error))
}

#[cold]
fn too_large(ring: &Mapped, bytes: u64, most: u64) -> Error {
    let needed = (2 * (bytes + HEADER_BYTES + STAMPED_HEADER_BYTES)).next_power_of_two();
    Error::TooLarge { ring: Arc::clone(&ring.name), bytes, most, needed }
}
