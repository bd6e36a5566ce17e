ipc_core::include_schema!("compile_fail/schemas/meaning.json");

fn main() {}
