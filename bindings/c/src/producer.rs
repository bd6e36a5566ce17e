//! The one writer of a ring.

use std::ffi::c_void;
use std::mem::offset_of;
use std::slice;

use ipc_core::Delivery;
use ipc_core::raw::{Inline, Line, Next, Patience, RawProducer};

use crate::channel::Channel;
use crate::class::Class;
use crate::status::{Failed, Status, dropped, get_mut, give, instead, misuse, patience, place, run};

/// The one writer of a ring.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Producer {
    // These two as ipc_producer_head has them.
    inline: Inline,
    raw: RawProducer,
}

impl Producer {
    pub(crate) fn new(raw: RawProducer) -> *mut Self {
        Box::into_raw(Box::new(Self { inline: raw.inline(), raw }))
    }
}

/// How a producer begins. For the functions of ipc_inline.h alone.
#[derive(Debug)]
#[repr(C)]
pub struct Head {
    /// Set once.
    pub inline: Inline,
    /// What changes with each frame.
    pub line: Line,
}

const _: () = assert!(offset_of!(Producer, inline) == offset_of!(Head, inline));
const _: () = assert!(offset_of!(Producer, raw) == offset_of!(Head, line));

/// A producer makes the ring if it is not there.
pub const IPC_MODE_CREATE: u32 = 0;
/// A producer goes on with a ring that must be there.
pub const IPC_MODE_WRITE: u32 = 1;

/// A time limit: the call waits as long as it takes.
pub const IPC_FOREVER: i64 = -1;
/// A time limit: the call does not wait, and gives IPC_FULL or IPC_EMPTY.
pub const IPC_AT_ONCE: i64 = 0;

const NO_PRODUCER: &str = "the producer is null";
const NO_PLACE_OF_DATA: &str = "the place for the frame's address is null";

/// Opens the producer's end of a ring.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_open(
    channel: *const Channel,
    class: *const Class,
    mode: u32,
    result: *mut *mut Producer,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let result = unsafe { place(result, "the place for the producer is null")? };
        // SAFETY: invariants 1 and 2.
        let raw = unsafe {
            Channel::with_class(channel, class, |channel, class| match mode {
                IPC_MODE_CREATE => Ok(channel.producer_of(class)?),
                IPC_MODE_WRITE => Ok(channel.open_producer_of(class)?),
                _ => Err(misuse("the mode is neither IPC_MODE_CREATE nor IPC_MODE_WRITE")),
            })?
        };
        result.write(Producer::new(raw));
        Ok(())
    })
}

/// Reserves a frame of so many bytes, to write in place: `*data` is where, 16-aligned. It is zeroed unless the channel says
/// otherwise. One frame is reserved at a time: another is IPC_FRAME_OPEN up to its publication, or
/// until it is given up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_reserve(
    producer: *mut Producer,
    len_bytes: usize,
    timeout_ns: i64,
    data: *mut *mut c_void,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let producer = unsafe { get_mut(producer, NO_PRODUCER)? };
        // SAFETY: invariant 1.
        let data = unsafe { place(data, NO_PLACE_OF_DATA)? };
        data.write(producer.raw.reserve(len_bytes, patience(timeout_ns))?.as_mut_ptr().cast());
        Ok(())
    })
}

/// Makes the reserved frame visible to every consumer. `sequence`, which may be null, gets its number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_publish(producer: *mut Producer, sequence: *mut u64) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let number = unsafe { get_mut(producer, NO_PRODUCER)? }.raw.publish()?;
        // SAFETY: invariant 1.
        unsafe { give(sequence, number) };
        Ok(())
    })
}

/// Wakes the consumers that sleep. For the functions of ipc_inline.h alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_wake(producer: *const Producer) {
    // SAFETY: invariants 2 and 3.
    if let Some(producer) = unsafe { producer.as_ref() } {
        producer.raw.wake_consumers();
    }
}

/// Gives the reserved frame up, if there is one; nothing of it is published.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_abandon(producer: *mut Producer) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        unsafe { get_mut(producer, NO_PRODUCER)? }.raw.abandon();
        Ok(())
    })
}

/// Sends a copy of these bytes as a frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_send(
    producer: *mut Producer,
    data: *const c_void,
    len_bytes: usize,
    timeout_ns: i64,
    sequence: *mut u64,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let producer = unsafe { get_mut(producer, NO_PRODUCER)? };
        // SAFETY: invariant 1.
        let number = producer.raw.send(unsafe { bytes(data, len_bytes)? }, patience(timeout_ns))?;
        // SAFETY: invariant 1.
        unsafe { give(sequence, number) };
        Ok(())
    })
}

