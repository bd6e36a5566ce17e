//! [`Producer`]: the one writer of a ring.

use std::path::PathBuf;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::raw::{Patience, RawProducer, Retired, Stream};
use parking_lot::{Mutex, MutexGuard};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::channel::{RingName, Stated};
use crate::errors::{self, Refusal, exception};
use crate::layout::Layout;
use crate::loan::{Loan, Owner};
use crate::patience::{self, in_turn};
use crate::prepare::{Prepared, Rooms};
use crate::source::{Need, Source};
use crate::view::{Writing, released};
use crate::write::Target;
use crate::{bounds, tidy, write};

/// A producer's ring, which stays mapped as long as a frame of it is referred to.
pub(crate) struct Ring {
    end: Mutex<End>,
    /// Whether a frame is being written.
    busy: AtomicBool,
    /// That frame, if Python writes it.
    writing: Mutex<Option<Arc<Writing>>>,
}

enum End {
    Open(RawProducer),
    /// The ring is still mapped.
    Closed(#[expect(dead_code, reason = "it is there to be dropped")] Option<Retired>),
}

impl End {
    fn retire(&mut self, stream: Stream) -> Result<(), Error> {
        match std::mem::replace(self, Self::Closed(None)) {
            Self::Open(producer) => {
                let (retired, outcome) = producer.retire(stream);
                *self = Self::Closed(Some(retired));
                outcome
            }
            closed => {
                *self = closed;
                Ok(())
            }
        }
    }
}

impl Ring {
    /// Does something with the producer.
    fn with<R>(&self, py: Python<'_>, then: impl FnOnce(&mut RawProducer) -> Result<R, Error>) -> PyResult<R> {
        match &mut *self.lock(py) {
            End::Open(producer) => then(producer).map_err(|error| errors::of(py, error)),
            End::Closed(_) => Err(closed(py)),
        }
    }

    /// The lock; another thread may hold it while it waits for space, and wants the interpreter's lock in between.
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, End> {
        loop {
            if let Some(end) = self.end.try_lock() {
                return end;
            }
            py.detach(|| drop(self.end.lock()));
        }
    }

    /// Makes the frame that was written visible.
    pub(crate) fn publish(&self, py: Python<'_>) -> PyResult<u64> {
        self.busy.store(false, Ordering::Relaxed);
        self.with(py, RawProducer::publish)
    }

    /// Gives the frame up that is being written.
    pub(crate) fn abandon(&self) {
        self.busy.store(false, Ordering::Relaxed);
        // Who holds the lock waits for space, and so has no frame.
        if let Some(mut end) = self.end.try_lock()
            && let End::Open(producer) = &mut *end
        {
            producer.abandon();
        }
    }

    fn check_free(&self, py: Python<'_>) -> PyResult<()> {
        if self.busy.load(Ordering::Relaxed) { Err(busy(py)) } else { Ok(()) }
    }

    /// Ends the frame that Python writes, if it does.
    fn end_writing(&self, py: Python<'_>) -> PyResult<()> {
        match self.writing.lock().take() {
            Some(writing) if !writing.is_over() => {
                writing.end(py);
                self.busy.store(false, Ordering::Relaxed);
                Ok(())
            }
            // Another thread may be about to send.
            _ => self.check_free(py),
        }
    }
}

#[cold]
fn closed(py: Python<'_>) -> PyErr {
    released(py, "this producer was closed")
}

#[cold]
fn busy(py: Python<'_>) -> PyErr {
    let text = "a frame is being written: publish it or give it up before the next one".to_owned();
    exception(py, "FrameOpen", text)
}

/// The one writer of a ring.
#[pyclass(frozen, weakref, module = "ipc")]
pub(crate) struct Producer {
    ring: Arc<Ring>,
    layout: Layout,
    /// As it was given.
    class: Py<PyAny>,
    path: PathBuf,
    /// What regions hold that are laid out to be written in place.
    rooms: Rooms,
    /// How long `deliver` waits for space.
    patience: Patience,
}

/// Memory of the ring, on its way out of a wait.
struct Claimed(NonNull<u8>);

// SAFETY: an address, which is used under the interpreter's lock alone (invariant 3).
unsafe impl Send for Claimed {}

impl Producer {
    fn of(producer: RawProducer, layout: Layout, class: Py<PyAny>, rooms: Rooms) -> Self {
        let (path, patience) = (producer.path().to_owned(), producer.patience());
        let end = Mutex::new(End::Open(producer));
        let ring = Arc::new(Ring { end, busy: AtomicBool::new(false), writing: Mutex::new(None) });
        Self { ring, layout, class, path, rooms, patience }
    }

    /// One that a communicator has opened.
    pub(crate) fn of_module(producer: RawProducer, layout: Layout, class: Py<PyAny>) -> Self {
        Self::of(producer, layout, class, Rooms::Zeroed)
    }

