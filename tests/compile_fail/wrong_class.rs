//! A channel's class is the class of all that is sent and received on it.

use ipc_core::{Channel, Consumer, Error};

ipc_core::schema! {
    [{ "className": "Tick", "members": [{ "name": "count", "type": "uint64" }] },
     { "className": "Tock", "members": [{ "name": "count", "type": "uint64" }] }]
}

const TICKS: Channel<Tick> = Channel::new("ticks");

fn main() -> Result<(), Error> {
    let mut producer = TICKS.producer()?;
    producer.send(&Tock { count: 1 })?;
    producer.send(&1u64)?;
    let consumer: Consumer<Tock> = TICKS.dynamic_consumer()?;
    drop(consumer);
    let _ = Channel::<String>::new("text").producer()?;
    Ok(())
}
