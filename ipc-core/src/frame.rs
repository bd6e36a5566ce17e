//! [`Frame`]: one received frame, borrowed from the ring; [`Batch`]: several that are released together.

use std::cell::Cell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;

use crate::class::{Class, PlainClass};
use crate::consumer::Consumer;
use crate::error::Error;
use crate::raw::{RawConsumer, RawFrame};
use crate::ring::protocol::Record;

/// A received frame. It stands in the ring, and nothing of it was copied; dropping it gives its space back.
///
/// A frame of a plain class can be used like a reference to the class. Several may live at once; the producer waits for
/// the oldest. Forgetting one (`mem::forget`) keeps its space for as long as the consumer lives.
pub struct Frame<'c, T: Class> {
    view: T::Ref<'c>,
    /// Given back by [`Frame`]'s own drop, which is inlined; what the compiler makes for a field is not.
    raw: ManuallyDrop<RawFrame<'c>>,
}

impl<'c, T: Class> Frame<'c, T> {
    /// A frame that its class refuses is released, so that the next call gets the next frame.
    #[inline(always)]
    pub(crate) fn new(consumer: &'c RawConsumer, record: Record, number: Option<u64>) -> Result<Self, Error> {
        let raw = ManuallyDrop::new(RawFrame::new(consumer, record, number));
        match T::view(raw.bytes) {
            Ok(view) => Ok(Self { view, raw }),
            Err(error) => {
                raw.give_back();
                Err(error)
            }
        }
    }

    /// The typed view of the frame.
    #[inline]
    pub fn view(&self) -> T::Ref<'_> {
        T::shorten(self.view)
    }

    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    #[inline]
    pub fn sequence(&self) -> u64 {
        self.raw.sequence()
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.raw.publish_time_ns()
    }

    /// Its bytes, as the wire rules lay them out.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.raw.bytes()
    }
}

impl<T: Class> Drop for Frame<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.raw.give_back();
    }
}

impl<T: PlainClass> Deref for Frame<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.view
    }
}

impl<T: Class> fmt::Debug for Frame<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Frame");
        text.field("class", &T::DESC.name).field("sequence", &self.sequence()).field("bytes", &self.bytes().len());
        text.finish_non_exhaustive()
    }
}

/// Frames that were there at one time. They are released together when the batch is dropped, which costs one store and
/// one look for a waiting producer in place of one each.
///
/// ```
/// ipc_core::schema! { [{ "className": "Tap", "members": [{ "name": "n", "type": "uint64" }] }] }
/// use ipc_core::Channel;
///
/// let channel: Channel<Tap> = Channel::new("doc-taps").capacity(4096).reserve(&["sum"]);
/// let mut producer = channel.producer()?;
/// let mut consumer = channel.consumer("sum")?;
/// for n in 0..5 {
///     producer.send(&Tap { n })?;
/// }
/// let batch = consumer.batch(3)?;
/// let taps = batch.iter().map(|tap| Ok(tap?.n)).collect::<Result<Vec<_>, ipc_core::Error>>()?;
/// assert_eq!(taps, [0, 1, 2]);
/// # drop(batch);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Batch<'c, T: Class> {
    consumer: &'c mut Consumer<T>,
    first: Cell<Option<Record>>,
    left: Cell<usize>,
}

impl<'c, T: Class> Batch<'c, T> {
    pub(crate) fn new(consumer: &'c mut Consumer<T>, first: Record, max: usize) -> Self {
        Self { consumer, first: Cell::new(Some(first)), left: Cell::new(max.max(1)) }
    }

    /// The frames; each is given once, also over several calls.
    pub fn iter(&self) -> BatchIter<'_, T> {
        BatchIter { consumer: self.consumer, first: &self.first, left: &self.left }
    }
}

impl<T: Class> Drop for Batch<'_, T> {
    fn drop(&mut self) {
        // Also releases a first frame that nobody took: whoever asks for a batch and drops it has had it.
        let end = self.consumer.raw.position();
        let number = self.consumer.raw.hold(end, end);
        self.consumer.raw.let_go(number);
    }
}

/// The frames of a [`Batch`].
#[derive(Debug)]
pub struct BatchIter<'b, T: Class> {
    consumer: &'b Consumer<T>,
    first: &'b Cell<Option<Record>>,
    left: &'b Cell<usize>,
}

impl<'b, T: Class> Iterator for BatchIter<'b, T> {
    type Item = Result<Frame<'b, T>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let left = self.left.get().checked_sub(1)?;
        let record = match self.first.take() {
            Some(record) => record,
            None => match self.consumer.raw.poll_alive().transpose()? {
                Ok(record) => record,
                Err(error) => {
                    self.left.set(0);
                    return Some(Err(error));
                }
            },
        };
        self.left.set(left);
        Some(Frame::new(&self.consumer.raw, record, None))
    }
}

impl<'b, T: Class> IntoIterator for &'b Batch<'_, T> {
    type Item = Result<Frame<'b, T>, Error>;
    type IntoIter = BatchIter<'b, T>;

    fn into_iter(self) -> BatchIter<'b, T> {
        self.iter()
    }
}
