//! [`Input`]: one channel that a module reads, and what a look at it tells.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use ipc_schema::model::ClassId;

use super::open::{Opened, Reading};
use super::stamp::Stamp;
use crate::error::Error;
use crate::raw::{RawClass, RawConsumer, RawObserved, RawObserver, SharedConsumer};
use crate::ring::mapped::{Mapped, MappedBody};
use crate::ring::protocol::Record;
use crate::ring::wait::Sleeper;

/// One channel that a module reads.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) class: ClassId,
    pub(super) raw_class: RawClass,
    pub(super) end: End,
    /// In a merge.
    pub(super) stamp: Option<Stamp>,
    /// Nothing more comes of it.
    pub(super) has_ended: Cell<bool>,
    /// It had no frame when it was looked at last.
    pub(super) is_silent: Cell<bool>,
    /// It was silent for so long that a merge does not wait for it.
    pub(super) is_left_out: Cell<bool>,
}

/// The end of it that the module has.
pub(super) enum End {
    Consumer(RawConsumer),
    Shared(SharedConsumer),
    /// With memory for the next frame that is lent.
    Observer {
        observer: RefCell<RawObserver>,
        ring: Arc<Mapped>,
        spare: RefCell<RawObserved>,
    },
}

/// A frame that waits: when it was published, and its stamp in a merge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) publish_time_ns: Option<u64>,
    pub(super) stamp: i128,
}

impl Input {
    pub(super) fn new(Opened { name, class, raw_class, end }: Opened<Reading>) -> Self {
        let end = match end {
            Reading::Consumer(consumer) => End::Consumer(consumer),
            Reading::Observer(observer) => {
                let ring = Arc::clone(observer.ring());
                End::Observer { observer: RefCell::new(observer), ring, spare: RefCell::default() }
            }
        };
        let [has_ended, is_silent, is_left_out] = [(); 3].map(|()| Cell::new(false));
        Self { name, class, raw_class, end, stamp: None, has_ended, is_silent, is_left_out }
    }

    /// The frame that waits in this channel. [`Error::Closed`] if none will.
    pub(super) fn peek(&self) -> Result<Option<Waiting>, Error> {
        let stamp =
            |len: usize, word: &dyn Fn(usize) -> u64| self.stamp.as_ref().map_or(0, |stamp| stamp.of(len, word));
        let in_ring = |body: &MappedBody, record: &Record| Waiting {
            publish_time_ns: body.publish_time_ns(record),
            stamp: stamp(record.frame_bytes as usize, &|at| body.frame_word(record, at)),
        };
        match &self.end {
            End::Consumer(consumer) => consumer.peek(in_ring),
            End::Shared(consumer) => consumer.peek(in_ring),
            End::Observer { observer, .. } => Ok(observer.borrow_mut().peek()?.map(|frame| Waiting {
                publish_time_ns: frame.publish_time_ns(),
                stamp: stamp(frame.bytes().len(), &|at| word_of(frame.bytes(), at)),
            })),
        }
    }

    pub(super) fn sleeper(&self) -> Sleeper<'_> {
        match &self.end {
            End::Consumer(consumer) => consumer.sleeper(),
            End::Shared(consumer) => consumer.sleeper(),
            End::Observer { ring, .. } => ring.data_sleeper(),
        }
    }
}

/// Eight bytes of a frame, zeros where it is shorter.
fn word_of(frame: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    let there = &frame[at..frame.len().min(at + 8)];
    word[..there.len()].copy_from_slice(there);
    u64::from_le_bytes(word)
}
