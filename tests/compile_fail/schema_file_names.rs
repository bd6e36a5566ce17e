ipc_core::include_schema!("compile_fail/schemas/names.json");

fn main() {}
