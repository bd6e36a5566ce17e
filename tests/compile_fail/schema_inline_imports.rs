ipc_core::schema! {
    { "import": ["no_such_file.json"],
      "classes": [{ "className": "A", "members": [{ "name": "n", "type": "int" }] }] }
}

fn main() {}
