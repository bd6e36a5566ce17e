ipc_core::include_schema!("compile_fail/schemas/imports.json");

fn main() {}
