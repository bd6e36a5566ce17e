//! A received frame, as a value of C.

use std::ffi::c_void;
use std::ptr;

use ipc_core::raw::UnboundFrame;

use crate::consumer::{Consumer, NO_FRAME, release, release_at_once};
use crate::status::{Status, get_mut, run};

/// A received frame. A consumer's stands in the ring and is held until ipc_frame_release; several may be held, and the
/// producer waits for the oldest. An observer's is a copy, which stays until the observer looks again.
#[derive(Debug)]
#[repr(C)]
pub struct Frame {
    /// Its bytes, 16-aligned.
    pub data: *const c_void,
    /// How many there are.
    pub len_bytes: usize,
    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    pub sequence: u64,
    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames; else 0.
    pub publish_time_ns: u64,
    /// Who holds it: of the library.
    pub consumer: *mut Consumer,
    /// Which of those that are held: of the library.
    pub number: u64,
}

impl Frame {
    /// A frame of a consumer.
    #[inline(always)]
    pub(crate) fn held(received: &UnboundFrame, consumer: *mut Consumer, number: u64) -> Self {
        let copied = Self::copied(received.bytes, received.sequence, received.publish_time_ns);
        Self { consumer, number, ..copied }
    }

    /// A frame that nobody holds.
    #[inline(always)]
    pub(crate) fn copied(bytes: *const [u8], sequence: u64, publish_time_ns: Option<u64>) -> Self {
        Self {
            data: bytes.cast(),
            len_bytes: bytes.len(),
            sequence,
            publish_time_ns: publish_time_ns.unwrap_or(0),
            consumer: ptr::null_mut(),
            number: 0,
        }
    }
}

/// Gives the frame's space back, with that of its batch if it is the first of one, and makes the frame one that nobody holds,
/// so that a second release is an error. Frees its consumer if that was closed, and this was the last frame it held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_frame_release(frame: *mut Frame) -> Status {
    // As in ipc_consumer_recv: without what catches panics.
    // SAFETY: invariant 1.
    if let Some(frame) = unsafe { frame.as_mut() }
        // SAFETY: invariants 2 to 4: a held frame's consumer lives.
        && unsafe { release_at_once(frame.consumer, frame.number) }
    {
        (frame.data, frame.len_bytes, frame.consumer) = (ptr::null(), 0, ptr::null_mut());
        return Status::IPC_OK;
    }
    run(|| {
        // SAFETY: invariant 1.
        let frame = unsafe { get_mut(frame, NO_FRAME)? };
        let (consumer, number) = (frame.consumer, frame.number);
        (frame.data, frame.len_bytes, frame.consumer) = (ptr::null(), 0, ptr::null_mut());
        // SAFETY: invariants 2 to 4: a held frame's consumer lives.
        unsafe { release(consumer, number) }
    })
}
