ipc_core::schema! {
    [{ "className": "Head", "members": [{ "name": "n", "type": "int" }, { "name": "f", "type": "float" }] },
     { "className": "A", "members": [
        { "name": "maybe", "type": "int", "optional": true },
        { "name": "real", "type": "float" },
        { "name": "list", "type": "array", "size": [3], "elem": { "type": "int" } },
        { "name": "head", "type": "Head" },
        { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } },
        { "name": "b", "type": "array", "size": ["later"], "elem": { "type": "int" } },
        { "name": "c", "type": "array", "size": ["maybe"], "elem": { "type": "int" } },
        { "name": "d", "type": "array", "size": ["real + 1"], "elem": { "type": "int" } },
        { "name": "e", "type": "array", "size": ["list"], "elem": { "type": "int" } },
        { "name": "f", "type": "array", "size": ["head.f"], "elem": { "type": "int" } },
        { "name": "g", "type": "array", "size": ["head.m"], "elem": { "type": "int" } },
        { "name": "h", "type": "array", "size": ["2 * (3 + 1"], "elem": { "type": "int" } },
        { "name": "i", "type": "array", "size": [0], "elem": { "type": "int" } },
        { "name": "j", "type": "array", "size": ["1 - 2"], "elem": { "type": "int" } },
        { "name": "k", "type": "array", "size": ["7 / 0"], "elem": { "type": "int" } },
        { "name": "l", "type": "array", "size": ["99999999999 * 99999999999"], "elem": { "type": "int" } },
        { "name": "p", "type": "array", "size": ["head.n ** 2"], "elem": { "type": "int" } },
        { "name": "later", "type": "int" }] }]
}

fn main() {}
