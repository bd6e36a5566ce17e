//! [`Communicator`]: all ends of a module of an application, with one place to wait for what comes to it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ipc_core::raw::{self, Inputs, Next, Order, Patience, RawClass, RawObserved, SharedFrame, Stream};
use ipc_core::{Error, ZeroRegions};
use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy, PyString, PyTuple};

use crate::errors::{self, exception};
use crate::frame::Frame;
use crate::layout::Layout;
use crate::observer::{Copied, copy};
use crate::patience::{self, SLICE};
use crate::producer::Producer;
use crate::view::released;

/// All ends of a module of an application. Iterating over it gives what comes on any channel, as name and frame, up to the end
/// of its main loop.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Communicator {
    /// `None` once it was closed. Threads that wait lock it, for a slice of their waits at most.
    state: Mutex<Option<State>>,
    reads: Vec<Channel>,
    inputs: Py<PyMappingProxy>,
    outputs: Py<PyMappingProxy>,
}

/// A channel that the module reads.
struct Channel {
    name: Py<PyString>,
    layout: Layout,
}

struct State {
    inputs: Inputs,
    /// What a wait on behalf of another has found: it is said once.
    found: Option<Result<Next, Error>>,
    /// The frame that was observed last.
    seen: RawObserved,
}

/// What came of a step of a wait.
enum Step<R> {
    Done(R),
    /// There was nothing within the step's time.
    Nothing,
    /// The module is stopped.
    Stopped,
}

/// What comes to a main loop.
enum Input {
    Received(usize, SharedFrame),
    Observed(usize, Copied),
    Closed(usize),
    AllClosed,
    Quit,
}

impl State {
    fn next(&mut self, limit: Duration) -> Result<Step<Input>, Error> {
        let next = self.found.take().unwrap_or_else(|| self.inputs.next_briefly(limit))?;
        Ok(Step::Done(match next {
            Next::Frame(index) => match self.inputs.shared_consumer(index) {
                Some(consumer) => Input::Received(index, consumer.recv(Patience::None)?),
                None => {
                    self.inputs.take_observed(index, &mut self.seen);
                    Input::Observed(index, copy(&self.seen))
                }
            },
            Next::Closed(index) => Input::Closed(index),
            Next::AllClosed => Input::AllClosed,
            Next::Quit => Input::Quit,
            Next::Stopped => return Ok(Step::Stopped),
            _ => return Ok(Step::Nothing),
        }))
    }
}

impl Communicator {
    /// Opens the ends; `classes` are those that the program knows, by the names of their channels.
    fn open(
        py: Python<'_>,
        classes: Option<&Bound<'_, PyDict>>,
        open: impl FnOnce() -> Result<raw::Communicator, Error> + Send,
    ) -> PyResult<Self> {
        let mut ends = py.detach(open).map_err(|error| errors::of(py, error))?;
        let mut classes = Classes { known: classes.map(|classes| classes.copy()).transpose()?, made: Vec::new() };
        let (mut reads, inputs, outputs) = (Vec::new(), PyDict::new(py), PyDict::new(py));
        while let (Some(name), Some(raw)) = (ends.inputs.name(reads.len()), ends.inputs.class(reads.len())) {
            let (layout, class) = classes.of(py, name, raw)?;
            inputs.set_item(name, class)?;
            reads.push(Channel { name: PyString::intern(py, name).unbind(), layout });
        }
        for index in 0..ends.outputs.len() {
            let (Some(name), Some(raw)) = (ends.outputs.name(index), ends.outputs.class(index)) else { break };
            let ((layout, class), name) = (classes.of(py, name, raw)?, PyString::new(py, name));
            if let Some(mut producer) = ends.outputs.take(index) {
                // This binding zeroes what it does not write.
                producer.set_zero_regions(ZeroRegions::No);
                outputs.set_item(name, Producer::of_module(producer, layout, class))?;
            }
        }
        classes.check_all_found(inputs.iter().chain(outputs.iter()).map(|(name, _)| name))?;
        let state = State { inputs: ends.inputs.shared(), found: None, seen: RawObserved::default() };
        Ok(Self {
            state: Mutex::new(Some(state)),
            reads,
            inputs: PyMappingProxy::new(py, inputs.as_mapping()).unbind(),
            outputs: PyMappingProxy::new(py, outputs.as_mapping()).unbind(),
        })
    }

