//! [`Observer`]: a reader without a slot.

use std::path::PathBuf;
use std::time::Duration;

use ipc_core::raw::{Patience, RawObserved, RawObserver};
use ipc_core::{AlignedBytes, Error};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::channel::{RingName, Stated};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::view::released;
use crate::{errors, patience};

/// A reader that only looks: it never holds the producer back, and may skip frames. Its frames are copies.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Observer {
    /// `None` once it was closed.
    raw: Mutex<Option<RawObserver>>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    path: PathBuf,
}

/// A copy of a frame: bytes, sequence number, publish time.
pub(crate) type Copied = (AlignedBytes, u64, Option<u64>);

pub(crate) fn copy(observed: &RawObserved) -> Copied {
    (AlignedBytes::copy_of(observed.bytes()), observed.sequence(), observed.publish_time_ns())
}

impl Observer {
    fn frame(&self, py: Python<'_>, copied: Option<Copied>) -> PyResult<Frame> {
        match copied {
            Some((bytes, sequence, time)) => Frame::copied(py, bytes, sequence, time, &self.layout),
            None => Err(released(py, "this observer was closed")),
        }
    }

    /// Does something with the observer, which another thread may use and want the interpreter's lock in between.
    fn ask<R: Send>(
        &self,
        py: Python<'_>,
        question: impl Fn(&mut RawObserver) -> Result<R, Error> + Send + Sync,
    ) -> PyResult<Option<R>> {
        let answer = py.detach(|| self.raw.lock().as_mut().map(question).transpose());
        answer.map_err(|error| errors::of(py, error))
    }

    fn recv_within(&self, py: Python<'_>, limit: Option<Duration>) -> PyResult<Frame> {
        let copied = patience::wait(py, limit, |patience| {
            self.raw.lock().as_mut().map(|raw| raw.recv(patience).map(copy)).transpose()
        })?;
        self.frame(py, copied)
    }
}

#[pymethods]
impl Observer {
    #[new]
    #[pyo3(signature = (class_, name, **settings))]
    fn new(class_: &Bound<'_, PyAny>, name: RingName, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let raw = patience::open(py, &Stated::of(settings)?, |stated, limit| {
            stated.with(&name, |channel| channel.wait_for_ring(limit).observer_of(&layout.raw))
        })?;
        let path = raw.path().to_owned();
        Ok(Self { raw: Mutex::new(Some(raw)), layout, class: class_.clone().unbind(), path })
    }

    /// The next frame, beginning with the newest one at the time of opening; waits for it.
    #[pyo3(signature = (timeout = None))]
    fn recv(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Frame> {
        self.recv_within(py, patience::limit(timeout)?)
    }

    /// The next frame if it is there; `Empty` if not.
    fn try_recv(&self, py: Python<'_>) -> PyResult<Frame> {
        let copied = self.ask(py, |raw| raw.recv(Patience::None).map(copy))?;
        self.frame(py, copied)
    }

    /// The newest frame that was not given yet; `Empty` if there is none.
    fn latest(&self, py: Python<'_>) -> PyResult<Frame> {
        let copied = self.ask(py, |raw| raw.latest().map(copy))?;
        self.frame(py, copied)
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        match self.recv_within(py, None) {
            Ok(frame) => Ok(Some(frame)),
            Err(error) if errors::is(py, &error, "Closed") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Frames that were sent and that this observer did not get, since its first one.
    #[getter]
    fn skipped(&self, py: Python<'_>) -> PyResult<u64> {
        let skipped = self.ask(py, |raw| Ok(raw.skipped()))?;
        skipped.ok_or_else(|| released(py, "this observer was closed"))
    }

    /// The ring's file.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The class of its frames.
    #[getter]
    fn class_(&self, py: Python<'_>) -> Py<PyAny> {
        self.class.clone_ref(py)
    }

    /// Lets go of the ring.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.raw.lock().take()));
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
        format!("<ipc.Observer of {} in {}>", self.layout.raw.name(), self.path.display())
    }
}
