//! Shared parts of the example programs.
//!
//! The video pipeline of `cargo xtask demo` is nine processes on two rings. `pipeline/app.json` starts modules in Python and
//! C++, which stand beside it; `pipeline/rust.json` starts these, in Rust:
//!
//! ```text
//! camera ──frames──▶ filter ──edges──▶ 2 displays, 2 checkers
//!              └───▶ 2 displays, 1 checker
//! ```
//!
//! `cargo xtask demo sync` is two processes, which `sync/app.json` starts:
//!
//! ```text
//! sync_video ──requests──▶ sync_imu
//!            ◀──samples───
//! ```
//!
//! `engine` simulates what its project builds, and Neovim steers it: `editor/nvim` has the plug-in, `editor/project` the project.
//!
//! `first` is the README's first program, `producer` and `consumer` are the smallest pair of processes, `doubled` is a filter
//! for a shell's pipeline, and `ping_pong` measures the ring beside bare shared memory.

pub mod pipeline;

pub mod figures;
pub mod sobel;

pub mod motion;

pub mod matrix;

pub mod engine;