    /// Does `step` until something comes of it: a moment under the interpreter's lock, then without it in slices, between which
    /// signals are heard. `None` if the limit has passed; while the module is stopped it does not.
    fn wait<R: Send>(
        &self,
        py: Python<'_>,
        limit: Option<Duration>,
        step: impl Fn(&mut State, Duration) -> Result<Step<R>, Error> + Send + Sync,
    ) -> PyResult<Option<R>> {
        let step = |mut state: MutexGuard<'_, Option<State>>, limit| {
            let came = state.as_mut().map(|state| step(state, limit));
            // Else it would be this thread's again before any other woke.
            MutexGuard::unlock_fair(state);
            came
        };
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut came = self.state.try_lock().map_or(Some(Ok(Step::Nothing)), |state| step(state, Duration::ZERO));
        loop {
            let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
            let left = match came.ok_or_else(|| closed(py))?.map_err(|error| errors::of(py, error))? {
                Step::Done(done) => return Ok(Some(done)),
                Step::Nothing if left.is_zero() => return Ok(None),
                Step::Nothing => left.min(SLICE),
                Step::Stopped => SLICE,
            };
            py.check_signals()?;
            came = py.detach(|| step(self.state.lock(), left));
        }
    }

    /// What comes next that `gives` has a use for; `None` if the limit has passed.
    fn next<R>(
        &self,
        py: Python<'_>,
        limit: Option<Duration>,
        gives: impl Fn(Input) -> PyResult<Option<R>>,
    ) -> PyResult<Option<R>> {
        while let Some(input) = self.wait(py, limit, State::next)? {
            if let Some(given) = gives(input)? {
                return Ok(Some(given));
            }
        }
        Ok(None)
    }

    /// The name of a channel and a frame of it, as Python's; nothing for the end of one stream, an error for the end of all.
    fn frame<'py>(&self, py: Python<'py>, input: Input) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let (index, frame) = match input {
            Input::Received(index, frame) => (index, Frame::received(py, frame, &self.reads[index].layout)?),
            Input::Observed(index, (bytes, sequence, time)) => {
                (index, Frame::copied(py, bytes, sequence, time, &self.reads[index].layout)?)
            }
            Input::Closed(_) => return Ok(None),
            Input::AllClosed => {
                return Err(exception(py, "Closed", "the streams of all channels of this module are over".to_owned()));
            }
            Input::Quit => return Err(exception(py, "Quit", "the controller has told this module to quit".to_owned())),
        };
        (&self.reads[index].name, Py::new(py, frame)?).into_pyobject(py).map(Some)
    }

    /// The same for a loop, which the end of all ends.
    fn frame_of_loop<'py>(&self, py: Python<'py>, input: Input) -> PyResult<Option<Option<Bound<'py, PyTuple>>>> {
        match input {
            Input::AllClosed | Input::Quit => Ok(Some(None)),
            input => Ok(self.frame(py, input)?.map(Some)),
        }
    }

    /// Does something with the inputs, which a thread may hold that waits.
    fn with<R: Send>(&self, py: Python<'_>, then: impl FnOnce(&mut Inputs) -> R + Send) -> PyResult<R> {
        let answer = py.detach(|| self.state.lock().as_mut().map(|state| then(&mut state.inputs)));
        answer.ok_or_else(|| closed(py))
    }

    fn set_order(&self, py: Python<'_>, order: &Order) -> PyResult<()> {
        self.with(py, |inputs| inputs.set_order(order))?.map_err(|error| errors::of(py, error))
    }

    fn end(&self, py: Python<'_>, stream: Stream) -> PyResult<()> {
        // In a forked child, threads of the parent may seem to wait for ever.
        py.detach(|| drop(self.state.try_lock_for(2 * SLICE).map(|mut state| state.take())));
        let producers = self.outputs.bind(py).values()?;
        let ended = producers.iter().map(|producer| producer.cast::<Producer>()?.get().go(py, stream));
        ended.fold(Ok(()), PyResult::and)
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this communicator was closed")
}

/// The classes of a module's channels: those that the program knows, and those that are made.
struct Classes<'py> {
    /// By the names of their channels; what is used is taken out.
    known: Option<Bound<'py, PyDict>>,
    made: Vec<(Layout, Py<PyAny>)>,
}

