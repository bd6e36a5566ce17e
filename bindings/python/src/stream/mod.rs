//! Ends of streams, by way of `ipc_core::stream`: named pipes, pipes and files.

mod consumer;
mod place;
mod producer;

pub(crate) use consumer::Consumer;
pub(crate) use producer::{Lent, Producer};
