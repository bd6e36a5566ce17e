//! What the ends of streams promise, shown by processes in Rust.

use ipc_tests::streams::Language;

#[macro_use]
mod streams;

shown_by!(Language::Rust);