    /// A frame of so many bytes to write. The producer is busy until it is published or given up.
    fn claim(&self, py: Python<'_>, len: usize, limit: Limit) -> PyResult<Target> {
        let ring = &*self.ring;
        // Of a frame that was given up: its place is the next one's.
        let given_up = ring.writing.lock().clone().filter(|writing| writing.is_over());
        if let Some(writing) = given_up {
            writing.check_views(py, &self.layout.plan.name)?;
        }
        if ring.busy.swap(true, Ordering::Relaxed) {
            return Err(busy(py));
        }
        let reserve = |patience| {
            in_turn(&ring.end, |end| match end {
                End::Open(producer) => {
                    producer.reserve(len, patience).map(|frame| Some(Claimed(NonNull::from(frame).cast())))
                }
                // By another thread, while this one waited.
                End::Closed(_) => Ok(None),
            })
        };
        let claimed = match limit {
            Limit::Now => reserve(Patience::None).map_err(|error| errors::of(py, error)),
            Limit::Within(limit) => patience::wait(py, limit, reserve),
        };
        match claimed.and_then(|claimed| claimed.ok_or_else(|| closed(py))) {
            // SAFETY: a claim of the one producer, until it is published or given up; the ring is mapped as long as
            // `self.ring` is referred to.
            Ok(Claimed(start)) => Ok(unsafe { Target::new(start, len) }),
            Err(error) => {
                ring.busy.store(false, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    fn send_within(&self, value: &Bound<'_, PyAny>, limit: Limit) -> PyResult<u64> {
        let (py, plan) = (value.py(), &*self.layout.plan);
        let raise = |error: Refusal| error.raise(py, &plan.name);
        self.layout.check_kind(self.class.bind(py), value).map_err(raise)?;
        let source = Source::of(value, plan).map_err(raise)?;
        let outcome = if plan.fixed {
            let target = self.claim(py, plan.size as usize, limit)?;
            write::put_class(plan, target, py, source, Need::All).map(|()| target)
        } else {
            let frame = Prepared::of(py, plan, source, Need::All).map_err(raise)?;
            let target = self.claim(py, frame.len as usize, limit)?;
            frame.write(target, Rooms::Zeroed).map(|()| target)
        };
        let finish = |target: Target| {
            tidy::tidy(plan, target)?;
            bounds::check(plan, target.bytes())
        };
        match outcome.and_then(finish) {
            Ok(()) => self.ring.publish(py),
            Err(error) => {
                self.ring.abandon();
                Err(raise(error))
            }
        }
    }

    fn loan_within(slf: &Bound<'_, Self>, limit: Limit, members: Option<&Bound<'_, PyDict>>) -> PyResult<Loan> {
        let (py, this) = (slf.py(), slf.get());
        let plan = &this.layout.plan;
        let raise = |error: Refusal| error.raise(py, &plan.name);
        let source = match members {
            Some(members) => Source::of(members.as_any(), plan).map_err(raise)?,
            None => Source::Nothing,
        };
        let (target, outcome) = if plan.fixed {
            let target = this.claim(py, plan.size as usize, limit)?;
            (target, write::put_class(plan, target, py, source, Need::Dimensions))
        } else {
            let frame = Prepared::of(py, plan, source, Need::Dimensions).map_err(raise)?;
            let target = this.claim(py, frame.len as usize, limit)?;
            (target, frame.write(target, this.rooms))
        };
        let writing = Arc::new(Writing::default());
        let owner = Owner::Producer(slf.clone().unbind());
        match outcome.and_then(|()| Loan::new(owner, plan, target, Arc::clone(&writing))) {
            Ok(loan) => {
                *this.ring.writing.lock() = Some(writing);
                Ok(loan)
            }
            Err(error) => {
                this.ring.abandon();
                Err(raise(error))
            }
        }
    }

    pub(crate) fn go(&self, py: Python<'_>, stream: Stream) -> PyResult<()> {
        self.ring.end_writing(py)?;
        self.ring.lock(py).retire(stream).map_err(|error| errors::of(py, error))
    }

    pub(crate) fn ring(&self) -> &Arc<Ring> {
        &self.ring
    }
}

/// How long to wait for space.
#[derive(Clone, Copy)]
enum Limit {
    /// Not at all: `Full`.
    Now,
    /// `TimedOut`; `None` for as long as it takes.
    Within(Option<Duration>),
}

#[pymethods]
impl Producer {
    #[new]
    #[pyo3(signature = (class_, name, *, existing = false, zero = true, **settings))]
    fn new(
        class_: &Bound<'_, PyAny>,
        name: RingName,
        existing: bool,
        zero: bool,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let (py, layout) = (class_.py(), Layout::of_class(class_)?);
        let stated = Stated::of(settings)?;
        let opened = stated.with(&name, |channel| {
            let class = &layout.raw;
            py.detach(|| if existing { channel.open_producer_of(class) } else { channel.producer_of(class) })
        });
        let producer = opened.map_err(|error| errors::of(py, error))?;
        let rooms = if zero { Rooms::Zeroed } else { Rooms::AsTheyAre };
        Ok(Self::of(producer, layout, class_.clone().unbind(), rooms))
    }

    /// Sends a value of the class, or a dict of its members; waits for space. Gives its sequence number.
    #[pyo3(signature = (value, timeout = None))]
    fn send(&self, value: &Bound<'_, PyAny>, timeout: Option<f64>) -> PyResult<u64> {
        self.send_within(value, Limit::Within(patience::limit(timeout)?))
    }

    /// The same, but `Full` where there is no space.
    fn try_send(&self, value: &Bound<'_, PyAny>) -> PyResult<u64> {
        self.send_within(value, Limit::Now)
    }

    /// Sends it and says so. If the ring is full, it does what the channel says: waits, or drops the frame, which then takes a
    /// sequence number that consumers miss. False too if the controller has told the module to quit meanwhile.
    fn deliver(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = value.py();
        let limit = if self.patience == Patience::None { Limit::Now } else { Limit::Within(None) };
        match self.send_within(value, limit) {
            Ok(_) => Ok(true),
            Err(error) if errors::is(py, &error, "Full") => self.drop_frame(py).map(|_| false),
            Err(error) if errors::is(py, &error, "Quit") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lays a frame out in the ring, to write it in place. The members that fix its size are given by name; others may be.
    #[pyo3(signature = (timeout = None, /, **members))]
    fn loan(slf: &Bound<'_, Self>, timeout: Option<f64>, members: Option<&Bound<'_, PyDict>>) -> PyResult<Loan> {
        Self::loan_within(slf, Limit::Within(patience::limit(timeout)?), members)
    }

    /// The same, but `Full` where there is no space.
    #[pyo3(signature = (**members))]
    fn try_loan(slf: &Bound<'_, Self>, members: Option<&Bound<'_, PyDict>>) -> PyResult<Loan> {
        Self::loan_within(slf, Limit::Now, members)
    }

    /// Frames that are sent inside of `with out.batch():` become visible together at its end: one commit in place of many.
    fn batch(slf: Py<Self>) -> Batch {
        Batch { producer: slf }
    }

    /// Counts a frame that was not sent: it takes a sequence number, which consumers miss.
    fn drop_frame(&self, py: Python<'_>) -> PyResult<u64> {
        self.ring.check_free(py)?;
        self.ring.with(py, RawProducer::drop_frame)
    }

    /// Frames that producers of this ring have dropped, from its beginning on.
    #[getter]
    fn dropped(&self, py: Python<'_>) -> PyResult<u64> {
        self.ring.with(py, |producer| Ok(producer.dropped()))
    }

    /// Bytes of the ring's body.
    #[getter]
    fn capacity(&self, py: Python<'_>) -> PyResult<u64> {
        self.ring.with(py, |producer| Ok(producer.capacity()))
    }

    /// Bytes of it that the slowest consumer has not given back.
    #[getter]
    fn used_bytes(&self, py: Python<'_>) -> PyResult<u64> {
        self.ring.with(py, |producer| Ok(producer.used_bytes()))
    }

    /// Sequence number of the next frame.
    #[getter]
    fn next_sequence(&self, py: Python<'_>) -> PyResult<u64> {
        self.ring.with(py, |producer| Ok(producer.next_sequence()))
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

    /// Writes every frame so far to disk, so that a power cut does not lose it.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.ring.check_free(py)?;
        self.ring.with(py, RawProducer::sync)
    }

    /// Ends the stream: consumers get what is left, and then `Closed`. A frame that is being written is given up.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.go(py, Stream::Ends)
    }

    /// Goes without ending the stream: consumers wait for the producer that goes on.
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        self.go(py, Stream::GoesOn)
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
        self.go(py, if kind.is_none() { Stream::Ends } else { Stream::GoesOn })?;
        Ok(false)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Producer of {} to {}>", self.layout.raw.name(), self.path.display())
    }
}

/// The context of a batch.
#[pyclass(frozen, module = "ipc")]
pub(crate) struct Batch {
    producer: Py<Producer>,
}

#[pymethods]
impl Batch {
    fn __enter__(&self, py: Python<'_>) -> PyResult<()> {
        let ring = &self.producer.get().ring;
        ring.check_free(py)?;
        ring.with(py, |producer| {
            producer.begin_batch();
            Ok(())
        })
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<bool> {
        let ring = &self.producer.get().ring;
        ring.check_free(py)?;
        ring.with(py, |producer| {
            producer.end_batch();
            Ok(false)
        })
    }
}

impl Drop for Producer {
    /// Only `close` and `with` end a stream: what is collected may be left over from a failure.
    fn drop(&mut self) {
        // A failure would be the kernel's, which will free the producer's place with the process.
        let _ = self.ring.end.lock().retire(Stream::GoesOn);
    }
}
