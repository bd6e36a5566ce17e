ipc_core::schema! {
    [{ "className": "Large", "members": [
        { "name": "m", "type": "array", "size": [99999999999], "elem": { "type": "int" } }] }]
}

fn main() {}
