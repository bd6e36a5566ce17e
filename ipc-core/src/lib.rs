//! Typed frames between processes, through a ring in a memory-mapped file.
//!
//! A class of frames is described in JSON ([`schema!`], [`include_schema!`]) or by a Rust struct
//! ([`derive(Frame)`](macro@Frame)). A [`Channel`] names a ring together with its class, and gives its ends:
//!
//! | end | place in the ring | gets |
//! | --- | --- | --- |
//! | [`Producer`] | the one writer | |
//! | [`Consumer`], reserved | a named slot, which outlives it | every frame from the ring's beginning on |
//! | [`Consumer`], dynamic | a slot while it is attached | every frame from its attaching on |
//! | [`Observer`] | none: it never holds the producer back | what it is fast enough for, and how much it skipped |
//!
//! ```
//! use ipc_core::{Channel, schema};
//!
//! schema! { [{ "className": "Scan", "members": [
//!     { "name": "stamp", "type": "int64", "unit": "ns" },
//!     { "name": "n", "type": "uint16", "max": 4096 },
//!     { "name": "ranges", "type": "array", "size": ["n"], "elem": { "type": "float", "unit": "m" } } ] }] }
//!
//! const SCANS: Channel<Scan> = Channel::new("doc-scans").capacity(1 << 20).reserve(&["mapper"]);
//!
//! # fn main() -> Result<(), ipc_core::Error> {
//! let mut lidar = SCANS.producer()?;
//! let mut scan = lidar.reserve(ScanDims { n: 3 })?; // space in the ring, not a copy
//! let mut frame = scan.edit();
//! *frame.stamp = 17;
//! frame.ranges.copy_from_slice(&[0.5, 1.0, 1.5]);
//! scan.publish()?;
//! lidar.close()?; // the end of the stream
//!
//! let mapper = SCANS.consumer("mapper")?; // gets what was sent before it came
//! for frame in &mapper {
//!     let frame = frame?;
//!     assert_eq!(frame.view().ranges(), [0.5, 1.0, 1.5]); // a slice of the ring
//! } // dropping a frame gives its space back
//! # SCANS.remove()
//! # }
//! ```
//!
//! The same frames travel over named pipes, pipes and files, and as lines of JSON: see [`stream`].
//!
//! Sending and receiving allocate nothing, take no lock, and make no system call unless somebody sleeps or the ring is
//! full (then the kernel is asked who holds it up). A full ring makes [`Producer::send`] wait and [`Producer::try_send`]
//! say so. Every failure is an [`Error`], whose text says what was expected, what was found, where, and what to do.
//!
//! A [`Shared`] is one value in place of a stream: several processes change it under a lock and read it without one.
//!
//! What peers may do to each other, and what not, is in the project's ARCHITECTURE.md, section "Trust".

#[cfg(not(loom))]
mod channel;
pub mod class;
#[cfg(not(loom))]
mod communicator;
#[cfg(not(loom))]
mod consumer;
mod content;
#[cfg(not(loom))]
pub mod control;
mod error;
#[cfg(not(loom))]
mod frame;
#[cfg(all(feature = "tokio", not(loom)))]
mod frames;
// Under loom only the protocol is compiled, so that it can be modelled on heap memory.
#[cfg(not(loom))]
mod linux;
mod macros;
#[cfg(not(loom))]
mod observer;
#[cfg(not(loom))]
mod producer;
#[cfg(not(loom))]
pub mod raw;
#[cfg_attr(loom, allow(dead_code, reason = "only the protocol is modelled"))]
mod ring;
mod scalar;
#[cfg_attr(loom, allow(dead_code, reason = "only the protocol is modelled"))]
mod shared;
#[cfg(not(loom))]
pub mod stream;
mod streaming;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(not(loom))]
pub use channel::Channel;
pub use class::{Class, PlainClass, ZeroRegions};
#[cfg(not(loom))]
pub use communicator::{InputChannel, InputsIter, Order, Sighting, TypedInputs as Inputs};
#[cfg(not(loom))]
pub use consumer::{Consumer, Iter};
pub use content::{AlignedBytes, Elements, ElementsIter, ElementsMut, Member};
pub use error::{Error, FrameError, RingName};
#[cfg(not(loom))]
pub use frame::{Batch, BatchIter, Frame};
#[cfg(all(feature = "tokio", not(loom)))]
pub use frames::{Frames, OwnedFrame};
#[cfg(not(loom))]
pub use ipc_schema::topology::OnFull;
#[cfg(not(loom))]
pub use observer::{Observed, Observer};
#[cfg(not(loom))]
pub use producer::{Delivery, Producer, Reservation};
#[cfg(not(loom))]
pub use raw::{ProducerState, PublishTime};
pub use ring::fence::Fence;
#[cfg(not(loom))]
pub use ring::place::Access;
#[cfg(not(loom))]
pub use ring::waiting::Wait;
pub use scalar::{Bool, Char};
#[cfg(not(loom))]
pub use shared::{Locked, Shared};
pub use streaming::copy_streaming;

/// ```
/// use ipc_core::{Class, Frame};
///
/// /// A plain class: its frames are the struct itself.
/// #[derive(Clone, Copy, Debug, PartialEq, Frame)]
/// #[repr(C)]
/// struct Point {
///     #[frame(unit = "m", max = 100.0)]
///     x: f64,
///     y: f64,
/// }
///
/// /// An owned class: `PathRef`, `PathMut` and `PathDims` come with it.
/// #[derive(Clone, Debug, PartialEq, Frame)]
/// struct Path {
///     n: u32,
///     #[frame(size = "n")]
///     points: Vec<Point>,
///     name: Option<String>,
/// }
///
/// let path = Path { n: 1, points: vec![Point { x: 1.0, y: 2.0 }], name: None };
/// assert_eq!(Path::from_bytes(&path.to_bytes()?)?, path);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[cfg(feature = "derive")]
pub use ipc_derive::Frame;
