ipc_core::include_schema!("compile_fail/schemas/syntax.json");
ipc_core::include_schema!("compile_fail/schemas/comment.json");
ipc_core::include_schema!("compile_fail/schemas/trailing_comma.json");
ipc_core::include_schema!("compile_fail/schemas/control_character.json");
ipc_core::include_schema!("compile_fail/schemas/unterminated.json");
ipc_core::include_schema!("compile_fail/schemas/no_schema.json");
ipc_core::include_schema!("compile_fail/schemas/too_deep.json");

fn main() {}
