//! Shared parts of the example programs.
//!
//! The video pipeline (`cargo xtask demo`) is four programs, each a process of its own:
//!
//! ```text
//! camera ──frames──▶ edges ──edges──▶ checker
//!              └───▶ checker
//! ```

pub mod contact_sheet;
pub mod module;
pub mod sobel;
