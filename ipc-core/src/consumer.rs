//! [`Consumer`]: one of the readers of a ring; every consumer gets every frame.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::class::Class;
use crate::error::Error;
use crate::frame::{Batch, Frame};
use crate::linux::futex;
use crate::ring::layout::{LOCK_PRODUCER, SLOT_ACTIVE, STATE_CLOSED, STATE_NEVER_OPENED, STATE_REPLACED, SlotLine};
use crate::ring::mapped::Mapped;
use crate::ring::protocol::{Body, Record};
use crate::ring::reader::{Reader, release};
use crate::ring::stop::{self, Stop};
use crate::ring::sync::Ordering;
use crate::ring::wait::{wake_all, wake_sleepers};
use crate::ring::waiting::{Pace, Wait, spin_briefly, wait_until};

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
    ring: Mapped,
    slot: usize,
    wait: Wait,
    reader: Reader,
    pace: Pace,
    held: Held,
    class: PhantomData<fn() -> T>,
}

/// Frames that were handed out. The slot's position moves over the released prefix.
#[derive(Debug)]
struct Held {
    /// Number of the oldest frame that is not released.
    first: Cell<u64>,
    /// Number of the next frame that is handed out.
    next: Cell<u64>,
    /// Where each of these frames' records ends, and whether it was released. Not kept up while there is only one: once
    /// that is released, so is everything that was read.
    ends: RefCell<VecDeque<(u64, bool)>>,
}

/// What is known of the one who writes a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProducerState {
    /// No producer has opened the ring yet.
    NeverOpened,
    /// A producer has it open.
    Open,
    /// The last producer ended the stream.
    Closed,
    /// The last producer went or died without ending the stream; another may go on.
    Gone,
    /// The ring was removed.
    Replaced,
}

impl<T: Class> Consumer<T> {
    pub(crate) fn reserved(ring: Mapped, name: &str, wait: Wait) -> Result<Self, Error> {
        let slot = ring.lock_reserved(name)?;
        let line = &ring.control().slots[slot];
        let reader = match line.state.load(Ordering::Relaxed) {
            SLOT_ACTIVE => Reader::resume(ring.control(), ring.body().capacity(), line),
            // Somebody has detached the slot: it begins anew.
            _ => join(&ring, line),
        };
        let reader = reader.map_err(|what| ring.damaged(format!("the reserved slot {name:?}: {what}")))?;
        Ok(Self::attached(ring, slot, reader, wait))
    }

    pub(crate) fn dynamic(ring: Mapped, wait: Wait) -> Result<Self, Error> {
        let dynamic = ring.reserved()..ring.control().slots.len();
        // Twice: a producer holds a lock for a moment to see whether somebody else does.
        for slot in dynamic.clone().chain(dynamic) {
            if ring.try_lock_slot(slot)? {
                let reader = join(&ring, &ring.control().slots[slot]).map_err(|what| ring.damaged(what))?;
                return Ok(Self::attached(ring, slot, reader, wait));
            }
        }
        let slots = (ring.control().slots.len() - ring.reserved()) as u32;
        Err(Error::NoFreeSlot { ring: Arc::clone(&ring.name), slots })
    }

    fn attached(ring: Mapped, slot: usize, reader: Reader, wait: Wait) -> Self {
        ring.populate();
        ring.control().slots[slot].process.store(std::process::id(), Ordering::Relaxed);
        // Room for the frames that a program holds at once, so that receiving allocates nothing.
        let ends = RefCell::new(VecDeque::with_capacity(64));
        let held = Held { first: Cell::new(0), next: Cell::new(0), ends };
        Self { ring, slot, wait, reader, pace: Pace::default(), held, class: PhantomData }
    }

