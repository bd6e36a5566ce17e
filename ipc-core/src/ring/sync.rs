//! The atomics that the protocol is written in: the standard ones, or loom's when the protocol is being modelled.
//!
//! Build with `RUSTFLAGS="--cfg loom"` to get the second; then only the protocol and its models are compiled.

#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence, fence};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
