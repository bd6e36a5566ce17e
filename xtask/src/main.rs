//! The project's own commands: `demo` and `test`.
fn main() {}
