//! What the ends of streams promise, shown by processes in Python, with the test in Rust at the other end.

use ipc_tests::streams::Language;

#[macro_use]
mod streams;

shown_by!(Language::Python);
