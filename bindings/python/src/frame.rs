//! [`Frame`]: a received frame.

use ipc_core::AlignedBytes;
use ipc_core::raw::SharedFrame;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::body::Body;
use crate::bounds;
use crate::errors::Refusal;
use crate::keeper::{Keeper, Memory};
use crate::layout::Layout;
use crate::view::{self, find, generic, released};
use crate::write;

/// A received frame. Members are attributes, and items by their names; arrays stand in the ring, and are read-only.
///
/// It is given back when nothing refers to it or to an array of it any more, `release` and `with` let go of it earlier.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Frame {
    body: Body,
    hold: Mutex<Hold>,
    sequence: u64,
    publish_time_ns: Option<u64>,
}

/// What keeps its memory.
enum Hold {
    /// The frame itself, as long as nothing was taken from it that needs a keeper.
    Alone(SharedFrame),
    /// An object that it has in common with arrays.
    Kept(Py<PyAny>),
    Released,
}

impl Frame {
    /// A frame of a consumer.
    #[inline]
    pub(crate) fn received(py: Python<'_>, frame: SharedFrame, layout: &Layout) -> PyResult<Self> {
        // SAFETY: the frame stands beside it.
        let body = unsafe { Body::new(frame.bytes(), &layout.plan) };
        let body = body.map_err(|error| error.raise(py, &layout.plan.name))?;
        let (sequence, publish_time_ns) = (frame.sequence(), frame.publish_time_ns());
        Ok(Self { body, hold: Mutex::new(Hold::Alone(frame)), sequence, publish_time_ns })
    }

    /// A frame of an observer, or of a stream.
    pub(crate) fn copied(
        py: Python<'_>,
        bytes: AlignedBytes,
        sequence: u64,
        publish_time_ns: Option<u64>,
        layout: &Layout,
    ) -> PyResult<Self> {
        // SAFETY: the keeper, which stands beside it, has the bytes; moving the buffer does not move them.
        let body = unsafe { Body::new(&bytes, &layout.plan) };
        let body = body.map_err(|error: Refusal| error.raise(py, &layout.plan.name))?;
        let hold = Mutex::new(Hold::Kept(Keeper::of(py, Memory::Copied(bytes))?));
        Ok(Self { body, hold, sequence, publish_time_ns })
    }

    /// Calls `with` unless the frame was released.
    #[inline]
    fn with<R>(&self, py: Python<'_>, with: impl FnOnce(view::Hold<'_>) -> PyResult<R>) -> PyResult<R> {
        let is_released = matches!(*self.hold.lock(), Hold::Released);
        if is_released {
            return Err(released(py, "this frame was released"));
        }
        with(view::Hold { keeper: &|py| self.keeper(py), writing: None, site: None })
    }

    /// What keeps its memory, for somebody else too. Under the lock no object of Python is made: that may run the garbage
    /// collector, and that any code, which may come here again.
    fn keeper(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let is_alone = matches!(*self.hold.lock(), Hold::Alone(_));
        let fresh = if is_alone { Some(Keeper::empty(py)?) } else { None };
        self.share(py, fresh).ok_or_else(|| released(py, "this frame was released"))
    }

    /// The keeper that there is, or else `fresh`, which is there if the frame was alone.
    fn share(&self, py: Python<'_>, fresh: Option<Py<Keeper>>) -> Option<Py<PyAny>> {
        let mut hold = self.hold.lock();
        let keeper = match (std::mem::replace(&mut *hold, Hold::Released), fresh) {
            (Hold::Alone(frame), Some(fresh)) => {
                fresh.get().keep(Memory::Received(frame));
                fresh.into_any()
            }
            (Hold::Kept(keeper), _) => keeper,
            (Hold::Released, _) => return None,
            (Hold::Alone(_), None) => unreachable!("a frame that has a keeper is never alone again"),
        };
        *hold = Hold::Kept(keeper.clone_ref(py));
        Some(keeper)
    }
}

#[pymethods]
impl Frame {
    fn __getattribute__(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        match this.body.plan.attribute(py, name)? {
            Some(index) => this.with(py, |hold| view::get(py, &this.body, index, hold)),
            None => generic(slf.as_any(), name),
        }
    }

    fn __getattr__(&self, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        Err(view::no_member(&self.body.plan, name))
    }

    fn __setattr__(&self, _name: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(write::read_only())
    }

    fn __getitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let index = find(py, &self.body.plan, name)?;
        self.with(py, |hold| view::get(py, &self.body, index, hold))
    }

    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    #[getter]
    fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    #[getter]
    fn publish_time_ns(&self) -> Option<u64> {
        self.publish_time_ns
    }

    /// All of its bytes.
    #[getter]
    fn raw(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let len = self.body.bytes().len();
        self.with(py, |hold| Ok(view::bytes_array(py, &self.body, "raw", 0..len, hold)?.into_any().unbind()))
    }

    /// Lets go of it: it goes back to the producer once no array of it is left. Nothing more can be taken from it.
    fn release(&self) {
        // Dropped after the lock is given back.
        let _hold = std::mem::replace(&mut *self.hold.lock(), Hold::Released);
    }

    /// Checks `min` and `max` of every member.
    fn validate(&self, py: Python<'_>) -> PyResult<()> {
        let plan = &self.body.plan;
        self.with(py, |_| bounds::check(plan, self.body.bytes()).map_err(|error| error.raise(py, &plan.name)))
    }

    /// All members by name, as values that refer to nothing.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        // Kept up to the end: numpy copies large arrays without the interpreter's lock, and another thread may release then.
        let keeper = self.keeper(py)?;
        view::to_dict(py, &self.body, view::Hold { keeper: &|py| Ok(keeper.clone_ref(py)), writing: None, site: None })
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) -> bool {
        self.release();
        false
    }

    fn __dir__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        view::names(py, &self.body.plan)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Frame {} of {}>", self.sequence, self.body.plan.name)
    }
}