    /// The next frame; waits for it. [`Error::Closed`] at the end of the stream.
    #[inline]
    pub fn recv(&self) -> Result<Frame<'_, T>, Error> {
        self.recv_until(None, Duration::MAX)
    }

    /// The next frame if it is there; [`Error::Empty`] if not.
    #[inline]
    pub fn try_recv(&self) -> Result<Frame<'_, T>, Error> {
        self.ring.check_life()?;
        match self.look()? {
            Some(record) => self.hand_out(record),
            None => Err(Error::Empty(Arc::clone(&self.ring.name))),
        }
    }

    /// The next frame; waits for it at most that long.
    #[inline]
    pub fn recv_timeout(&self, limit: Duration) -> Result<Frame<'_, T>, Error> {
        self.recv_until(Instant::now().checked_add(limit), limit)
    }

    /// Every frame up to the end of the stream.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { consumer: self, ended: false }
    }

    /// Waits for a frame, then takes what is there, up to `max` frames, and releases all at once when the batch is
    /// dropped.
    #[inline]
    pub fn batch(&mut self, max: usize) -> Result<Batch<'_, T>, Error> {
        let first = self.wait_for_record(None, Duration::MAX)?;
        Ok(Batch::new(self, first, max))
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    pub fn skip_to_latest(&self) -> Result<u64, Error> {
        self.ring.check_life()?;
        let start = self.reader.position();
        let ahead = self.reader.clone();
        let (mut newest, mut count) = (ahead.clone(), 0);
        loop {
            let here = ahead.clone();
            if ahead.poll(self.ring.body()).map_err(|what| self.ring.damaged(what))?.is_none() {
                break;
            }
            (newest, count) = (here, count + 1);
        }
        let skipped = u64::saturating_sub(count, 1);
        if skipped > 0 {
            let number = self.hold(start, newest.position());
            self.reader.go_to(&newest);
            self.let_go(number);
        }
        Ok(skipped)
    }

    /// Frames that the producer dropped since this consumer's first one (from the ring's first on, if it attached then).
    pub fn missed(&self) -> u64 {
        self.reader.missed()
    }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    pub fn producer_state(&self) -> Result<ProducerState, Error> {
        self.ring.check_life()?;
        let state = self.ring.control().head.state.state.load(Ordering::Acquire);
        let held = self.ring.locks.is_held(LOCK_PRODUCER);
        Ok(match (state, held.map_err(|error| self.ring.os("ask for the producer's lock", error))?) {
            (STATE_REPLACED, _) => ProducerState::Replaced,
            (STATE_NEVER_OPENED, _) => ProducerState::NeverOpened,
            (STATE_CLOSED, _) => ProducerState::Closed,
            (_, true) => ProducerState::Open,
            (_, false) => ProducerState::Gone,
        })
    }

    #[inline(always)]
    fn recv_until(&self, deadline: Option<Instant>, limit: Duration) -> Result<Frame<'_, T>, Error> {
        let record = self.wait_for_record(deadline, limit)?;
        self.hand_out(record)
    }

    #[inline(always)]
    fn wait_for_record(&self, deadline: Option<Instant>, limit: Duration) -> Result<Record, Error> {
        self.ring.check_life()?;
        if spin_briefly(self.wait, &self.pace, &self.reader, self.ring.body())
            && let Some(record) = self.poll()?
        {
            return Ok(record);
        }
        self.wait_longer(deadline, limit)
    }

    #[cold]
    #[inline(never)]
    fn wait_longer(&self, deadline: Option<Instant>, limit: Duration) -> Result<Record, Error> {
        let line = &self.ring.control().head.data_wait;
        wait_until(self.wait, line, self.ring.fence, deadline, |_| self.look())?.ok_or_else(|| Error::TimedOut {
            ring: Arc::clone(&self.ring.name),
            limit,
            slowest: None,
        })
    }

    /// The next record if there is one, or the reason why there will be none.
    #[inline(always)]
    fn look(&self) -> Result<Option<Record>, Error> {
        if let Some(record) = self.poll()? {
            return Ok(Some(record));
        }
        match self.ring.control().head.state.state.load(Ordering::Acquire) {
            // Pairs with the store in Producer::end. A frame may have been committed between the poll and the end.
            STATE_CLOSED => match self.poll()? {
                Some(record) => Ok(Some(record)),
                None => Err(Error::Closed(Arc::clone(&self.ring.name))),
            },
            STATE_REPLACED => Err(Error::Replaced(Arc::clone(&self.ring.name))),
            _ => Ok(None),
        }
    }

    /// The next record, for a batch that may have been inherited over fork.
    #[inline(always)]
    pub(crate) fn poll_alive(&self) -> Result<Option<Record>, Error> {
        self.ring.check_life()?;
        self.poll()
    }

    #[inline(always)]
    fn poll(&self) -> Result<Option<Record>, Error> {
        self.reader.poll(self.ring.body()).map_err(|what| self.ring.damaged(what))
    }

    #[inline(always)]
    fn hand_out(&self, record: Record) -> Result<Frame<'_, T>, Error> {
        stop::at(Stop::Received);
        let number = self.hold(record.start, record.end);
        // A frame that its class refuses is released, so that the next call gets the next frame.
        Frame::new(self, self.bytes(&record), record, Some(number)).inspect_err(|_| self.let_go(number))
    }

    /// The bytes of a record that was polled and not yet released.
    #[inline(always)]
    pub(crate) fn bytes(&self, record: &Record) -> &[u8] {
        // SAFETY: invariant 4 of `Mapped`: this consumer's slot is active at or before the record up to let_go(), which the
        // owners of the borrow of `self` (Frame and Batch) call when nobody can refer to the bytes any more.
        unsafe { self.ring.body().bytes(record.start + record.header_bytes, record.frame_bytes as usize) }
    }

    /// Publish time of a polled record.
    pub(crate) fn publish_time_ns(&self, record: &Record) -> Option<u64> {
        self.ring.body().publish_time_ns(record)
    }

    /// Notes a frame that was handed out, or a range of them; gives its number.
    #[inline(always)]
    pub(crate) fn hold(&self, start: u64, end: u64) -> u64 {
        let number = self.held.next.replace(self.held.next.get() + 1);
        if number != self.held.first.get() {
            self.hold_another(start, end);
        }
        number
    }

    /// One more while others are held.
    #[inline(never)]
    fn hold_another(&self, start: u64, end: u64) {
        let mut ends = self.held.ends.borrow_mut();
        if self.held.next.get() - self.held.first.get() == 2 {
            // The one that was alone: all of it lies before this one.
            ends.clear();
            ends.push_back((start, false));
        }
        ends.push_back((end, false));
    }

    /// Releases the frame of that number, and with it the prefix of all that are released.
    #[inline(always)]
    pub(crate) fn let_go(&self, number: u64) {
        let is_alone = number == self.held.first.get() && number + 1 == self.held.next.get();
        if is_alone {
            self.held.first.set(number + 1);
            self.release(self.reader.position());
        } else {
            self.let_go_of_one(number);
        }
    }

    /// Releases one of several.
    #[inline(never)]
    fn let_go_of_one(&self, number: u64) {
        let mut ends = self.held.ends.borrow_mut();
        let index = (number - self.held.first.get()) as usize;
        ends[index].1 = true;
        let mut released = None;
        while let Some(&(end, true)) = ends.front() {
            ends.pop_front();
            self.held.first.set(self.held.first.get() + 1);
            released = Some(end);
        }
        if let Some(position) = released {
            self.release(position);
        }
    }

    /// Gives everything before `position` back to the producer.
    #[inline(always)]
    fn release(&self, position: u64) {
        if !self.ring.is_inherited() {
            release(self.line(), position);
            wake_sleepers(&self.ring.control().head.space_wait, self.ring.fence, futex::wake_all);
        }
    }

    /// Where the next record stands.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position()
    }

    #[inline(always)]
    fn line(&self) -> &SlotLine {
        &self.ring.control().slots[self.slot]
    }
}

/// Begins at the tail with a slot whose lock the caller holds.
fn join(ring: &Mapped, slot: &SlotLine) -> Result<Reader, String> {
    let reader = Reader::join(ring.control(), ring.body(), slot);
    // The slot's last consumer may have died in it, where a producer waits for it to go on.
    wake_all(&ring.control().head.space_wait, futex::wake_all);
    reader
}

impl<T: Class> Drop for Consumer<T> {
    fn drop(&mut self) {
        // A reserved slot keeps its position for its successor. The lock goes with the file that holds it.
        if !self.ring.is_inherited() && self.slot >= self.ring.reserved() {
            self.ring.free(self.slot);
        }
    }
}

impl<T: Class> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("ring", &self.ring.name).field("slot", &self.slot).finish_non_exhaustive()
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
