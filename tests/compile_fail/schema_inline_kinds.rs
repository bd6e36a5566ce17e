ipc_core::schema! {
    { "namespace": 1, "import": "a.json", "constants": [], "enums": {},
      "classes": [
        1,
        { "className": "A", "members": { "n": "int" } },
        { "className": "B", "members": [
            { "name": "n", "type": "int", "min": "0" },
            { "name": "a", "type": "array", "size": 4, "elem": "int" },
            { "name": "b", "type": "array", "size": "n", "elem": { "type": "int" } },
            { "name": "c", "type": "array", "size": [true], "elem": { "type": "int" } }] }] }
}

fn main() {}
