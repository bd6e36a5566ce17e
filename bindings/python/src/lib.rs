//! The native half of the Python module `ipc`: rings by way of `ipc_core::raw`, classes by way of `ipc_schema`, members as
//! arrays of numpy. What is Python's own (classes, asyncio, the names of the paper) is in `ipc/` beside this.
//!
//! # Invariants
//!
//! Unsafe code here relies on these alone:
//!
//! 1. A [`Body`](body::Body) lies within bytes that stay mapped, and stay held if they are a received frame's, as long as
//!    its keeper lives: a [`Keeper`](keeper::Keeper), or the object that has it.
//! 2. Whoever keeps an address of a body keeps its keeper: the object itself, or a numpy array by its base object.
//! 3. Memory of frames is read and written under the interpreter's lock, through raw addresses; no reference to it outlives
//!    a call into Python, which may write it.

use pyo3::prelude::*;

// Errors, and a class with all that its frames need.
mod bounds;
mod defaults;
mod errors;
mod layout;
mod plan;
mod size;

// Members of a frame.
mod arrays;
mod body;
mod keeper;
mod locate;
mod prepare;
mod scalars;
mod source;
mod tidy;
mod view;
mod write;

// Ends of rings.
mod channel;
mod consumer;
mod frame;
mod loan;
mod observer;
mod patience;
mod producer;

// All ends of a module.
mod communicator;

// One value in place of a stream.
mod shared;

// Ends of streams.
mod stream;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Where it is missing, its first use would be a panic; where its C API is not loaded yet, Ctrl-C during that use would.
    module.py().import("numpy")?;
    numpy::dtype::<u8>(module.py());
    module.add_class::<layout::Layout>()?;
    module.add_class::<producer::Batch>()?;
    module.add_class::<producer::Producer>()?;
    module.add_class::<consumer::Consumer>()?;
    module.add_class::<observer::Observer>()?;
    module.add_class::<communicator::Communicator>()?;
    module.add_class::<shared::Shared>()?;
    module.add("StreamProducer", module.py().get_type::<stream::Producer>())?;
    module.add("StreamConsumer", module.py().get_type::<stream::Consumer>())?;
    module.add_class::<frame::Frame>()?;
    module.add_class::<loan::Loan>()?;
    module.add_class::<view::View>()?;
    module.add_class::<view::Sequence>()?;
    module.add_function(wrap_pyfunction!(layout::read_classes, module)?)?;
    module.add_function(wrap_pyfunction!(channel::create, module)?)?;
    module.add_function(wrap_pyfunction!(channel::remove, module)?)?;
    module.add_function(wrap_pyfunction!(channel::detach, module)?)?;
    module.add_function(wrap_pyfunction!(channel::class_of, module)?)
}
