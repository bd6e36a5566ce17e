//! Classes that are known at run time.

use std::ffi::{CString, c_char};

use ipc_core::raw::{RawChannel, RawClass};

use crate::channel::Channel;
use crate::status::{Failed, Status, get, give, misuse, place, run, text};

/// A class, by its name, fingerprint and canonical description.
#[derive(Debug)]
pub struct Class {
    pub(crate) raw: RawClass,
    name: CString,
    schema: CString,
}

impl Class {
    pub(crate) fn new(raw: RawClass) -> Result<Box<Self>, Failed> {
        let text = |text: &str| CString::new(text).map_err(|_| misuse("a description has no zero bytes"));
        let (name, schema) = (text(raw.name())?, text(raw.schema())?);
        Ok(Box::new(Self { raw, name, schema }))
    }
}

fn class(raw: RawClass) -> Result<*mut Class, Failed> {
    Class::new(raw).map(Box::into_raw)
}

pub(crate) const NO_CLASS: &str = "the class is null";
const NO_NAME: &str = "the name of the class is null";
const NO_PLACE: &str = "the place for the class is null";

/// Reads the class of that name from a JSON text, which imports nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_from_json(
    json: *const c_char,
    name: *const c_char,
    result: *mut *mut Class,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let json = unsafe { text(json, "the JSON text is null")? };
        // SAFETY: invariant 1.
        let name = unsafe { text(name, NO_NAME)? };
        // SAFETY: invariant 1.
        let result = unsafe { place(result, NO_PLACE)? };
        result.write(class(RawClass::from_json(json, name)?)?);
        Ok(())
    })
}

/// Reads the class of that name from a JSON file and all that it imports.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_from_file(
    path: *const c_char,
    name: *const c_char,
    result: *mut *mut Class,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let path = unsafe { text(path, "the path is null")? };
        // SAFETY: invariant 1.
        let name = unsafe { text(name, NO_NAME)? };
        // SAFETY: invariant 1.
        let result = unsafe { place(result, NO_PLACE)? };
        result.write(class(RawClass::from_file(path, name)?)?);
        Ok(())
    })
}

/// Reads the class of the ring that is there, after a wait for it; the ring's text is believed only if it gives the ring's
/// fingerprint.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_from_ring(channel: *const Channel, result: *mut *mut Class) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let result = unsafe { place(result, NO_PLACE)? };
        let with = |channel: RawChannel<'_>| Ok(channel.class()?);
        // SAFETY: invariant 1.
        result.write(class(unsafe { Channel::with(channel, with)? })?);
        Ok(())
    })
}

/// Its name. It stays as long as the class; so does its schema.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_name(class: *const Class) -> *const c_char {
    // SAFETY: invariants 1 and 2.
    unsafe { class.as_ref() }.map_or(c"".as_ptr(), |class| class.name.as_ptr())
}

/// Its description and those of all that it uses, as canonical JSON; the last class is this one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_schema(class: *const Class) -> *const c_char {
    // SAFETY: invariants 1 and 2.
    unsafe { class.as_ref() }.map_or(c"".as_ptr(), |class| class.schema.as_ptr())
}

/// Its fingerprint, 16 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_fingerprint(class: *const Class, fingerprint: *mut u8) -> Status {
    run(|| {
        // SAFETY: invariants 1 and 2.
        let class = unsafe { get(class, NO_CLASS)? };
        // SAFETY: invariant 1.
        unsafe { give(fingerprint.cast(), class.raw.fingerprint().0) };
        Ok(())
    })
}

/// Frees a class; ends that were opened with it stay. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_class_free(class: *mut Class) {
    if !class.is_null() {
        // SAFETY: invariant 2: class() made it, and nobody frees it again.
        drop(unsafe { Box::from_raw(class) });
    }
}
