//! A consumer goes from thread to thread and is used by one at a time; a frame stays where it was received.

use std::thread;

use ipc_core::{Consumer, Error};

ipc_core::schema! {
    [{ "className": "Tick", "members": [{ "name": "count", "type": "uint64" }] }]
}

fn a_consumer_in_two_threads(consumer: &Consumer<Tick>) {
    thread::scope(|scope| {
        scope.spawn(|| consumer.try_recv().is_ok());
    });
}

fn a_frame_in_another_thread(consumer: &Consumer<Tick>) -> Result<(), Error> {
    let frame = consumer.recv()?;
    thread::scope(|scope| {
        scope.spawn(move || drop(frame));
    });
    Ok(())
}

fn main() {}
