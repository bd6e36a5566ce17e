//! One of the readers of a ring.

use std::cell::RefCell;
use std::ffi::{c_char, c_int};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::{ptr, slice};

use ipc_core::raw::{Inputs, RawConsumer, UnboundFrame};

use crate::channel::Channel;
use crate::class::Class;
use crate::frame::Frame;
use crate::producer::IPC_AT_ONCE;
use crate::status::{Failed, Status, get, get_mut, give, misuse, patience, place, run, text};

/// One of the readers of a ring; every consumer gets every frame.
#[derive(Debug)]
pub struct Consumer {
    end: End,
    /// Whether it was closed, and waits for its last frame to be released.
    closed: bool,
}

/// Where it is.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "the large one is the common one, and a box would be one more load a frame"
)]
enum End {
    Own(RawConsumer),
    /// Among all that a module reads, which lives as long as the frames that it holds.
    OfModule(Rc<RefCell<Inputs>>, usize),
}

impl Consumer {
    /// The one that a module has for the channel of that index.
    pub(crate) fn of_module(inputs: &Rc<RefCell<Inputs>>, index: usize) -> *mut Self {
        Box::into_raw(Box::new(Self { end: End::OfModule(Rc::clone(inputs), index), closed: false }))
    }

    #[inline(always)]
    fn with<R>(&self, then: impl FnOnce(&RawConsumer) -> R) -> R {
        match &self.end {
            End::Own(raw) => then(raw),
            End::OfModule(inputs, index) => {
                let inputs = inputs.borrow();
                then(inputs.consumer(*index).expect("made for a channel that is consumed"))
            }
        }
    }
}

/// What is known of the one who writes a ring.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "the names that C sees")]
pub enum ProducerState {
    /// No producer has opened the ring yet.
    IPC_PRODUCER_NEVER_OPENED = 0,
    /// A producer has it open.
    IPC_PRODUCER_OPEN = 1,
    /// The last producer ended the stream.
    IPC_PRODUCER_CLOSED = 2,
    /// The last producer went or died without ending the stream; another may go on.
    IPC_PRODUCER_GONE = 3,
    /// The ring was removed.
    IPC_PRODUCER_REPLACED = 4,
}

pub(crate) const NO_FRAME: &str = "the frame is null";
const NO_CONSUMER: &str = "the consumer is null";

/// Opens a consumer's end of a ring: the reserved one of that name, which goes on where its last holder stopped, or for null
/// a dynamic one, which gets every frame from now on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_open(
    channel: *const Channel,
    class: *const Class,
    reserved: *const c_char,
    result: *mut *mut Consumer,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let result = unsafe { place(result, "the place for the consumer is null")? };
        // SAFETY: invariant 1.
        let reserved = if reserved.is_null() { None } else { Some(unsafe { text(reserved, "")? }) };
        // SAFETY: invariants 1 and 2.
        let raw = unsafe {
            Channel::with_class(channel, class, |channel, class| match reserved {
                Some(reserved) => Ok(channel.consumer_of(class, reserved)?),
                None => Ok(channel.dynamic_consumer_of(class)?),
            })?
        };
        result.write(Box::into_raw(Box::new(Consumer { end: End::Own(raw), closed: false })));
        Ok(())
    })
}

/// Receives the next frame, which is held until ipc_frame_release. IPC_CLOSED at the end of the stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_recv(consumer: *mut Consumer, timeout_ns: i64, frame: *mut Frame) -> Status {
    // Without what catches panics, which is a call of its own: here nothing panics.
    // SAFETY: invariants 2 and 3.
    if let Some(Consumer { end: End::Own(raw), .. }) = unsafe { consumer.as_ref() }
        // SAFETY: invariant 1.
        && let Ok(frame) = unsafe { place(frame, NO_FRAME) }
        && timeout_ns != IPC_AT_ONCE
        && let Some(received) = raw.recv_unbound_briefly()
    {
        frame.write(Frame::held(&received, consumer, received.number));
        return Status::IPC_OK;
    }
    run(|| {
        // SAFETY: invariants 2 and 3.
        let held = unsafe { get(consumer, NO_CONSUMER)? };
        // SAFETY: invariant 1.
        let frame = unsafe { place(frame, NO_FRAME)? };
        let received = held.with(|raw| raw.recv_unbound(patience(timeout_ns)))?;
        frame.write(Frame::held(&received, consumer, received.number));
        Ok(())
    })
}

/// Receives a batch: waits for a frame, then takes what is there, up to `room` frames, and stores them in `frames` and their
/// number, which is at least one, in `count`. They are released together, by the release of the first of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_recv_batch(
    consumer: *mut Consumer,
    timeout_ns: i64,
    frames: *mut Frame,
    room: usize,
    count: *mut usize,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let held = unsafe { get(consumer, NO_CONSUMER)? };
        // SAFETY: invariant 1.
        let count = unsafe { place(count, "the place for the number of frames is null")? };
        if frames.is_null() || room == 0 {
            return Err(misuse("a batch has room for one frame at least"));
        }
        // SAFETY: invariant 1.
        let frames = unsafe { slice::from_raw_parts_mut(frames.cast::<MaybeUninit<Frame>>(), room) };
        let mut taken = 0;
        let each = |received: UnboundFrame| {
            let holder = if taken == 0 { consumer } else { ptr::null_mut() };
            frames[taken].write(Frame::held(&received, holder, received.number));
            taken += 1;
        };
        held.with(|raw| raw.recv_batch_unbound(room, patience(timeout_ns), each))?;
        count.write(taken);
        Ok(())
    })
}

