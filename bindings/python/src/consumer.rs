//! [`Consumer`]: one of the readers of a ring; every consumer gets every frame.

use std::path::PathBuf;
use std::time::Duration;

use ipc_core::Error;
use ipc_core::raw::{Patience, ProducerState, SharedConsumer, SharedFrame};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::channel::Stated;
use crate::errors::{self, exception};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::patience;
use crate::view::released;

/// One of the readers of a ring. Iterating over it gives every frame up to the end of the stream.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Consumer {
    state: Mutex<State>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    path: PathBuf,
}

struct State {
    /// `None` once it was closed.
    shared: Option<SharedConsumer>,
    /// A frame that a thread of asyncio's has received, and nobody has taken yet.
    ahead: Option<SharedFrame>,
    /// Whether that thread is about to receive one, which comes before what others would receive.
    is_receiving_ahead: bool,
}

impl Consumer {
    #[inline]
    fn recv_within(&self, py: Python<'_>, limit: Option<Duration>) -> PyResult<Frame> {
        let (shared, ahead) = self.parts(py)?;
        let frame = match ahead {
            Some(frame) => frame,
            None => patience::wait(py, limit, |patience| shared.recv(patience))?,
        };
        Frame::received(py, frame, &self.layout)
    }

    /// The frame that is there now.
    fn poll(&self, py: Python<'_>) -> PyResult<Result<Frame, Error>> {
        let (shared, ahead) = self.parts(py)?;
        let frame = match ahead {
            Some(frame) => frame,
            None => match shared.recv(Patience::None) {
                Ok(frame) => frame,
                Err(error) => return Ok(Err(error)),
            },
        };
        Frame::received(py, frame, &self.layout).map(Ok)
    }

    /// The consumer, and a frame that was received before.
    #[inline]
    fn parts(&self, py: Python<'_>) -> PyResult<(SharedConsumer, Option<SharedFrame>)> {
        let mut state = self.state.lock();
        match &state.shared {
            Some(shared) => {
                let shared = shared.clone();
                Ok((shared, state.ahead.take()))
            }
            None => Err(released(py, "this consumer was closed")),
        }
    }

    /// Asks the consumer something, which may have to wait for a thread that receives.
    fn ask<R: Send>(&self, py: Python<'_>, question: impl Fn(&SharedConsumer) -> R + Send + Sync) -> PyResult<R> {
        let Some(shared) = self.state.lock().shared.clone() else {
            return Err(released(py, "this consumer was closed"));
        };
        Ok(py.detach(|| question(&shared)))
    }
}

#[pymethods]
impl Consumer {
    /// Opens a reserved consumer's end, or a dynamic one if no name is given.
    #[new]
    #[pyo3(signature = (class_, name, reserved = None, **settings))]
    fn new(
        class_: &Bound<'_, PyAny>,
        name: &str,
        reserved: Option<&str>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let raw = patience::open(py, &Stated::of(settings)?, |stated, limit| {
            stated.with(name, |channel| {
                let channel = channel.wait_for_ring(limit);
                match reserved {
                    Some(reserved) => channel.consumer_of(&layout.raw, reserved),
                    None => channel.dynamic_consumer_of(&layout.raw),
                }
            })
        })?;
        let path = raw.path().to_owned();
        let state = Mutex::new(State { shared: Some(raw.into()), ahead: None, is_receiving_ahead: false });
        Ok(Self { state, layout, class: class_.clone().unbind(), path })
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
            Err(error) if is_end(py, &error) => Ok(None),
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
        if self.state.lock().is_receiving_ahead {
            return Ok(None);
        }
        match self.poll(py)? {
            Ok(frame) => Ok(Some(frame)),
            Err(Error::Empty(_)) => Ok(None),
            Err(error) => Err(errors::of(py, error)),
        }
    }

    /// Receives a frame for whoever asks next; says whether there is something to ask for.
    fn _receive_ahead(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let (shared, ahead) = self.parts(py)?;
        let found = match ahead {
            Some(frame) => Ok(frame),
            None => {
                self.state.lock().is_receiving_ahead = true;
                let found = py.detach(|| shared.recv(Patience::Until(Duration::from_secs_f64(seconds))));
                self.state.lock().is_receiving_ahead = false;
                found
            }
        };
        match found {
            Ok(frame) => self.state.lock().ahead = Some(frame),
            Err(Error::TimedOut { .. }) => return Ok(false),
            // It comes again.
            Err(_) => {}
        }
        Ok(true)
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    fn skip_to_latest(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::skip_to_latest)?.map_err(|error| errors::of(py, error))
    }

    /// Frames that the producer dropped since this consumer's first one.
    #[getter]
    fn missed(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::missed)
    }

    /// Bytes of the ring's body.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::capacity)
    }

    /// Bytes of it that this consumer has not given back. Goes over all frames that are there.
    #[getter]
    fn used_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.ask(py, SharedConsumer::used_bytes)?.map_err(|error| errors::of(py, error))
    }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    #[getter]
    fn producer_state(&self, py: Python<'_>) -> PyResult<&'static str> {
        let state = self.ask(py, SharedConsumer::producer_state)?.map_err(|error| errors::of(py, error))?;
        Ok(match state {
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

    /// Lets go of the slot, once no frame of it is left.
    fn close(&self) {
        let mut state = self.state.lock();
        let parts = (state.ahead.take(), state.shared.take());
        drop(state);
        drop(parts);
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) -> bool {
        self.close();
        false
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Consumer of {} from {}>", self.layout.raw.name(), self.path.display())
    }
}

/// Whether an exception is the end of the stream.
#[cold]
pub(crate) fn is_end(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance(py, exception(py, "Closed", String::new()).get_type(py).as_any())
}
