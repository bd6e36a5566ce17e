ipc_core::include_schema!("compile_fail/schemas/not_there.json");

fn main() {}
