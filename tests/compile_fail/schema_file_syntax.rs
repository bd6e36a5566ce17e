ipc_core::include_schema!("compile_fail/schemas/syntax.json");

fn main() {}
