//! Waiting: a moment under the interpreter's lock, since a busy peer answers in less time than giving the lock away and
//! taking it again costs; then without it, in slices, between which signals are heard.

use std::time::{Duration, Instant};

use ipc_core::Error;
use ipc_core::raw::Patience;
use parking_lot::{Mutex, MutexGuard};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::channel::Stated;
use crate::errors;

/// How late a signal is heard at most.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

/// How long a reader waits for a ring that is not there, unless it says so.
const WAIT_FOR_RING: Duration = Duration::from_secs(60);

/// How long to wait at most; `None` for as long as it takes.
pub(crate) fn limit(timeout: Option<f64>) -> PyResult<Option<Duration>> {
    let Some(seconds) = timeout else { return Ok(None) };
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) => Ok(Some(limit)),
        // A time that no clock shows is no limit.
        Err(_) if seconds > 0.0 => Ok(None),
        Err(_) => {
            Err(PyValueError::new_err(format!("expected a timeout in seconds, at least 0, or None, found {seconds}")))
        }
    }
}

/// Does `step` until it does not time out, or the limit has passed.
#[inline]
pub(crate) fn wait<R: Send>(
    py: Python<'_>,
    limit: Option<Duration>,
    mut step: impl FnMut(Patience) -> Result<R, Error> + Send,
) -> PyResult<R> {
    match step(Patience::Until(Duration::ZERO)) {
        Ok(done) => Ok(done),
        Err(error) if error.is_timed_out() => wait_detached(py, Wait::within(limit), Error::is_timed_out, step),
        Err(error) => Err(errors::of(py, error)),
    }
}

/// How long a wait may take, of one step or of several after another.
#[derive(Clone, Copy)]
pub(crate) struct Wait {
    limit: Option<Duration>,
    deadline: Option<Instant>,
}

impl Wait {
    /// One that begins now; `None` for as long as it takes.
    pub(crate) fn within(limit: Option<Duration>) -> Self {
        Self { limit, deadline: limit.and_then(|limit| Instant::now().checked_add(limit)) }
    }
}

/// Does `step`, which may as well be busy for long, without the interpreter's lock from the beginning on; until it gives another
/// error than one that says that its slice has `passed`, or the wait is over.
#[cold]
pub(crate) fn wait_detached<R: Send>(
    py: Python<'_>,
    Wait { limit, deadline }: Wait,
    passed: fn(&Error) -> bool,
    mut step: impl FnMut(Patience) -> Result<R, Error> + Send,
) -> PyResult<R> {
    loop {
        let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
        match py.detach(|| step(Patience::Until(left.min(SLICE)))) {
            Err(error) if passed(&error) => {
                py.check_signals()?;
                if let (true, Some(limit)) = (left <= SLICE && deadline.is_some(), limit) {
                    return Err(errors::of(py, of_whole_wait(error, limit)));
                }
            }
            outcome => return outcome.map_err(|error| errors::of(py, error)),
        }
    }
}

/// A step of a wait, under a lock that others want meanwhile: without handing it on, this thread would have it again before any
/// other woke.
#[inline]
pub(crate) fn in_turn<T, R>(mutex: &Mutex<T>, step: impl FnOnce(&mut T) -> R) -> R {
    let mut guard = mutex.lock();
    let done = step(&mut guard);
    MutexGuard::unlock_fair(guard);
    done
}

/// Takes a lock that another thread may hold while it waits without the interpreter's lock.
pub(crate) fn lock<'m, T: Send>(py: Python<'_>, mutex: &'m Mutex<T>) -> PyResult<MutexGuard<'m, T>> {
    loop {
        if let Some(guard) = mutex.try_lock() {
            return Ok(guard);
        }
        py.detach(|| drop(mutex.try_lock_for(SLICE)));
        py.check_signals()?;
    }
}

/// The error of a slice, as one of the whole wait.
fn of_whole_wait(error: Error, limit: Duration) -> Error {
    match error {
        Error::TimedOut { ring, slowest, .. } => Error::TimedOut { ring, limit, slowest },
        Error::NoRoom { stream, .. } => Error::NoRoom { stream, limit: Some(limit) },
        Error::Locked { state, process, .. } => Error::Locked { state, process, limit: Some(limit) },
        other => other,
    }
}

/// Opens what may have to wait for its ring, in slices as well.
pub(crate) fn open<R: Send>(
    py: Python<'_>,
    stated: &Stated,
    step: impl Fn(&Stated, Duration) -> Result<R, Error> + Send + Sync,
) -> PyResult<R> {
    let limit = stated.wait_for_ring.unwrap_or(WAIT_FOR_RING);
    let began = Instant::now();
    loop {
        let left = limit.saturating_sub(began.elapsed());
        match py.detach(|| step(stated, left.min(SLICE))) {
            Err(Error::NotThere { ring, waited }) => {
                py.check_signals()?;
                if left <= SLICE {
                    return Err(errors::of(py, Error::NotThere { ring, waited: waited.map(|_| limit) }));
                }
            }
            outcome => return outcome.map_err(|error| errors::of(py, error)),
        }
    }
}
