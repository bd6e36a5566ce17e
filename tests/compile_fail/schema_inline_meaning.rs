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
            { "name": "l", "type": "int", "comment": 5 },
            { "name": "m", "type": "string", "min": 1 },
            { "name": "o", "type": "bytes", "max": -1 },
            { "name": "p", "type": "int", "min": 1.5 },
            { "name": "q", "type": "float", "max": 1e39 },
            { "name": "r", "type": "double", "max": 1e999 },
            { "name": "s", "type": "bool", "default": 1 },
            { "name": "t", "type": "char", "default": "ab" },
            { "name": "u", "type": "string", "default": null },
            { "name": "v", "type": "string", "default": "abc", "max": 2 },
            { "name": "w", "type": "array", "size": [2, 1], "elem": { "type": "int" }, "default": [1, 2] }] }] }
}

fn main() {}
