ipc_core::schema! {
    [{ "className": "A", "members": [
        { "name": "a", "type": "unit16" },
        { "name": "b", "type": "array", "size": [2], "elem": { "type": "array" } },
        { "name": "c", "type": "array", "elem": { "type": "int" } },
        { "name": "d", "type": "array", "size": [2] },
        { "name": "f", "type": "array", "size": [], "elem": { "type": "int" } },
        { "name": "e", "type": "int", "size": [2] },
        { "name": "g", "type": "int", "elem": { "type": "int" } },
        { "name": "h", "type": "Velocity" },
        { "name": "i", "type": "array", "size": [2], "elem": { "type": "dubble" } }] },
     { "className": "Egg", "members": [{ "name": "hen", "type": "Hen" }] },
     { "className": "Hen", "members": [{ "name": "egg", "type": "Egg" }] }]
}

fn main() {}
