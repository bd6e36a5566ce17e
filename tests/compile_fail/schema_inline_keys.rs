ipc_core::schema! {
    { "namespace": "1st", "clases": [],
      "classes": [
        { "className": "A", "members": [
            { "name": "n", "typ": "int" },
            { "name": "m", "type": "int", "name": "k" }] },
        { "members": [{ "name": "x", "type": "int" }] },
        { "className": 5, "members": [{ "name": "x", "type": "int" }] },
        { "className": "B" },
        { "className": "C", "members": [
            { "name": "n" },
            { "type": "int" },
            { "name": "a", "type": "array", "size": [2], "elem": {} },
            { "name": "b", "type": "array", "size": [2], "elem": { "type": "int", "optional": true } },
            { "name": "c", "type": "int", "colour": "red" }] }],
      "enums": [{ "enumName": "E" }, { "base": "int" }] }
}

fn main() {}
