ipc_core::schema! {
    { "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Idle": 0 } }],
      "classes": [
        { "className": "Point", "members": [{ "name": "x", "type": "float" }] },
        { "className": "A", "members": [
            { "name": "n", "type": "int", "min": 5, "max": 3 },
            { "name": "b", "type": "bool", "max": 1 },
            { "name": "a", "type": "array", "size": [2], "elem": { "type": "int" }, "max": 3 },
            { "name": "d", "type": "uint8", "default": 300 },
            { "name": "e", "type": "int", "max": 4, "default": 5 },
            { "name": "f", "type": "int", "default": "five" },
            { "name": "g", "type": "Mode", "default": "Idel" },
            { "name": "h", "type": "array", "size": ["n"], "elem": { "type": "int" }, "default": [1] },
            { "name": "i", "type": "array", "size": [2], "elem": { "type": "int" }, "default": [1] },
            { "name": "j", "type": "Point", "default": 1 },
            { "name": "k", "type": "int", "optional": "yes" },
            { "name": "l", "type": "int", "comment": 5 }] }] }
}

fn main() {}
