//! The same typed frames over named pipes, pipes and files, for peers that cannot map memory.
//!
//! A [`Channel`] says where frames go, and gives its ends:
//!
//! | place | made by | writers, readers | an end that is gone |
//! | --- | --- | --- | --- |
//! | [`Channel::fifo`] | whichever end comes first | many, one | [`Error::Gone`], and the next call waits for a successor |
//! | [`Channel::pipe`] | the shell, or the parent | many, one | [`Error::Gone`] |
//! | [`Channel::file`] | its first writer | many by turns, many | is not noticed; its half frame is never shown |
//!
//! A stream begins with the text of its class, so that an end of another class is told which members differ. With
//! [`lines`](Channel::lines) each frame is one JSON object on a line of its own instead, for peers that know no other form.
//!
//! ```
//! use ipc_core::{schema, stream};
//!
//! schema! { [{ "className": "Event", "members": [
//!     { "name": "stamp", "type": "int64", "unit": "ns" }, { "name": "text", "type": "string" } ] }] }
//!
//! # let path = std::env::temp_dir().join(format!("doc-events-{}", std::process::id()));
//! # let path = path.to_str().unwrap();
//! let events: stream::Channel<Event> = stream::Channel::file(path);
//! let mut producer = events.producer()?;
//! producer.send(&Event { stamp: 1, text: "up".to_owned() })?;
//! let mut place = producer.reserve(EventDims { text: 4 })?; // in the producer's memory
//! place.edit().text.copy_from_slice(b"down");
//! place.publish()?;
//! producer.close()?; // the end of the stream, unless somebody appends
//!
//! let mut consumer = events.consumer()?;
//! let texts = consumer.iter().map(|event| Ok(event?.view().text()?.to_owned()));
//! assert_eq!(texts.collect::<Result<Vec<_>, ipc_core::Error>>()?, ["up", "down"]);
//! # std::fs::remove_file(path).unwrap();
//! # Ok::<(), ipc_core::Error>(())
//! ```
//!
//! What a reader has taken out of a pipe is lost when it dies: only a ring keeps a consumer's place. Frames are copied, and
//! each takes a system call or more. The format is in the project's ARCHITECTURE.md, section "Streams".

#[cfg(doc)]
use crate::Error;

mod channel;
mod consumer;
mod duplex;
mod producer;

// The same by bytes.
mod raw_consumer;
mod raw_producer;

// What frames become.
mod blocks;
mod header;
mod lines;

// Where they go.
mod buffer;
mod file;
mod pipe;

pub use channel::{Channel, RawChannel};
pub use consumer::{Consumer, Frame, Iter};
pub use duplex::Duplex;
pub use producer::{Producer, Reservation};
pub use raw_consumer::{RawConsumer, RawFrame};
pub use raw_producer::RawProducer;

/// Whether bytes are the beginning of a stream of frames, as a file has them. 8 bytes tell.
pub fn is_stream(beginning: &[u8]) -> bool {
    beginning.starts_with(&header::MAGIC)
}

/// What frames become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Blocks: see [`header`].
    Blocks,
    /// A line of JSON each.
    Lines,
}

/// What an input gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Bytes.
    Bytes,
    /// Nothing, up to the deadline.
    Nothing,
    /// Its end: of a pipe, all writers are gone.
    End,
}
