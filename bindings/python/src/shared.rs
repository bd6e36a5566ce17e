//! [`Shared`]: one value that several processes have in common.

use std::path::PathBuf;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use ipc_core::raw::{Patience, RawShared};
use ipc_core::{AlignedBytes, Error};
use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;

use crate::channel::RingName;
use crate::errors;
use crate::frame::Frame;
use crate::layout::Layout;
use crate::loan::{Loan, Owner};
use crate::patience::{self, in_turn};
use crate::view::{Writing, released};
use crate::write::Target;

/// A handle of shared state, which stays mapped as long as a value of it is referred to.
pub(crate) struct State {
    raw: Mutex<Handle>,
    /// The value that was locked last.
    writing: Mutex<Option<Arc<Writing>>>,
}

struct Handle {
    raw: RawShared,
    /// It is still mapped.
    is_closed: bool,
}

impl Handle {
    /// The handle; nothing once it was closed.
    fn open(&mut self) -> Option<&mut RawShared> {
        if self.is_closed { None } else { Some(&mut self.raw) }
    }
}

impl State {
    /// The lock of this process; another thread may hold it while it waits, and wants the interpreter's lock in between.
    fn handle(&self, py: Python<'_>) -> MutexGuard<'_, Handle> {
        loop {
            if let Some(handle) = self.raw.try_lock() {
                return handle;
            }
            py.detach(|| drop(self.raw.lock()));
        }
    }

    /// Does something with the handle.
    fn with<R>(&self, py: Python<'_>, then: impl FnOnce(&mut RawShared) -> Result<R, Error>) -> PyResult<R> {
        let outcome = self.handle(py).open().map(then).transpose();
        outcome.map_err(|error| errors::of(py, error))?.ok_or_else(|| closed(py))
    }

    /// Waits with the handle.
    fn wait<R: Send>(
        &self,
        py: Python<'_>,
        limit: Limit,
        then: impl Fn(&mut RawShared, Patience) -> Result<R, Error> + Send + Sync,
    ) -> PyResult<R> {
        let step = |patience| in_turn(&self.raw, |handle| handle.open().map(|raw| then(raw, patience)).transpose());
        drop(self.handle(py));
        let done = match limit {
            Limit::Now => step(Patience::None).map_err(|error| errors::of(py, error))?,
            Limit::Within(limit) => patience::wait(py, limit, step)?,
        };
        done.ok_or_else(|| closed(py))
    }

    /// Makes the change visible; gives the version.
    pub(crate) fn publish(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |raw| raw.publish().map(|()| raw.version()))
    }

    /// Gives the lock back, and forgets the change.
    pub(crate) fn discard(&self) {
        // Whoever has this process's lock while the value is locked gives it back at once.
        self.raw.lock().raw.discard();
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this shared state was closed")
}

/// How long to wait.
#[derive(Clone, Copy)]
enum Limit {
    /// Not at all.
    Now,
    /// `None` for as long as it takes.
    Within(Option<Duration>),
}

/// Memory of the state, on its way out of a wait.
struct Claimed(NonNull<u8>, usize);

// SAFETY: an address, which is used under the interpreter's lock alone (invariant 3).
unsafe impl Send for Claimed {}

/// One value of a class of constant size that several processes have in common.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Shared {
    state: Arc<State>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    path: PathBuf,
}

impl Shared {
    fn lock_within(&self, py: Python<'_>, limit: Limit) -> PyResult<Loan> {
        let Self { state, layout, .. } = self;
        // Of a value that was given up: its place is the next one's.
        let given_up = state.writing.lock().clone().filter(|writing| writing.is_over());
        if let Some(writing) = given_up {
            writing.check_views(py, &layout.plan.name)?;
        }
        let Claimed(start, len) = state.wait(py, limit, |raw, patience| {
            let value = raw.lock(patience)?;
            Ok(Claimed(NonNull::from(&mut *value).cast(), value.len()))
        })?;
        // SAFETY: the handle has the lock until the value is published or given up, and is mapped as long as `state` is
        // referred to.
        let target = unsafe { Target::new(start, len) };
        let writing = Arc::new(Writing::default());
        let loan = Loan::new(Owner::Shared(Arc::clone(state)), &layout.plan, target, Arc::clone(&writing));
        match loan {
            Ok(loan) => {
                *state.writing.lock() = Some(writing);
                Ok(loan)
            }
            Err(error) => {
                state.discard();
                Err(error.raise(py, &layout.plan.name))
            }
        }
    }

