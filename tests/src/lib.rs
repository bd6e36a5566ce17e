//! Helpers that the process tests share.

pub mod programs;
