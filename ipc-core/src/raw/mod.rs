//! Ends by bytes, of a class that is known at run time alone: what the typed ends and the bindings to other languages stand
//! on.
//!
//! A [`RawClass`] is read from JSON or from a ring. A [`RawChannel`] gives the ends of a ring of such a class. Whether the
//! bytes of a frame are one of its class is checked by who reads them: generated code, or [`ipc_schema::value`].
//!
//! ```
//! use ipc_core::raw::{Patience, RawChannel, RawClass};
//!
//! let json = r#"[{ "className": "Tone", "members": [{ "name": "hz", "type": "float" }] }]"#;
//! let class = RawClass::from_json(json, "Tone")?;
//! let channel = RawChannel::untyped("doc-tones").capacity(4096).reserve(&["speaker"]);
//! let mut producer = channel.producer_of(&class)?;
//! producer.reserve(4, Patience::Endless)?.copy_from_slice(&440.0_f32.to_le_bytes());
//! producer.publish()?;
//!
//! let class = channel.class()?; // from the ring
//! assert_eq!(class.name(), "Tone");
//! let consumer = channel.consumer_of(&class, "speaker")?;
//! assert_eq!(consumer.recv(Patience::Endless)?.bytes(), 440.0_f32.to_le_bytes());
//! # channel.remove()?;
//! # Ok::<(), ipc_core::Error>(())
//! ```

use std::time::{Duration, Instant};

mod class;
mod consumer;
mod doorbell;
mod frame;
mod held;
mod isolated;
mod observer;
mod producer;
mod shared;
mod status;

pub use crate::channel::{RawChannel, Untyped};
pub use crate::communicator::{Communicator, Compiled, Inputs, Next, Order, Outputs};
pub use crate::ring::inline::{Inline, Line, Record};
pub use crate::shared::raw::RawShared;
pub use class::RawClass;
pub use consumer::{ProducerState, RawConsumer};
pub use frame::{RawFrame, UnboundFrame};
pub use isolated::{Handover, IsolatedRing};
pub use observer::{RawObserved, RawObserver};
pub(crate) use producer::Settings;
pub use producer::{PublishTime, RawProducer, Retired, Stream};
pub use shared::{SharedConsumer, SharedFrame};
pub use status::{RingMonitor, RingStatus, SlotStatus};

/// How long to wait, for space or for a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not at all: [`Error::Full`](crate::Error::Full) or [`Error::Empty`](crate::Error::Empty).
    None,
    /// At most that long: [`Error::TimedOut`](crate::Error::TimedOut).
    Until(Duration),
    /// As long as it takes.
    Endless,
}

impl Patience {
    /// When it ends; `None` for never.
    pub(crate) fn deadline(self) -> Option<Instant> {
        match self {
            Self::None => Some(Instant::now()),
            Self::Until(limit) => Instant::now().checked_add(limit),
            Self::Endless => None,
        }
    }

    /// The time that it has, if that is limited and there is any.
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            Self::Until(limit) => Some(limit),
            Self::None | Self::Endless => None,
        }
    }
}
