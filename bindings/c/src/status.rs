//! [`Status`], and the last problem of each thread.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::raw::{Next, Patience};

/// Version of this interface. Programs that were built with another one do not work with this library.
pub const IPC_ABI_VERSION: u32 = 0;

/// The version of the interface that the library has.
#[unsafe(no_mangle)]
pub extern "C" fn ipc_abi_version() -> u32 {
    IPC_ABI_VERSION
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "the names that C sees")]
pub enum Status {
    /// It did what it was to do.
    IPC_OK = 0,
    /// The ring has no space until the slowest consumer goes on.
    IPC_FULL = 1,
    /// No frame is there now.
    IPC_EMPTY = 2,
    /// Nothing came within the time limit.
    IPC_TIMED_OUT = 3,
    /// The producer ended the stream, and every frame of it was received.
    IPC_CLOSED = 4,
    /// The ring was removed.
    IPC_REPLACED = 5,
    /// The ring is for another class.
    IPC_MISMATCH = 6,
    /// There is no such ring.
    IPC_NOT_THERE = 7,
    /// The file is no ring, or not a whole one.
    IPC_NOT_A_RING = 8,
    /// Something in the ring that no correct program writes.
    IPC_DAMAGED = 9,
    /// The frame has a length that its class cannot have.
    IPC_BAD_FRAME = 10,
    /// The frame does not fit the ring.
    IPC_TOO_LARGE = 11,
    /// Another producer has the ring open.
    IPC_PRODUCER_TAKEN = 12,
    /// Another consumer is attached to the reserved slot.
    IPC_SLOT_TAKEN = 13,
    /// The ring has no reserved slot of that name.
    IPC_NO_SUCH_SLOT = 14,
    /// The handle was made before a fork, and this is the child.
    IPC_FORKED = 15,
    /// A channel that cannot be, or shared state.
    IPC_BAD_CHANNEL = 16,
    /// A description of classes that is none, or that has not the class that was asked for.
    IPC_BAD_DESCRIPTION = 17,
    /// The operating system refused.
    IPC_OS = 18,
    /// The ring is for the same class, and differs from what the channel states.
    IPC_DIFFERS = 19,
    /// All dynamic slots are in use.
    IPC_NO_FREE_SLOT = 20,
    /// A frame was to be published, and none is reserved.
    IPC_NOTHING_RESERVED = 21,
    /// A frame was to be reserved or sent while another one is reserved.
    IPC_FRAME_OPEN = 22,
    /// The call itself is wrong: a null pointer, a frame that is not held.
    IPC_MISUSE = 23,
    /// A fault of this library.
    IPC_FAULT = 24,
    /// Another handle has the lock of the shared state.
    IPC_LOCKED = 25,
    /// The controller has told the module to quit, or is gone.
    IPC_QUIT = 26,
    /// The streams of all channels that the module reads are over.
    IPC_ALL_CLOSED = 27,
    /// The ring was full, and the frame was dropped, as its channel says.
    IPC_DROPPED = 28,
    /// What a program and its application's file do not have in common.
    IPC_APPLICATION = 29,
    /// Nobody is at the other end of a stream.
    IPC_GONE = 30,
    /// Bytes in a stream that no correct writer writes.
    IPC_NOT_A_STREAM = 31,
}

use Status::*;

/// A call that failed; why is kept for [`ipc_last_message`]. One word, so that what does not fail has nothing to carry.
#[derive(Debug)]
pub(crate) struct Failed(Status);

impl From<Error> for Failed {
    #[cold]
    #[inline(never)]
    fn from(error: Error) -> Self {
        keep(Problem::Ring(error))
    }
}

/// A call that is wrong, as this text says.
#[cold]
#[inline(never)]
pub(crate) fn misuse(text: &'static str) -> Failed {
    keep(Problem::Misuse(text))
}

/// What came to a main loop in place of a frame, after a wait of that patience.
#[cold]
#[inline(never)]
pub(crate) fn instead(next: Next, patience: Patience) -> Failed {
    keep(Problem::NoFrame(next, patience))
}

/// A frame that was dropped.
#[cold]
#[inline(never)]
pub(crate) fn dropped() -> Failed {
    keep(Problem::Dropped)
}