    fn frame(&self, py: Python<'_>, (bytes, version): (AlignedBytes, u64)) -> PyResult<Frame> {
        Frame::copied(py, bytes, version, None, &self.layout)
    }
}

#[pymethods]
impl Shared {
    #[new]
    #[pyo3(signature = (class_, name, first = None, *, existing = false))]
    fn new(
        class_: &Bound<'_, PyAny>,
        name: RingName,
        first: Option<&Bound<'_, PyAny>>,
        existing: bool,
    ) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let first = match first {
            Some(first) => {
                let checked = layout.check_kind(class_, first);
                checked.and_then(|()| layout.bytes_of(first))
            }
            None => layout.bytes_of(layout.new_value(py)?.as_any()),
        };
        let first = first.map_err(|error| error.raise(py, &layout.plan.name))?;
        let opened = py.detach(|| match existing {
            true => RawShared::open(&name, &layout.raw),
            false => RawShared::create(&name, &layout.raw, &first),
        });
        let raw = opened.map_err(|error| errors::of(py, error))?;
        let path = raw.path().to_owned();
        let state = Arc::new(State { raw: Mutex::new(Handle { raw, is_closed: false }), writing: Mutex::new(None) });
        Ok(Self { state, layout, class: class_.clone().unbind(), path })
    }

    /// The value as of the last complete change, a copy. Takes no lock.
    fn read(&self, py: Python<'_>) -> PyResult<Frame> {
        let copied = self.state.with(py, |raw| Ok((AlignedBytes::copy_of(raw.read()?), raw.version())))?;
        self.frame(py, copied)
    }

    /// The value as soon as it is another than was read, locked or published last; if there was none, at once. A copy.
    #[pyo3(signature = (timeout = None))]
    fn wait_changed(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Frame> {
        let limit = Limit::Within(patience::limit(timeout)?);
        let copied = self
            .state
            .wait(py, limit, |raw, patience| Ok((AlignedBytes::copy_of(raw.wait_changed(patience)?), raw.version())))?;
        self.frame(py, copied)
    }

    /// Takes the lock, and gives the value to change in place: `with shared.lock() as value:` publishes it at its end, and forgets
    /// the change after an exception.
    #[pyo3(signature = (timeout = None))]
    fn lock(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Loan> {
        self.lock_within(py, Limit::Within(patience::limit(timeout)?))
    }

    /// The same, but `Locked` where another handle has the lock.
    fn try_lock(&self, py: Python<'_>) -> PyResult<Loan> {
        self.lock_within(py, Limit::Now)
    }

    /// While it is locked: what a holder that died had made of the value, a copy; `None` if nobody did.
    #[getter]
    fn unfinished(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        let found =
            self.state.with(py, |raw| Ok(raw.unfinished().map(AlignedBytes::copy_of).map(|it| (it, raw.version()))))?;
        found.map(|copied| self.frame(py, copied)).transpose()
    }

    /// How many changes the value has had that was read, locked or published last.
    #[getter]
    fn version(&self, py: Python<'_>) -> PyResult<u64> {
        self.state.with(py, |raw| Ok(raw.version()))
    }

    /// The file.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The class of its value.
    #[getter]
    fn class_(&self, py: Python<'_>) -> Py<PyAny> {
        self.class.clone_ref(py)
    }

    /// Removes shared state, of whatever class it is; who has it open gets `Replaced`.
    #[staticmethod]
    fn remove(py: Python<'_>, name: RingName) -> PyResult<()> {
        py.detach(|| RawShared::remove(&name)).map_err(|error| errors::of(py, error))
    }

    /// Lets go of it. A value that is being changed is given up.
    fn close(&self, py: Python<'_>) {
        let writing = self.state.writing.lock().take();
        if let Some(writing) = writing.filter(|writing| !writing.is_over()) {
            writing.end(py);
        }
        let mut handle = self.state.handle(py);
        handle.raw.discard();
        handle.is_closed = true;
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> bool {
        self.close(py);
        false
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Shared of {} in {}>", self.layout.raw.name(), self.path.display())
    }
}
