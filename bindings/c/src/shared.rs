//! One value that several processes have in common.

use std::ffi::{c_char, c_void};
use std::{ptr, slice};

use ipc_core::raw::RawShared;

use crate::class::{Class, NO_CLASS};
use crate::status::{Failed, Status, get, get_mut, give, misuse, patience, run, text};

/// A handle of shared state: one value of a class of constant size.
#[derive(Debug)]
pub struct Shared {
    raw: RawShared,
}

const NO_SHARED: &str = "the shared state is null";
const NO_NAME: &str = "the name of the shared state is null";
const NO_PLACE: &str = "the place for the shared state is null";
const NO_VALUE: &str = "the place for the value's address is null";

/// Opens shared state; makes it first if it is not there, with these bytes as its value, which is a frame of the class.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_create(
    name: *const c_char,
    class: *const Class,
    first: *const c_void,
    len_bytes: usize,
    result: *mut *mut Shared,
) -> Status {
    run(|| {
        if first.is_null() {
            return Err(misuse("the address of the first value is null"));
        }
        // SAFETY: invariant 1.
        let first = unsafe { slice::from_raw_parts(first.cast::<u8>(), len_bytes) };
        // SAFETY: invariants 1 and 2.
        unsafe { opened(name, class, result, |name, class| Ok(RawShared::create(name, &class.raw, first)?)) }
    })
}

/// Opens shared state that is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_open(name: *const c_char, class: *const Class, result: *mut *mut Shared) -> Status {
    // SAFETY: invariants 1 and 2.
    run(|| unsafe { opened(name, class, result, |name, class| Ok(RawShared::open(name, &class.raw)?)) })
}

/// Removes shared state, of whatever class it is; who has it open gets IPC_REPLACED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_remove(name: *const c_char) -> Status {
    // SAFETY: invariant 1.
    run(|| Ok(RawShared::remove(unsafe { text(name, NO_NAME)? })?))
}

/// The value as of the last complete change: a copy, 16-aligned, which stays until the handle is used again. Takes no lock.
/// `version`, which may be null, gets the number of changes that the value has had.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_read(shared: *mut Shared, value: *mut *const c_void, version: *mut u64) -> Status {
    // SAFETY: invariants 1 to 4.
    run(|| unsafe { copied(shared, value, version, |raw| Ok(raw.read()?)) })
}

/// The same, as soon as the value is another than this handle has read, locked or published last; if there was none, at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_wait_changed(
    shared: *mut Shared,
    timeout_ns: i64,
    value: *mut *const c_void,
    version: *mut u64,
) -> Status {
    // SAFETY: invariants 1 to 4.
    run(|| unsafe { copied(shared, value, version, |raw| Ok(raw.wait_changed(patience(timeout_ns))?)) })
}

/// Takes the lock: `*value` is the value, 16-aligned, to change in place until it is published or discarded. IPC_LOCKED if the
/// lock is not free in time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_lock(shared: *mut Shared, timeout_ns: i64, value: *mut *mut c_void) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let shared = unsafe { get_mut(shared, NO_SHARED)? };
        // SAFETY: invariant 1.
        let value = unsafe { get_mut(value, NO_VALUE)? };
        *value = shared.raw.lock(patience(timeout_ns))?.as_mut_ptr().cast();
        Ok(())
    })
}

/// While this handle has the lock: a copy of what a holder that died had made of the value; null if nobody did.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_unfinished(shared: *const Shared) -> *const c_void {
    // SAFETY: invariants 2 and 3.
    let unfinished = unsafe { shared.as_ref() }.and_then(|shared| shared.raw.unfinished());
    unfinished.map_or(ptr::null(), |bytes| bytes.as_ptr().cast())
}

/// Makes the change visible to all, and gives the lock back. `version`, which may be null, gets the number of changes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_publish(shared: *mut Shared, version: *mut u64) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let raw = &mut unsafe { get_mut(shared, NO_SHARED)? }.raw;
        raw.publish()?;
        // SAFETY: invariant 1.
        unsafe { give(version, raw.version()) };
        Ok(())
    })
}

/// Forgets the change, and gives the lock back, if this handle has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_discard(shared: *mut Shared) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        unsafe { get_mut(shared, NO_SHARED)? }.raw.discard();
        Ok(())
    })
}

/// How many changes the value has had that this handle has read, locked or published last; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_version(shared: *const Shared) -> u64 {
    // SAFETY: invariants 2 and 3.
    unsafe { shared.as_ref() }.map_or(0, |shared| shared.raw.version())
}

/// Discards what is locked, and frees the handle; the shared state stays. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_shared_close(shared: *mut Shared) {
    if !shared.is_null() {
        // SAFETY: invariants 2 and 3: opened() made it, and nobody uses it again.
        drop(unsafe { Box::from_raw(shared) });
    }
}

/// # Safety
///
/// Invariants 1 and 2 of the library.
unsafe fn opened(
    name: *const c_char,
    class: *const Class,
    result: *mut *mut Shared,
    open: impl FnOnce(&str, &Class) -> Result<RawShared, Failed>,
) -> Result<(), Failed> {
    // SAFETY: invariant 1.
    let name = unsafe { text(name, NO_NAME)? };
    // SAFETY: invariants 1 and 2.
    let class = unsafe { get(class, NO_CLASS)? };
    // SAFETY: invariant 1.
    let result = unsafe { get_mut(result, NO_PLACE)? };
    let raw = open(name, class)?;
    *result = Box::into_raw(Box::new(Shared { raw }));
    Ok(())
}

/// # Safety
///
/// Invariants 1 to 4 of the library.
unsafe fn copied(
    shared: *mut Shared,
    value: *mut *const c_void,
    version: *mut u64,
    look: impl FnOnce(&mut RawShared) -> Result<&[u8], Failed>,
) -> Result<(), Failed> {
    // SAFETY: invariants 2 and 3.
    let shared = unsafe { get_mut(shared, NO_SHARED)? };
    // SAFETY: invariant 1.
    let value = unsafe { get_mut(value, NO_VALUE)? };
    *value = look(&mut shared.raw)?.as_ptr().cast();
    // SAFETY: invariant 1.
    unsafe { give(version, shared.raw.version()) };
    Ok(())
}