/// Why a call failed.
#[derive(Debug)]
enum Problem {
    Ring(Error),
    NoFrame(Next, Patience),
    Dropped,
    Misuse(&'static str),
    Fault(String),
}

impl Problem {
    fn status(&self) -> Status {
        match self {
            Self::Misuse(_) => IPC_MISUSE,
            Self::Fault(_) => IPC_FAULT,
            Self::Dropped => IPC_DROPPED,
            Self::NoFrame(next, patience) => match next {
                Next::Closed(_) => IPC_CLOSED,
                Next::AllClosed => IPC_ALL_CLOSED,
                Next::Quit => IPC_QUIT,
                _ if *patience == Patience::None => IPC_EMPTY,
                _ => IPC_TIMED_OUT,
            },
            Self::Ring(error) => match error {
                Error::Full { .. } => IPC_FULL,
                Error::Empty(_) => IPC_EMPTY,
                Error::TimedOut { .. } => IPC_TIMED_OUT,
                Error::Closed(_) => IPC_CLOSED,
                Error::Replaced(_) => IPC_REPLACED,
                Error::Mismatch(_) => IPC_MISMATCH,
                Error::Differs { .. } => IPC_DIFFERS,
                Error::NotThere { .. } => IPC_NOT_THERE,
                Error::NotARing { .. } => IPC_NOT_A_RING,
                Error::Damaged { .. } => IPC_DAMAGED,
                Error::Frame(_) => IPC_BAD_FRAME,
                Error::TooLarge { .. } => IPC_TOO_LARGE,
                Error::ProducerTaken(_) => IPC_PRODUCER_TAKEN,
                Error::SlotTaken { .. } => IPC_SLOT_TAKEN,
                Error::NoFreeSlot { .. } => IPC_NO_FREE_SLOT,
                Error::NoSuchSlot { .. } => IPC_NO_SUCH_SLOT,
                Error::Forked(_) => IPC_FORKED,
                Error::Locked { .. } => IPC_LOCKED,
                Error::NotLocked(_) => IPC_MISUSE,
                Error::Channel { .. } | Error::State { .. } => IPC_BAD_CHANNEL,
                Error::Description(_) => IPC_BAD_DESCRIPTION,
                Error::NothingReserved(_) => IPC_NOTHING_RESERVED,
                Error::FrameOpen(_) => IPC_FRAME_OPEN,
                Error::Quit(_) => IPC_QUIT,
                Error::Application(_) => IPC_APPLICATION,
                Error::Gone(_) => IPC_GONE,
                Error::NoRoom { limit: None, .. } => IPC_FULL,
                Error::NoRoom { limit: Some(_), .. } => IPC_TIMED_OUT,
                Error::NotAStream { .. } => IPC_NOT_A_STREAM,
                Error::Control(_) | Error::WaitingForSeveral(_) | Error::Os { .. } => IPC_OS,
                _ => IPC_FAULT,
            },
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Ring(error) => error.to_string(),
            Self::Dropped => "the ring is full: the frame was dropped, as its channel says".to_owned(),
            Self::NoFrame(next, patience) => match (next, patience) {
                (Next::Closed(_), _) => "the stream of a channel of this module is over".to_owned(),
                (Next::AllClosed, _) => "the streams of all channels of this module are over".to_owned(),
                (Next::Quit, _) => "the controller has told this module to quit".to_owned(),
                (_, Patience::Until(limit)) => format!("no frame on any channel within {limit:?}"),
                _ => "no frame on any channel".to_owned(),
            },
            Self::Misuse(text) => (*text).to_owned(),
            Self::Fault(text) => format!("a fault of the ipc library: {text}"),
        }
    }
}

/// The last problem of a thread, and its text once that was asked for: an outcome such as "empty" costs no text.
#[derive(Default)]
struct Last {
    problem: Option<Problem>,
    text: CString,
}

thread_local! {
    static LAST: RefCell<Last> = RefCell::default();
}

/// The text of this thread's last problem: what was expected, what was found, where, and what to do. It stays until the
/// thread's next call that fails. Empty if none has failed.
#[unsafe(no_mangle)]
pub extern "C" fn ipc_last_message() -> *const c_char {
    let text = LAST.try_with(|last| {
        let mut last = last.borrow_mut();
        if let Some(problem) = last.problem.take() {
            last.text = CString::new(problem.text().replace('\0', "\\0")).unwrap_or_default();
        }
        last.text.as_ptr()
    });
    // A thread that ends has no last problem any more.
    text.unwrap_or(c"".as_ptr())
}

/// Runs a function for C: nothing unwinds out of it.
#[inline(always)]
pub(crate) fn run(call: impl FnOnce() -> Result<(), Failed>) -> Status {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => IPC_OK,
        Ok(Err(Failed(status))) => status,
        Err(panic) => fault(panic),
    }
}

/// A panic of this library, which it should not have.
#[cold]
#[inline(never)]
fn fault(panic: Box<dyn Any + Send>) -> Status {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    keep(Problem::Fault(text.unwrap_or_default().to_owned())).0
}

/// Keeps a problem for [`ipc_last_message`].
fn keep(problem: Problem) -> Failed {
    let status = problem.status();
    let _ = LAST.try_with(|last| last.borrow_mut().problem = Some(problem));
    Failed(status)
}

/// What a pointer points to; an error for null. `what` names it.
///
/// # Safety
///
/// Invariant 1, for `'a`.
#[inline(always)]
pub(crate) unsafe fn get<'a, T>(pointer: *const T, what: &'static str) -> Result<&'a T, Failed> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_ref() }.ok_or_else(|| misuse(what))
}

/// The same, to write.
///
/// # Safety
///
/// Invariants 1 and 3, for `'a`.
#[inline(always)]
pub(crate) unsafe fn get_mut<'a, T>(pointer: *mut T, what: &'static str) -> Result<&'a mut T, Failed> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_mut() }.ok_or_else(|| misuse(what))
}

/// Where a result goes, of which nothing is read; an error for null.
///
/// # Safety
///
/// Invariants 1 and 3, for `'a`.
#[inline(always)]
pub(crate) unsafe fn place<'a, T>(pointer: *mut T, what: &'static str) -> Result<&'a mut MaybeUninit<T>, Failed> {
    // SAFETY: the caller's promise.
    unsafe { pointer.cast::<MaybeUninit<T>>().as_mut() }.ok_or_else(|| misuse(what))
}

/// A text of C.
///
/// # Safety
///
/// Invariant 1, for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, what: &'static str) -> Result<&'a str, Failed> {
    if pointer.is_null() {
        return Err(misuse(what));
    }
    // SAFETY: not null, and the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| misuse("a text that is given to this library is UTF-8, and this one is not"))
}

/// Stores a result where C wants it; not at all for null.
///
/// # Safety
///
/// Invariant 1.
#[inline(always)]
pub(crate) unsafe fn give<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not null, and the caller's promise; what was there is plain data of C.
        unsafe { place.write(value) };
    }
}

/// How long a call waits, as C says it.
#[inline(always)]
pub(crate) fn patience(timeout_ns: i64) -> Patience {
    match timeout_ns {
        ..0 => Patience::Endless,
        0 => Patience::None,
        limit => Patience::Until(Duration::from_nanos(limit as u64)),
    }
}
