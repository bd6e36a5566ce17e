//! [`Consumer`]: receives the frames of a stream.

use std::os::fd::{AsFd, AsRawFd, IntoRawFd, RawFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::raw::{Patience, RawClass};
use ipc_core::stream::{RawConsumer, RawFrame};
use parking_lot::Mutex;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::place::{Place, Way};
use crate::errors;
use crate::frame::Frame;
use crate::layout::Layout;
use crate::patience::{self, Wait};
use crate::view::released;

/// Receives the frames of a stream. Iterating over it gives every frame up to the end of the stream.
#[pyclass(frozen, weakref, module = "ipc.stream")]
pub(crate) struct Consumer {
    /// `None` once it was closed. Threads that wait have it for a slice of their waits at most.
    raw: Mutex<Option<RawConsumer>>,
    /// The class that was stated, as it was given, or the one that the stream has stated.
    class: PyOnceLock<(Layout, Py<PyAny>)>,
    place: String,
    /// Whether a task has ever waited for it.
    awaited: AtomicBool,
}

impl Consumer {
    /// Does something with the consumer until it does not time out, or the limit has passed.
    fn wait<R: Send>(
        &self,
        py: Python<'_>,
        limit: Option<Duration>,
        then: impl Fn(&mut RawConsumer, Patience) -> Result<R, Error> + Send + Sync,
    ) -> PyResult<R> {
        let step =
            |patience| patience::in_turn(&self.raw, |raw| raw.as_mut().map(|raw| then(raw, patience)).transpose());
        let done = patience::wait_detached(py, Wait::within(limit), Error::is_timed_out, step)?;
        done.ok_or_else(|| closed(py))
    }

    /// Does something with the consumer that does not wait.
    fn with<R: Send>(
        &self,
        py: Python<'_>,
        then: impl FnOnce(&mut RawConsumer) -> Result<R, Error> + Send,
    ) -> PyResult<Result<R, Error>> {
        let done = py.detach(|| self.raw.lock().as_mut().map(then));
        done.ok_or_else(|| closed(py))
    }

    fn recv_within(&self, py: Python<'_>, limit: Option<Duration>) -> PyResult<Frame> {
        let frame = self.wait(py, limit, RawConsumer::recv)?;
        self.frame(py, frame)
    }

    fn poll(&self, py: Python<'_>) -> PyResult<Result<Frame, Error>> {
        match self.with(py, |raw| raw.recv(Patience::None))? {
            Ok(frame) => self.frame(py, frame).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    fn frame(&self, py: Python<'_>, frame: RawFrame) -> PyResult<Frame> {
        let (layout, _) = self.class_by(py, || self.class_now(py))?;
        let sequence = frame.sequence();
        Frame::copied(py, frame.into_bytes(), sequence, None, layout)
    }

    /// The class; if it is not known yet, the one that the stream says that it has.
    fn class_by(&self, py: Python<'_>, said: impl FnOnce() -> PyResult<RawClass>) -> PyResult<&(Layout, Py<PyAny>)> {
        if let Some(known) = self.class.get(py) {
            return Ok(known);
        }
        let layout = Layout::from_raw(py, said()?)?;
        let class = py.import("ipc.classes")?.getattr("class_of")?.call1((layout.clone(),))?;
        Ok(self.class.get_or_init(py, || (layout, class.unbind())))
    }

    fn class_now(&self, py: Python<'_>) -> PyResult<RawClass> {
        self.with(py, |raw| raw.class(Patience::None).cloned())?.map_err(|error| errors::of(py, error))
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this consumer was closed")
}

#[pymethods]
impl Consumer {
    /// Without a class it takes the one that the stream states.
    #[new]
    #[pyo3(signature = (class_ = None, *, fifo = None, pipe = None, file = None, follow = false, lines = false))]
    fn new(
        py: Python<'_>,
        class_: Option<&Bound<'_, PyAny>>,
        fifo: Option<PathBuf>,
        pipe: Option<&Bound<'_, PyAny>>,
        file: Option<PathBuf>,
        follow: bool,
        lines: bool,
    ) -> PyResult<Self> {
        let layout = class_.map(Layout::of_class).transpose()?;
        let place = Place::of(fifo, pipe, file)?;
        if follow && !matches!(place, Place::File(_)) {
            return Err(PyTypeError::new_err("only a file is followed: whoever reads a pipe waits for more anyway"));
        }
        let (described, way) = (place.described(), Way { lines, follow });
        let opened = py.detach(|| place.consumer(layout.as_ref().map(|layout| &layout.raw), way));
        let raw = opened.map_err(|error| errors::of(py, error))?;
        let class = PyOnceLock::new();
        if let (Some(layout), Some(class_)) = (layout, class_) {
            let _ = class.set(py, (layout, class_.clone().unbind()));
        }
        Ok(Self { raw: Mutex::new(Some(raw)), class, place: described, awaited: AtomicBool::new(false) })
    }

    /// The next frame; waits for it.
    #[pyo3(signature = (timeout = None))]
    fn recv(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Frame> {
        self.recv_within(py, patience::limit(timeout)?)
    }

    /// The next frame if it is there; `Empty` if not.
    fn try_recv(&self, py: Python<'_>) -> PyResult<Frame> {
        self.poll(py)?.map_err(|error| errors::of(py, error))
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

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// See `ipc/stream.py`.
    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("ipc.stream")?.getattr("next_frame")?.call1((slf,))
    }

    /// The next frame if it is there; None if not.
    fn _poll(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        match self.poll(py)? {
            Ok(frame) => Ok(Some(frame)),
            Err(Error::Empty(_)) => Ok(None),
            Err(error) => Err(errors::of(py, error)),
        }
    }

    /// The descriptor that is readable when `try_recv`, after `Empty`, may give something else. It may be another one after
    /// each call.
    fn fileno(&self, py: Python<'_>) -> PyResult<RawFd> {
        let number = self.with(py, |raw| Ok(raw.as_fd().as_raw_fd()))?;
        number.map_err(|error| errors::of(py, error))
    }

    /// The same under a number of the caller's own, to close.
    fn _listen(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.awaited.store(true, Ordering::Relaxed);
        let own = self.with(py, |raw| Ok(raw.as_fd().try_clone_to_owned()))?.map_err(|error| errors::of(py, error))?;
        Ok(own?.into_raw_fd())
    }

    /// The class that was stated, or the one that the stream states, which is waited for.
    #[pyo3(signature = (timeout = None))]
    fn wait_for_class(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
        let limit = patience::limit(timeout)?;
        let (_, class) = self.class_by(py, || self.wait(py, limit, |raw, patience| raw.class(patience).cloned()))?;
        Ok(class.clone_ref(py))
    }

    /// The same, but `Empty` if the stream has not stated one yet.
    #[getter]
    fn class_(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (_, class) = self.class_by(py, || self.class_now(py))?;
        Ok(class.clone_ref(py))
    }

    /// Lets go of it. Threads and tasks that wait for a frame are told so.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let consumer = slf.get();
        // In a forked child, threads of the parent may seem to wait for ever.
        let raw = slf.py().detach(|| Some(consumer.raw.try_lock_for(2 * patience::SLICE)?.take()));
        drop(raw);
        if consumer.awaited.load(Ordering::Relaxed) {
            slf.py().import("ipc.waiting")?.getattr("closed")?.call1((slf,))?;
        }
        Ok(())
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(slf: &Bound<'_, Self>, _exception: &Bound<'_, PyAny>) -> PyResult<bool> {
        Self::close(slf)?;
        Ok(false)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let class = self.class.get(py).map_or("any class", |(layout, _)| layout.raw.name());
        format!("<ipc.stream.Consumer of {class} from {}>", self.place)
    }
}