/// Sends a copy of these bytes as a frame, and does what the channel says if the ring is full: waits, or drops the frame, which is
/// IPC_DROPPED. `sequence`, which may be null, gets its number in both cases. IPC_QUIT if the controller has told the module to
/// quit meanwhile: the frame was not sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_deliver(
    producer: *mut Producer,
    data: *const c_void,
    len_bytes: usize,
    sequence: *mut u64,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let producer = unsafe { get_mut(producer, NO_PRODUCER)? };
        // SAFETY: invariant 1.
        let delivery = producer.raw.deliver(unsafe { bytes(data, len_bytes)? })?;
        if let Delivery::Sent(number) | Delivery::Dropped(number) = delivery {
            // SAFETY: invariant 1.
            unsafe { give(sequence, number) };
        }
        delivered(delivery)
    })
}

/// Reserves a frame as ipc_producer_reserve does, and does what the channel says if the ring is full, as ipc_producer_deliver.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_reserve_delivery(
    producer: *mut Producer,
    len_bytes: usize,
    data: *mut *mut c_void,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let raw = &mut unsafe { get_mut(producer, NO_PRODUCER)? }.raw;
        // SAFETY: invariant 1.
        let data = unsafe { place(data, NO_PLACE_OF_DATA)? };
        match raw.reserve(len_bytes, raw.patience()).map(<[u8]>::as_mut_ptr) {
            Ok(frame) => {
                data.write(frame.cast());
                Ok(())
            }
            Err(error) => delivered(raw.undelivered(error)?),
        }
    })
}

/// What became of a frame, as a status.
fn delivered(delivery: Delivery) -> Result<(), Failed> {
    match delivery {
        Delivery::Sent(_) => Ok(()),
        Delivery::Dropped(_) => Err(dropped()),
        Delivery::Unsent => Err(instead(Next::Quit, Patience::Endless)),
    }
}

/// The bytes of a frame.
///
/// # Safety
///
/// Invariant 1 of the library, for `'a`.
unsafe fn bytes<'a>(data: *const c_void, len_bytes: usize) -> Result<&'a [u8], Failed> {
    if data.is_null() {
        return Err(misuse("the frame's address is null"));
    }
    // SAFETY: invariant 1. Not by way of a reference to the first byte, which would speak for that byte alone.
    Ok(unsafe { slice::from_raw_parts(data.cast::<u8>(), len_bytes) })
}

/// From now on, frames become visible together, when the batch ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_begin_batch(producer: *mut Producer) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        unsafe { get_mut(producer, NO_PRODUCER)? }.raw.begin_batch();
        Ok(())
    })
}

/// Makes the frames of the batch visible.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_end_batch(producer: *mut Producer) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        unsafe { get_mut(producer, NO_PRODUCER)? }.raw.end_batch();
        Ok(())
    })
}

/// Counts a frame that was not sent: it takes a sequence number, which consumers miss.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_drop_frame(producer: *mut Producer, sequence: *mut u64) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let number = unsafe { get_mut(producer, NO_PRODUCER)? }.raw.drop_frame()?;
        // SAFETY: invariant 1.
        unsafe { give(sequence, number) };
        Ok(())
    })
}

/// Writes every frame so far to disk, so that a power cut does not lose it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_sync(producer: *mut Producer) -> Status {
    // SAFETY: invariants 2 and 3.
    run(|| Ok(unsafe { get_mut(producer, NO_PRODUCER)? }.raw.sync()?))
}

/// Sequence number of the next frame; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_next_sequence(producer: *const Producer) -> u64 {
    // SAFETY: invariants 2 and 3.
    unsafe { producer.as_ref() }.map_or(0, |producer| producer.raw.next_sequence())
}

/// Frames that producers of this ring have dropped, from its beginning on; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_dropped(producer: *const Producer) -> u64 {
    // SAFETY: invariants 2 and 3.
    unsafe { producer.as_ref() }.map_or(0, |producer| producer.raw.dropped())
}

/// Ends the stream, and frees the producer: consumers get what is left, and then IPC_CLOSED. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_close(producer: *mut Producer) -> Status {
    run(|| {
        if producer.is_null() {
            return Ok(());
        }
        // SAFETY: invariants 2 and 3: Producer::new made it, and nobody uses it again.
        Ok(unsafe { Box::from_raw(producer) }.raw.close()?)
    })
}

/// Frees the producer without ending the stream: consumers wait for the producer that goes on. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_producer_leave(producer: *mut Producer) -> Status {
    run(|| {
        if !producer.is_null() {
            // SAFETY: invariants 2 and 3: Producer::new made it, and nobody uses it again.
            unsafe { Box::from_raw(producer) }.raw.leave();
        }
        Ok(())
    })
}
