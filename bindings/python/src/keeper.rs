//! [`Keeper`]: what keeps the memory of a frame there, as the base object of arrays and views of it.

use std::sync::{Arc, OnceLock};

use ipc_core::AlignedBytes;
use ipc_core::raw::SharedFrame;
use pyo3::prelude::*;

use crate::producer::Ring;
use crate::shared::State;
use crate::stream::Lent;

/// Lives as long as anything refers to a frame's memory.
#[pyclass(frozen, module = "ipc")]
pub(crate) struct Keeper {
    memory: OnceLock<Memory>,
}

#[expect(dead_code, reason = "they are there to be dropped")]
pub(crate) enum Memory {
    /// A frame of a consumer: its slot stands before it.
    Received(SharedFrame),
    /// A copy.
    Copied(AlignedBytes),
    /// A frame of a producer: the ring is mapped.
    Loaned(Arc<Ring>),
    /// A value of shared state, which is mapped.
    Shared(Arc<State>),
    /// A frame that goes into a stream.
    Lent(Arc<Lent>),
}

impl Keeper {
    pub(crate) fn of(py: Python<'_>, memory: Memory) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self { memory: memory.into() })?.into_any())
    }

    /// One that keeps nothing yet. Making an object may run the garbage collector, and that any Python code: so it is made
    /// before a lock is taken, and filled under it.
    pub(crate) fn empty(py: Python<'_>) -> PyResult<Py<Self>> {
        Py::new(py, Self { memory: OnceLock::new() })
    }

    /// Gives it what it keeps from now on, once.
    pub(crate) fn keep(&self, memory: Memory) {
        let _ = self.memory.set(memory);
    }
}
