//! What was read from a frame cannot outlive the frame.

ipc_core::schema! {
    [{ "className": "Cloud", "members": [
        { "name": "n", "type": "uint32" },
        { "name": "points", "type": "array", "size": ["n"], "elem": { "type": "float" } }] },
     { "className": "Tick", "members": [{ "name": "count", "type": "uint64" }] }]
}

fn main() -> Result<(), ipc_core::Error> {
    let clouds = ipc_core::Channel::<Cloud>::new("cloud").dynamic_consumer()?;
    let frame = clouds.recv()?;
    let points = frame.view().points();
    drop(frame);
    println!("{points:?}");

    let ticks = ipc_core::Channel::<Tick>::new("tick").dynamic_consumer()?;
    let frame = ticks.recv()?;
    let count = &frame.count;
    drop(frame);
    println!("{count}");

    let frame = ticks.recv()?;
    drop(ticks);
    println!("{}", frame.count);
    Ok(())
}
