ipc_core::schema! {
    [{ "className": "Broken",
       "members": [
         { "name": "n" "type": "int" }] }]
}

fn main() {}
