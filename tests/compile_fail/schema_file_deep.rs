ipc_core::include_schema!("compile_fail/schemas/deep.json");

fn main() {}
