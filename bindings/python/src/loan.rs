//! [`Loan`]: a frame that is written in place, in the ring as a rule.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::body::Body;
use crate::errors::Refusal;
use crate::keeper::{Keeper, Memory};
use crate::plan::Plan;
use crate::producer::Producer;
use crate::shared::State;
use crate::stream::Lent;
use crate::view::{self, Hold, Writing, find, generic, released};
use crate::write::{self, Target};
use crate::{bounds, tidy};

/// A frame of a producer that was laid out to be written, or the locked value of shared state. Members are attributes, and items by their names.
///
/// At the end of a `with` it is published, or given up if there was an exception.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Loan {
    body: Body,
    owner: Owner,
    writing: Arc<Writing>,
}

/// Whose memory a loan is in.
pub(crate) enum Owner {
    Producer(Py<Producer>),
    Shared(Arc<State>),
    /// Of a producer of a stream: a frame in memory of its own.
    Lent(Arc<Lent>),
}

impl Owner {
    /// What is to stay there.
    fn memory(&self) -> Memory {
        match self {
            Self::Producer(producer) => Memory::Loaned(Arc::clone(producer.get().ring())),
            Self::Shared(state) => Memory::Shared(Arc::clone(state)),
            Self::Lent(frame) => Memory::Lent(Arc::clone(frame)),
        }
    }

    fn publish(&self, py: Python<'_>) -> PyResult<u64> {
        match self {
            Self::Producer(producer) => producer.get().ring().publish(py),
            Self::Shared(state) => state.publish(py),
            Self::Lent(frame) => frame.send(py),
        }
    }

    fn abandon(&self) {
        match self {
            Self::Producer(producer) => producer.get().ring().abandon(),
            Self::Shared(state) => state.discard(),
            Self::Lent(_) => {}
        }
    }
}

impl Loan {
    /// A frame that was laid out.
    pub(crate) fn new(owner: Owner, plan: &Arc<Plan>, target: Target, writing: Arc<Writing>) -> Result<Self, Refusal> {
        // SAFETY: the owner, which stands beside it, keeps the memory mapped.
        let body = unsafe { Body::new(target.bytes(), plan) }?;
        Ok(Self { body, owner, writing })
    }

    /// Calls `with` unless the frame was published or given up.
    fn with<R>(&self, py: Python<'_>, with: impl FnOnce(Hold<'_>) -> PyResult<R>) -> PyResult<R> {
        if self.writing.is_over() {
            return Err(released(py, "this frame was published or given up"));
        }
        let keeper = |py: Python<'_>| Keeper::of(py, self.owner.memory());
        with(Hold { keeper: &keeper, writing: Some(&self.writing), site: None })
    }
}

#[pymethods]
impl Loan {
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

    fn __setattr__(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match self.body.plan.attribute(py, name)? {
            Some(index) => self.with(py, |_| write::set(&self.body, index, value, true)),
            None => Err(view::no_member(&self.body.plan, name)),
        }
    }

    fn __getitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let index = find(py, &self.body.plan, name)?;
        self.with(py, |hold| view::get(py, &self.body, index, hold))
    }

    fn __setitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let index = find(py, &self.body.plan, name)?;
        self.with(py, |_| write::set(&self.body, index, value, true))
    }

    /// Makes it visible to everybody; gives its sequence number, or version. Arrays of it are read-only from then on; views of these,
    /// which would not be, must be gone: else it is `FrameInUse`.
    fn publish(&self, py: Python<'_>) -> PyResult<u64> {
        let plan = &self.body.plan;
        self.with(py, |_| {
            // SAFETY: a frame that is being written, whose owner stands beside it.
            let target = unsafe { Target::new(self.body.address(0), self.body.bytes().len()) };
            let checked = tidy::tidy(plan, target).and_then(|()| bounds::check(plan, self.body.bytes()));
            checked.map_err(|error| error.raise(py, &plan.name))?;
            self.writing.check_views(py, &plan.name)
        })?;
        self.writing.end(py);
        self.owner.publish(py)
    }

    /// Gives it up: nothing of it is published.
    fn abandon(&self, py: Python<'_>) {
        if !self.writing.is_over() {
            self.writing.end(py);
            self.owner.abandon();
        }
    }

    /// All of its bytes.
    #[getter]
    fn raw(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let len = self.body.bytes().len();
        self.with(py, |hold| Ok(view::bytes_array(py, &self.body, "raw", 0..len, hold)?.into_any().unbind()))
    }

    /// All members by name, as values that refer to nothing.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.with(py, |hold| view::to_dict(py, &self.body, hold))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (kind, _value, _traceback))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let outcome = if kind.is_none() && !self.writing.is_over() { self.publish(py).map(drop) } else { Ok(()) };
        // Also a frame that could not be published.
        self.abandon(py);
        outcome.map(|()| false)
    }

    fn __dir__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        view::names(py, &self.body.plan)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Loan of {}>", self.body.plan.name)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        Python::attach(|py| self.abandon(py));
    }
}