/// Releases a frame of a consumer, and frees that if it was closed and holds no other.
///
/// Releases a frame of a consumer that is open, and one of its own; false for all else, which [`release`] knows to do.
///
/// # Safety
///
/// Invariants 2 to 4 of the library.
#[inline(always)]
pub(crate) unsafe fn release_at_once(consumer: *const Consumer, number: u64) -> bool {
    // SAFETY: invariants 2 and 3.
    match unsafe { consumer.as_ref() } {
        // SAFETY: invariant 4.
        Some(Consumer { end: End::Own(raw), closed: false }) => unsafe { raw.release(number) },
        _ => false,
    }
}

/// # Safety
///
/// Invariants 2 to 4 of the library.
#[inline(always)]
pub(crate) unsafe fn release(consumer: *mut Consumer, number: u64) -> Result<(), Failed> {
    const NOT_HELD: &str =
        "the frame is not held: it was released before, is an observer's, or not the first of its batch";
    // SAFETY: invariants 2 and 3.
    let held = unsafe { get(consumer, NOT_HELD)? };
    // SAFETY: invariant 4.
    if !held.with(|raw| unsafe { raw.release(number) }) {
        return Err(misuse(NOT_HELD));
    }
    if held.closed && !held.with(RawConsumer::holds_frames) {
        // SAFETY: invariant 2: this was its last use.
        unsafe { free(consumer) };
    }
    Ok(())
}

/// # Safety
///
/// Invariant 2 of the library: this file made it, and nobody uses it again.
#[cold]
#[inline(never)]
unsafe fn free(consumer: *mut Consumer) {
    // SAFETY: the caller's promise.
    drop(unsafe { Box::from_raw(consumer) });
}

/// A descriptor for event loops: readable while there may be something that receiving with IPC_AT_ONCE has not told of. Receive so until
/// IPC_EMPTY, which makes it unreadable up to the next frame. It belongs to the consumer; nothing is to be read from it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_descriptor(consumer: *const Consumer, descriptor: *mut c_int) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let result = unsafe { place(descriptor, "the place for the descriptor is null")? };
        // SAFETY: invariants 2 and 3.
        let consumer = unsafe { get(consumer, NO_CONSUMER)? };
        result.write(consumer.with(|raw| raw.doorbell().map(|bell| bell.as_raw_fd()))?);
        Ok(())
    })
}

/// Skips every frame that is there but the newest. `skipped`, which may be null, gets their number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_skip_to_latest(consumer: *mut Consumer, skipped: *mut u64) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let count = unsafe { get(consumer, NO_CONSUMER)? }.with(RawConsumer::skip_to_latest)?;
        // SAFETY: invariant 1.
        unsafe { give(skipped, count) };
        Ok(())
    })
}

/// Frames that the producer dropped since this consumer's first one; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_missed(consumer: *const Consumer) -> u64 {
    // SAFETY: invariants 2 and 3.
    unsafe { consumer.as_ref() }.map_or(0, |consumer| consumer.with(RawConsumer::missed))
}

/// What is known of the producer. Asks the kernel, so it is not for each frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_producer_state(consumer: *const Consumer, state: *mut ProducerState) -> Status {
    use ipc_core::ProducerState::{Closed, Gone, NeverOpened, Open, Replaced};
    run(|| {
        // SAFETY: invariants 2 and 3.
        let found = match unsafe { get(consumer, NO_CONSUMER)? }.with(RawConsumer::producer_state)? {
            NeverOpened => ProducerState::IPC_PRODUCER_NEVER_OPENED,
            Open => ProducerState::IPC_PRODUCER_OPEN,
            Closed => ProducerState::IPC_PRODUCER_CLOSED,
            Gone => ProducerState::IPC_PRODUCER_GONE,
            Replaced => ProducerState::IPC_PRODUCER_REPLACED,
        };
        // SAFETY: invariant 1.
        unsafe { give(state, found) };
        Ok(())
    })
}

/// Closes the consumer, and frees it. While frames of it are held, the ring stays mapped and the slot attached, up to the
/// release of the last. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_consumer_close(consumer: *mut Consumer) -> Status {
    run(|| {
        if consumer.is_null() {
            return Ok(());
        }
        // SAFETY: invariants 2 and 3.
        let closing = unsafe { get_mut(consumer, NO_CONSUMER)? };
        if closing.with(RawConsumer::holds_frames) {
            closing.closed = true;
        } else {
            // SAFETY: invariant 2: nobody uses it again.
            unsafe { free(consumer) };
        }
        Ok(())
    })
}
