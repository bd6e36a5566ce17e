ipc_core::schema! {
    [{ "className": "Broken",
       "members": [
         { "name": "n" "type": "int" }] }]
}

ipc_core::schema! { "Matrix" }

ipc_core::schema! {
    [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
}

fn main() {}
