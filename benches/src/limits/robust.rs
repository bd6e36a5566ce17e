//! The limit of shared state: a value beside a bare `pthread_mutex_t`, robust and shared between processes, in a mapped file.
//!
//! It is changed where it stands, so that a holder that dies leaves it half changed, and whoever reads it takes the lock.

use std::fs::File;
use std::hint::black_box;
use std::mem::{MaybeUninit, offset_of};

use memmap2::{MmapOptions, MmapRaw};

use crate::Outcome;
use crate::laps::per_step;
use crate::side::{Measured, Side};
use crate::task::Work;

/// Bytes of the value, its counter included.
pub(crate) const VALUE_BYTES: usize = 256;

#[repr(C)]
struct Locked {
    mutex: libc::pthread_mutex_t,
    value: Value,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Value {
    counter: i32,
    message: [u8; VALUE_BYTES - size_of::<i32>()],
}

/// A file with a mutex and its value.
///
/// # Invariant
///
/// The mapping holds a whole [`Locked`], page-aligned, whose mutex was initialised; this process alone has it.
struct Mapped(MmapRaw);

impl Mapped {
    fn new(side: &Side<'_>) -> Outcome<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(side.path("robust"))?;
        file.set_len(size_of::<Locked>() as u64)?;
        let map = MmapOptions::new().len(size_of::<Locked>()).map_raw(&file)?;
        let mapped = Self(map);
        let mut attributes = MaybeUninit::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: room for attributes.
        let mut failed = unsafe { libc::pthread_mutexattr_init(attributes) };
        // SAFETY: attributes that were initialised.
        failed |= unsafe { libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED) };
        // SAFETY: as above.
        failed |= unsafe { libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST) };
        // SAFETY: as above, and the mapping has room for a mutex, which nobody else knows.
        failed |= unsafe { libc::pthread_mutex_init(mapped.mutex(), attributes) };
        if failed == 0 { Ok(mapped) } else { Err("no robust mutex can be made".into()) }
    }

    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        self.0.as_mut_ptr().cast()
    }

    /// Does something with the value while the mutex is locked.
    fn with<R>(&self, then: impl FnOnce(&mut Value) -> R) -> Outcome<R> {
        // SAFETY: the invariant.
        if unsafe { libc::pthread_mutex_lock(self.mutex()) } != 0 {
            return Err("the mutex is not locked".into());
        }
        let value = self.0.as_mut_ptr().wrapping_add(offset_of!(Locked, value)).cast::<Value>();
        // SAFETY: the invariant; the mutex is locked, and any bytes are a value.
        let outcome = then(unsafe { &mut *value });
        // SAFETY: the invariant, and this thread has the mutex.
        unsafe { libc::pthread_mutex_unlock(self.mutex()) };
        Ok(outcome)
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the invariant; nobody has the mutex.
        unsafe { libc::pthread_mutex_destroy(self.mutex()) };
    }
}

/// Runs the one side that works.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let mapped = Mapped::new(side)?;
    let figure = per_step(side.task.steps, |first, end| {
        for number in first..end {
            match side.task.work {
                Work::Change => mapped.with(|value| black_box(value).counter = number as i32)?,
                _ => drop(black_box(mapped.with(|value| *value)?).message),
            }
        }
        Ok(())
    })?;
    Ok(Measured { figure: Some(figure), ..Measured::default() })
}
