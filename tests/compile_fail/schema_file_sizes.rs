ipc_core::include_schema!("compile_fail/schemas/sizes.json");

fn main() {}
