//! Typed frames between processes over a shared-memory ring.

#[cfg(not(loom))]
mod channel;
pub mod class;
#[cfg(not(loom))]
mod consumer;
mod content;
mod error;
#[cfg(not(loom))]
mod frame;
// Under loom only the protocol is compiled, so that it can be modelled on heap memory.
#[cfg(not(loom))]
mod linux;
mod macros;
#[cfg(not(loom))]
mod observer;
#[cfg(not(loom))]
mod producer;
#[cfg_attr(loom, allow(dead_code, reason = "only the protocol is modelled"))]
mod ring;
mod scalar;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(not(loom))]
pub use channel::{Access, Channel, PublishTime};
pub use class::{Class, PlainClass, ZeroRegions};
#[cfg(not(loom))]
pub use consumer::{Consumer, Iter, ProducerState};
pub use content::{AlignedBytes, Elements, ElementsMut, Member};
pub use error::{Error, FrameError, RingName};
#[cfg(not(loom))]
pub use frame::{Batch, BatchIter, Frame};
#[cfg(not(loom))]
pub use observer::{Observed, Observer};
#[cfg(not(loom))]
pub use producer::{Delivery, Producer, Reservation};
pub use ring::fence::Fence;
#[cfg(not(loom))]
pub use ring::waiting::Wait;
pub use scalar::{Bool, Char};

#[cfg(feature = "derive")]
pub use ipc_derive::Frame;
