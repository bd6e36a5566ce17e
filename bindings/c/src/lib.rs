//! The C interface of [`ipc_core`], over its ends by bytes ([`ipc_core::raw`]). `include/ipc.h` is made from these files.
//!
//! Every function checks its arguments for null, catches what unwinds, and gives a [`status::Status`]; the text of the last
//! problem of a thread is in [`status::ipc_last_message`].
//!
//! # Invariants
//!
//! What a C program promises; each `SAFETY` comment cites the numbers that it rests on.
//!
//! 1. A pointer that is not null points to what its type says, for as long as the call takes; of an array, to as many
//!    elements as the number beside it says; a text ends with a zero byte.
//! 2. A handle is what this library gave, and was not freed since: a class by `ipc_class_free`, an end by the function that
//!    closes or leaves it. A consumer that is closed while frames of it are held is freed with the last of them. The classes of
//!    a communicator's channels are its own.
//! 3. An end and its frames are used by one thread at a time; so are a communicator and all frames that it gave.
//! 4. The bytes of a frame are not used after its release, those of a reserved one not after it was published or given up,
//!    and those of an observed one not after the observer looked again, or the communicator at that channel. The value of shared state is not used after it was
//!    published or discarded, and a copy of it not after the handle was used again.

#![allow(
    clippy::missing_safety_doc,
    reason = "the functions that C calls share the invariants above; their own \
                                              documentation becomes that of the header"
)]

pub mod channel;
pub mod class;
pub mod communicator;
pub mod consumer;
pub mod frame;
pub mod observer;
pub mod producer;
pub mod shared;
pub mod status;