impl Classes<'_> {
    fn of(&mut self, py: Python<'_>, channel: &str, raw: &RawClass) -> PyResult<(Layout, Py<PyAny>)> {
        if let Some(known) = &self.known
            && let Some(class) = known.get_item(channel)?
        {
            known.del_item(channel)?;
            let layout = Layout::of_class(&class)?;
            if layout.raw.fingerprint() != raw.fingerprint() {
                let text = format!(
                    "the class {} of the channel {channel:?} is another in the application's file:\n{}",
                    layout.raw.name(),
                    Layout::from_raw(py, raw.clone())?.differences(&layout)
                );
                return Err(exception(py, "Mismatch", text));
            }
            return Ok((layout, class.unbind()));
        }
        if let Some((layout, class)) = self.made.iter().find(|(layout, _)| layout.raw == *raw) {
            return Ok((layout.clone(), class.clone_ref(py)));
        }
        let layout = Layout::from_raw(py, raw.clone())?;
        let class = py.import("ipc.classes")?.getattr("class_of")?.call1((layout.clone(),))?.unbind();
        self.made.push((layout.clone(), class.clone_ref(py)));
        Ok((layout, class))
    }

    /// A class of no channel is a mistake.
    fn check_all_found<'py>(&self, channels: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<()> {
        let Some((name, _)) = self.known.as_ref().and_then(|known| known.iter().next()) else { return Ok(()) };
        let known: Vec<_> = channels.map(|name| name.to_string()).collect();
        let text = format!("the module has no channel {:?}: expected one of {known:?}", name.to_string());
        Err(exception(name.py(), "ApplicationError", text))
    }
}

#[pymethods]
impl Communicator {
    /// Opens the ends of the module that a controller has started this process as, and tells the controller that it is ready.
    /// Its lines are heard from then on, whatever Python does.
    #[staticmethod]
    #[pyo3(signature = (/, **classes))]
    fn from_env(py: Python<'_>, classes: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        // What the module prints is its log, which its controller shows line by line: each is written at once, and as a whole.
        let stdout = py.import("sys")?.getattr("stdout")?;
        if let Ok(reconfigure) = stdout.getattr("reconfigure") {
            let settings = PyDict::new(py);
            settings.set_item("line_buffering", true)?;
            settings.set_item("write_through", false)?;
            reconfigure.call((), Some(&settings))?;
        }
        Self::open(py, classes, raw::Communicator::from_env)
    }

    /// Opens the ends of a module of an application's file, without a controller.
    #[staticmethod]
    #[pyo3(signature = (path, module, /, **classes))]
    fn from_file(py: Python<'_>, path: PathBuf, module: &str, classes: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Self::open(py, classes, || raw::Communicator::from_file(path, module))
    }

    /// The classes of the channels that the module reads, by their names.
    #[getter]
    fn inputs(&self, py: Python<'_>) -> Py<PyMappingProxy> {
        self.inputs.clone_ref(py)
    }

    /// The producers of the channels that it writes, by their names.
    #[getter]
    fn outputs(&self, py: Python<'_>) -> Py<PyMappingProxy> {
        self.outputs.clone_ref(py)
    }

    /// By the time of publishing, among the frames that wait: what happened first comes first. So it is if no order is chosen.
    fn by_arrival(&self, py: Python<'_>) -> PyResult<()> {
        self.set_order(py, &Order::Arrival)
    }

    /// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
    fn in_turn(&self, py: Python<'_>) -> PyResult<()> {
        self.set_order(py, &Order::Round)
    }

    /// Always of the first of these channels that has a frame; those that are not named come after them.
    #[pyo3(signature = (*channels))]
    fn by_priority(&self, py: Python<'_>, channels: Vec<String>) -> PyResult<()> {
        self.set_order(py, &Order::Priority(channels))
    }

    /// By a member, such as a timestamp, over all channels. It waits for each channel that is open, but with a limit in seconds no
    /// longer than that for one that is silent.
    #[pyo3(signature = (member, within = None))]
    fn merged_by(&self, py: Python<'_>, member: String, within: Option<f64>) -> PyResult<()> {
        self.set_order(py, &Order::Merged { by: member, limit: patience::limit(within)? })
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        Ok(self.next(py, None, |input| self.frame_of_loop(py, input))?.flatten())
    }

    /// The same as iterating over it, and the name of a channel with None at the end of its stream.
    fn with_closed(slf: Py<Self>) -> WithClosed {
        WithClosed { module: slf }
    }

