ipc_core::include_schema!("compile_fail/schemas/types.json");

fn main() {}
