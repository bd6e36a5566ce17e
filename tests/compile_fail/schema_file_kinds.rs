ipc_core::include_schema!("compile_fail/schemas/kinds.json");

fn main() {}
