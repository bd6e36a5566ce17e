ipc_core::schema! {
    [{ "className": "Large", "members": [
        { "name": "m", "type": "array", "size": [99999999999], "elem": { "type": "int" } }] },
     { "className": "Long", "members": [
        { "name": "s", "type": "array", "size": [2147483648], "elem": { "type": "string" } }] },
     { "className": "New", "members": [
        { "name": "n", "type": "uint32", "default": 4000000000 },
        { "name": "a", "type": "array", "size": ["n"], "elem": { "type": "uint8" } }] }]
}

fn main() {}
