ipc_core::include_schema!("compile_fail/schemas/large.json");

fn main() {}
