//! A reader without a slot.

use ipc_core::raw::{RawObserved, RawObserver};

use crate::channel::Channel;
use crate::class::Class;
use crate::consumer::NO_FRAME;
use crate::frame::Frame;
use crate::status::{Failed, Status, get_mut, patience, place, run};

/// A reader that never holds the producer back, and may skip frames.
#[derive(Debug)]
pub struct Observer {
    raw: RawObserver,
}

/// Opens an observer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_observer_open(
    channel: *const Channel,
    class: *const Class,
    result: *mut *mut Observer,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let result = unsafe { place(result, "the place for the observer is null")? };
        // SAFETY: invariants 1 and 2.
        let raw = unsafe { Channel::with_class(channel, class, |channel, class| Ok(channel.observer_of(class)?))? };
        result.write(Box::into_raw(Box::new(Observer { raw })));
        Ok(())
    })
}

/// The next frame, beginning with the newest one at the time of opening. It is a copy, and not to be released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_observer_recv(observer: *mut Observer, timeout_ns: i64, frame: *mut Frame) -> Status {
    // SAFETY: invariants 1 to 4.
    run(|| unsafe { observe(observer, frame, |observer| Ok(observer.recv(patience(timeout_ns))?)) })
}

/// The newest frame that was not given yet; IPC_EMPTY if there is none. It is a copy, and not to be released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_observer_latest(observer: *mut Observer, frame: *mut Frame) -> Status {
    // SAFETY: invariants 1 to 4.
    run(|| unsafe { observe(observer, frame, |observer| Ok(observer.latest()?)) })
}

/// # Safety
///
/// Invariants 1 to 4 of the library.
unsafe fn observe(
    observer: *mut Observer,
    frame: *mut Frame,
    look: impl FnOnce(&mut RawObserver) -> Result<&RawObserved, Failed>,
) -> Result<(), Failed> {
    // SAFETY: invariants 2 and 3.
    let observer = unsafe { get_mut(observer, "the observer is null")? };
    // SAFETY: invariant 1.
    let frame = unsafe { place(frame, NO_FRAME)? };
    let seen = look(&mut observer.raw)?;
    frame.write(Frame::copied(seen.bytes(), seen.sequence(), seen.publish_time_ns()));
    Ok(())
}

/// Frames that were sent and that this observer did not get, since its first one; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_observer_skipped(observer: *const Observer) -> u64 {
    // SAFETY: invariants 2 and 3.
    unsafe { observer.as_ref() }.map_or(0, |observer| observer.raw.skipped())
}

/// Closes the observer, and frees it. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_observer_close(observer: *mut Observer) {
    if !observer.is_null() {
        // SAFETY: invariants 2 and 3: ipc_observer_open made it, and nobody uses it again.
        drop(unsafe { Box::from_raw(observer) });
    }
}
