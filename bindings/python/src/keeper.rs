//! [`Keeper`]: what keeps the memory of a frame there, as the base object of arrays and views of it.

use std::sync::Arc;

use ipc_core::AlignedBytes;
use ipc_core::raw::SharedFrame;
use pyo3::prelude::*;

use crate::producer::Ring;

/// Lives as long as anything refers to a frame's memory.
#[pyclass(frozen, module = "ipc")]
pub(crate) struct Keeper {
    #[expect(dead_code, reason = "it is there to be dropped")]
    memory: Memory,
}

#[expect(dead_code, reason = "they are there to be dropped")]
pub(crate) enum Memory {
    /// A frame of a consumer: its slot stands before it.
    Received(SharedFrame),
    /// A copy.
    Copied(AlignedBytes),
    /// A frame of a producer: the ring is mapped.
    Loaned(Arc<Ring>),
}

impl Keeper {
    pub(crate) fn of(py: Python<'_>, memory: Memory) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self { memory })?.into_any())
    }
}
