ipc_core::schema! {
    { "namespace": "1st", "clases": [],
      "classes": [
        { "className": "A", "members": [
            { "name": "n", "typ": "int" },
            { "name": "m", "type": "int", "name": "k" }] },
        { "members": [{ "name": "x", "type": "int" }] },
        { "className": 5, "members": [{ "name": "x", "type": "int" }] }] }
}

fn main() {}
