//! [`RawFrame`]: one received frame, borrowed from the ring.

use std::fmt;

use super::RawConsumer;
use crate::ring::protocol::Record;

/// A received frame, as bytes that stand in the ring. Dropping it gives its space back.
pub struct RawFrame<'c> {
    consumer: &'c RawConsumer,
    /// Whoever copies this reference keeps the frame at least as long as it.
    pub(crate) bytes: &'c [u8],
    record: Record,
    /// Its number among the frames that are held; `None` in a batch, which holds all of its frames.
    number: Option<u64>,
}

/// A received frame that is held by its number: see [`RawConsumer::recv_unbound`].
#[derive(Debug)]
pub struct UnboundFrame {
    /// Its bytes, as an address: they stand there up to the release. They begin 16-aligned.
    pub bytes: *const [u8],
    /// Its number, counted from the ring's first frame on.
    pub sequence: u64,
    /// When it was published, if the producer stamps its frames.
    pub publish_time_ns: Option<u64>,
    /// Which of the frames that its consumer holds.
    pub number: u64,
}

impl<'c> RawFrame<'c> {
    #[inline(always)]
    pub(crate) fn new(consumer: &'c RawConsumer, record: Record, number: Option<u64>) -> Self {
        Self { consumer, bytes: consumer.bytes(&record), record, number }
    }

    /// What dropping it does.
    #[inline(always)]
    pub(crate) fn give_back(&self) {
        if let Some(number) = self.number {
            self.consumer.let_go(number);
        }
    }

    /// Its bytes. They begin 16-aligned.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    #[inline(always)]
    pub fn sequence(&self) -> u64 {
        self.record.sequence
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    #[inline]
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.consumer.publish_time_ns(&self.record)
    }
}

impl Drop for RawFrame<'_> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}

impl fmt::Debug for RawFrame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RawFrame");
        text.field("sequence", &self.sequence()).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}
