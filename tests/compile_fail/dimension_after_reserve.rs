//! A dimension is fixed once the frame's bytes are reserved.

ipc_core::schema! {
    [{ "className": "Cloud", "members": [
        { "name": "n", "type": "uint32" },
        { "name": "points", "type": "array", "size": ["n"], "elem": { "type": "float" } }] }]
}

fn main() -> Result<(), ipc_core::Error> {
    let mut producer = ipc_core::Channel::<Cloud>::new("cloud").producer()?;
    let mut frame = producer.reserve(CloudDims { n: 3 })?;
    frame.edit().n = 4;
    frame.publish()?;
    Ok(())
}