    /// The name of a channel and the next frame of it; waits for it. `Closed` when all streams are over, `Quit` when the
    /// controller has told the module to end.
    #[pyo3(signature = (timeout = None))]
    fn recv<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Bound<'py, PyTuple>> {
        let limit = patience::limit(timeout)?;
        self.next(py, limit, |input| self.frame(py, input))?.ok_or_else(|| {
            let text = format!("no frame on any channel within {:?}", limit.unwrap_or_default());
            exception(py, "TimedOut", text)
        })
    }

    /// The same if it is there; `Empty` if not.
    fn try_recv<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let frame = self.next(py, Some(Duration::ZERO), |input| self.frame(py, input))?;
        frame.ok_or_else(|| exception(py, "Empty", "no frame on any channel".to_owned()))
    }

    /// For a main loop that has no frame to wait for: false once the controller has told the module to end. While the module is
    /// stopped, this waits.
    fn go_on(&self, py: Python<'_>) -> PyResult<bool> {
        let goes_on = self
            .wait(py, None, |state, limit| Ok(state.inputs.go_on_briefly(limit)?.map_or(Step::Stopped, Step::Done)))?;
        Ok(goes_on.unwrap_or(true))
    }

    /// Whether the main loop is at its end: all streams are over, or the controller has told the module to end.
    #[getter]
    fn is_over(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |inputs| inputs.is_over())
    }

    /// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped.
    fn missed(&self, py: Python<'_>, channel: &str) -> PyResult<u64> {
        let missed = self.with(py, |inputs| inputs.missed(inputs.index(channel)?))?;
        missed.ok_or_else(|| {
            let text = format!("the module reads no channel {channel:?}: expected one of {:?}", self.names(py));
            exception(py, "ApplicationError", text)
        })
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// See `ipc/waiting.py`.
    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("ipc.waiting")?.getattr("next_frame")?.call1((slf,))
    }

    /// The name of a channel and the next frame of it if it is there; None if not.
    fn _poll<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        // Who holds it waits.
        while let Some(mut state) = self.state.try_lock() {
            let came = state.as_mut().ok_or_else(|| closed(py))?.next(Duration::ZERO);
            drop(state);
            match came.map_err(|error| errors::of(py, error))? {
                Step::Done(Input::Closed(_)) => {}
                Step::Done(input) => return self.frame(py, input),
                _ => break,
            }
        }
        Ok(None)
    }

    /// Waits until `_poll` has something to say, and takes nothing; says whether it has.
    fn _wait(&self, py: Python<'_>, seconds: f64) -> bool {
        let limit = Duration::from_secs_f64(seconds);
        py.detach(|| {
            let mut state = self.state.lock();
            let found = match &mut *state {
                Some(State { inputs, found: found @ None, .. }) => match inputs.next_briefly(limit) {
                    Ok(Next::TimedOut | Next::Stopped) => false,
                    next => {
                        *found = Some(next);
                        true
                    }
                },
                _ => true,
            };
            MutexGuard::unlock_fair(state);
            found
        })
    }

    /// Lets go of all channels; the streams of the module's producers end. Threads that wait for a frame are told so.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.end(py, Stream::Ends)
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// An exception is no end of the streams, but for `Quit`, which is the end of the main loop as every other.
    #[pyo3(signature = (_kind, value, _traceback))]
    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let has_quit = !value.is_none() && errors::is(py, &PyErr::from_value(value.clone()), "Quit");
        self.end(py, if value.is_none() || has_quit { Stream::Ends } else { Stream::GoesOn })?;
        Ok(has_quit)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let outputs = self.outputs.bind(py).keys().map_or_else(|_| String::new(), |names| names.to_string());
        format!("<ipc.Communicator of {:?} to {outputs}>", self.names(py))
    }
}

impl Communicator {
    fn names(&self, py: Python<'_>) -> Vec<String> {
        self.reads.iter().map(|channel| channel.name.bind(py).to_string()).collect()
    }
}

/// What comes to a module, the ends of streams too.
#[pyclass(frozen, module = "ipc")]
pub(crate) struct WithClosed {
    module: Py<Communicator>,
}

#[pymethods]
impl WithClosed {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let module = self.module.get();
        let next = module.next(py, None, |input| match input {
            Input::Closed(index) => (&module.reads[index].name, py.None()).into_pyobject(py).map(|it| Some(Some(it))),
            input => module.frame_of_loop(py, input),
        })?;
        Ok(next.flatten())
    }
}
