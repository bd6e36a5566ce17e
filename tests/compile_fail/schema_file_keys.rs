ipc_core::include_schema!("compile_fail/schemas/keys.json");

fn main() {}
