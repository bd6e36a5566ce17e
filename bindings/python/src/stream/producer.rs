//! [`Producer`]: sends frames into a stream.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipc_core::raw::Patience;
use ipc_core::stream::RawProducer;
use ipc_core::{AlignedBytes, Error};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::place::{Place, Way};
use crate::errors::{self, Refusal};
use crate::layout::Layout;
use crate::loan::{Loan, Owner};
use crate::patience::{self, Wait};
use crate::source::{Need, Source};
use crate::view::{Writing, released};

/// The end itself, which frames refer to that are still to be sent.
struct End(Mutex<Option<RawProducer>>);

impl End {
    fn send(&self, py: Python<'_>, frame: &[u8], limit: Limit) -> PyResult<u64> {
        // Up to the last byte: a frame that somebody else begins gives this one up.
        let mut end = patience::lock(py, &self.0)?;
        let raw = end.as_mut().ok_or_else(|| closed(py))?;
        let failed = |error| errors::of(py, error);
        raw.reserve(frame.len()).map_err(failed)?.copy_from_slice(frame);
        let limit = match limit {
            Limit::Now => return py.detach(|| raw.publish(Patience::None)).map_err(failed),
            Limit::Within(limit) => Wait::within(limit),
        };
        // Nobody reads yet; whoever goes later has had the frame in part.
        patience::wait_detached(py, limit, Error::is_gone, |patience| raw.wait_for_reader(patience))?;
        patience::wait_detached(py, limit, Error::is_timed_out, |patience| raw.publish(patience))
    }
}

/// A frame that is written in memory of its own, to be sent then.
pub(crate) struct Lent {
    end: Arc<End>,
    bytes: AlignedBytes,
}

impl Lent {
    /// Once nobody writes it any more.
    pub(crate) fn send(&self, py: Python<'_>) -> PyResult<u64> {
        self.end.send(py, &self.bytes, Limit::Within(None))
    }
}

/// How long to wait for a reader, and for room.
#[derive(Clone, Copy)]
enum Limit {
    /// Not at all.
    Now,
    /// `None` for as long as it takes.
    Within(Option<Duration>),
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this producer was closed")
}

/// Sends frames into a stream.
#[pyclass(frozen, weakref, module = "ipc.stream")]
pub(crate) struct Producer {
    end: Arc<End>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    place: String,
}

impl Producer {
    fn send_within(&self, value: &Bound<'_, PyAny>, limit: Limit) -> PyResult<u64> {
        let (py, layout) = (value.py(), &self.layout);
        let checked = layout.check_kind(self.class.bind(py), value);
        let frame =
            checked.and_then(|()| layout.bytes_of(value)).map_err(|error| error.raise(py, &layout.plan.name))?;
        self.end.send(py, &frame, limit)
    }
}

#[pymethods]
impl Producer {
    #[new]
    #[pyo3(signature = (class_, *, fifo = None, pipe = None, file = None, lines = false))]
    fn new(
        class_: &Bound<'_, PyAny>,
        fifo: Option<PathBuf>,
        pipe: Option<&Bound<'_, PyAny>>,
        file: Option<PathBuf>,
        lines: bool,
    ) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let (place, way) = (Place::of(fifo, pipe, file)?, Way { lines, follow: false });
        let described = place.described();
        let opened = py.detach(|| place.producer(&layout.raw, way));
        let raw = opened.map_err(|error| errors::of(py, error))?;
        let end = Arc::new(End(Mutex::new(Some(raw))));
        Ok(Self { end, layout, class: class_.clone().unbind(), place: described })
    }

    /// Sends a value of the class, or a dict of its members; waits for a reader, and for room. Gives the number of frames sent before.
    #[pyo3(signature = (value, timeout = None))]
    fn send(&self, value: &Bound<'_, PyAny>, timeout: Option<f64>) -> PyResult<u64> {
        self.send_within(value, Limit::Within(patience::limit(timeout)?))
    }

    /// The same, but `Full` where there is no room for all of it, and `Gone` where nobody reads.
    fn try_send(&self, value: &Bound<'_, PyAny>) -> PyResult<u64> {
        self.send_within(value, Limit::Now)
    }

    /// Lays a frame out to write it in place, and to send it then. The members that fix its size are given by name; others may be.
    #[pyo3(signature = (**members))]
    fn loan(&self, py: Python<'_>, members: Option<&Bound<'_, PyDict>>) -> PyResult<Loan> {
        let plan = &self.layout.plan;
        let laid_out = || {
            let source = members.map_or(Ok(Source::Nothing), |members| Source::of(members.as_any(), plan))?;
            let (bytes, target) = self.layout.lay_out(py, source, Need::Dimensions)?;
            let frame = Arc::new(Lent { end: Arc::clone(&self.end), bytes });
            Loan::new(Owner::Lent(frame), plan, target, Arc::new(Writing::default()))
        };
        laid_out().map_err(|error: Refusal| error.raise(py, &plan.name))
    }

    /// How many frames were sent.
    #[getter]
    fn sent(&self, py: Python<'_>) -> PyResult<u64> {
        patience::lock(py, &self.end.0)?.as_ref().map(RawProducer::sent).ok_or_else(|| closed(py))
    }

    /// The class of its frames.
    #[getter]
    fn class_(&self, py: Python<'_>) -> Py<PyAny> {
        self.class.clone_ref(py)
    }

    /// Ends the stream: its reader gets what is left, and then `Closed`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(mut raw) = patience::lock(py, &self.end.0)?.take() else { return Ok(()) };
        let wait = Wait::within(None);
        let outcome = patience::wait_detached(py, wait, Error::is_timed_out, |patience| raw.end(patience));
        raw.leave();
        outcome
    }

    /// Goes without ending the stream: its reader gets `Gone`.
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        if let Some(raw) = patience::lock(py, &self.end.0)?.take() {
            raw.leave();
        }
        Ok(())
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// An exception is no end of the stream.
    #[pyo3(signature = (kind, _value, _traceback))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        if kind.is_none() {
            self.close(py)?
        } else {
            self.leave(py)?
        }
        Ok(false)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.stream.Producer of {} to {}>", self.layout.raw.name(), self.place)
    }
}

impl Drop for Producer {
    /// Only `close` and `with` end a stream: what is collected may be left over from a failure.
    fn drop(&mut self) {
        if let Some(raw) = self.end.0.lock().take() {
            raw.leave();
        }
    }
}
