//! [`Consumer`]: one of the readers of a ring; every consumer gets every frame.

use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::raw::{Patience, ProducerState, SharedConsumer};
use parking_lot::RwLock;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::channel::{RingName, Stated};
use crate::errors;
use crate::frame::Frame;
use crate::layout::Layout;
use crate::patience;
use crate::view::released;

/// One of the readers of a ring. Iterating over it gives every frame up to the end of the stream.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Consumer {
    /// `None` once it was closed. Threads that wait read it, for a slice of their waits at most.
    shared: RwLock<Option<SharedConsumer>>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    path: PathBuf,
    /// Whether a task has ever waited for it.
    awaited: AtomicBool,
}

impl Consumer {
    /// Does something with the consumer; `None` once it was closed.
    #[inline]
    fn with<R>(&self, then: impl FnOnce(&SharedConsumer) -> Result<R, Error>) -> Result<Option<R>, Error> {
        self.shared.read().as_ref().map(then).transpose()
    }

    #[inline]
    fn recv_within(&self, py: Python<'_>, limit: Option<Duration>) -> PyResult<Frame> {
        let frame = patience::wait(py, limit, |patience| self.with(|shared| shared.recv(patience)))?;
        Frame::received(py, frame.ok_or_else(|| closed(py))?, &self.layout)
    }

    /// The frame that is there now.
    fn poll(&self, py: Python<'_>) -> PyResult<Result<Frame, Error>> {
        match self.with(|shared| shared.recv(Patience::None)).transpose() {
            Some(Ok(frame)) => Frame::received(py, frame, &self.layout).map(Ok),
            Some(Err(error)) => Ok(Err(error)),
            None => Err(closed(py)),
        }
    }

    /// Asks the consumer something, which may have to wait for a thread that receives.
    fn ask<R: Send>(
        &self,
        py: Python<'_>,
        question: impl Fn(&SharedConsumer) -> Result<R, Error> + Send + Sync,
    ) -> PyResult<R> {
        let answer = py.detach(|| self.with(question)).map_err(|error| errors::of(py, error))?;
        answer.ok_or_else(|| closed(py))
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this consumer was closed")
}

#[pymethods]
impl Consumer {
    /// Opens a reserved consumer's end, or a dynamic one if no name is given.
    #[new]
    #[pyo3(signature = (class_, name, reserved = None, **settings))]
    fn new(
        class_: &Bound<'_, PyAny>,
        name: RingName,
        reserved: Option<&str>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let raw = patience::open(py, &Stated::of(settings)?, |stated, limit| {
            stated.with(&name, |channel| {
                let channel = channel.wait_for_ring(limit);
                match reserved {
                    Some(reserved) => channel.consumer_of(&layout.raw, reserved),
                    None => channel.dynamic_consumer_of(&layout.raw),
                }
            })
        })?;
        let path = raw.path().to_owned();
        Ok(Self {
            shared: RwLock::new(Some(raw.into())),
            layout,
            class: class_.clone().unbind(),
            path,
            awaited: AtomicBool::new(false),
        })
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

    /// Waits for a frame, then takes what is there, up to `most` frames.
    #[pyo3(signature = (most, timeout = None))]
    fn recv_batch(&self, py: Python<'_>, most: usize, timeout: Option<f64>) -> PyResult<Vec<Frame>> {
        let mut frames = vec![self.recv(py, timeout)?];
        while frames.len() < most {
            match self.poll(py)? {
                Ok(frame) => frames.push(frame),
                Err(_) => break,
            }
        }
        Ok(frames)
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

    /// See `ipc/waiting.py`.
    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("ipc.waiting")?.getattr("next_frame")?.call1((slf,))
    }

    /// The next frame if it is there; None if not.
    fn _poll(&self, py: Python<'_>) -> PyResult<Option<Frame>> {
        match self.poll(py)? {
            Ok(frame) => Ok(Some(frame)),
            Err(Error::Empty(_)) => Ok(None),
            Err(error) => Err(errors::of(py, error)),
        }
    }

    /// Waits until `_poll` has something to say, and takes nothing; says whether it has.
    fn _wait(&self, py: Python<'_>, seconds: f64) -> bool {
        let limit = Duration::from_secs_f64(seconds);
        let found = py.detach(|| self.with(|shared| shared.wait(Patience::Until(limit))));
        !matches!(found, Err(Error::TimedOut { .. }))
    }

    /// A descriptor for `selectors` and other event loops: readable while there may be something that `try_recv` has not told of.
    fn fileno(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.ask(py, |shared| Ok(shared.doorbell()?.as_raw_fd()))
    }

    /// The same under a number of the caller's own, to close.
    fn _listen(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.awaited.store(true, Ordering::Relaxed);
        let path = &self.path;
        self.ask(py, |shared| {
            let own = shared.doorbell()?.try_clone_to_owned();
            own.map(IntoRawFd::into_raw_fd).map_err(|source| {
                let (path, doing) = (path.clone(), "wait for the doorbell");
                Error::Os { path, doing, source }
            })
        })
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    fn skip_to_latest(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::skip_to_latest)
    }

    /// Frames that the producer dropped since this consumer's first one.
    #[getter]
    fn missed(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, |shared| Ok(shared.missed()))
    }

    /// Bytes of the ring's body.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, |shared| Ok(shared.capacity()))
    }

    /// Bytes of it that this consumer has not given back. Goes over all frames that are there.
    #[getter]
    fn used_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::used_bytes)
    }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    #[getter]
    fn producer_state(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(match self.ask(py, SharedConsumer::producer_state)? {
            ProducerState::NeverOpened => "never_opened",
            ProducerState::Open => "open",
            ProducerState::Closed => "closed",
            ProducerState::Gone => "gone",
            ProducerState::Replaced => "replaced",
        })
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

    /// Lets go of the slot, once no frame of it is left. Threads and tasks that wait for a frame are told so.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let consumer = slf.get();
        // In a forked child, threads of the parent may seem to wait for ever.
        let shared = slf.py().detach(|| Some(consumer.shared.try_write_for(2 * patience::SLICE)?.take()));
        drop(shared);
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

    fn __repr__(&self) -> String {
        format!("<ipc.Consumer of {} from {}>", self.layout.raw.name(), self.path.display())
    }
}
