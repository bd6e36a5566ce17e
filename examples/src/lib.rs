//! Shared parts of the example programs.
//!
//! The video pipeline (`cargo xtask demo`) is four programs, each a process of its own:
//!
//! ```text
//! camera ──frames──▶ edges ──edges──▶ checker
//!              └───▶ checker
//! ```
//!
//! `first` is the README's first program, `producer` and `consumer` are the smallest pair of processes, and `ping_pong`
//! measures the ring beside bare shared memory.

pub mod video;

pub mod contact_sheet;
pub mod module;
pub mod sobel;

pub mod matrix;
