//! The first program of README.md: both ends of a ring in one process.

use ipc_core::{Channel, Error, schema};

schema! {
    [{ "className": "SimpleMatrix", "members": [
        { "name": "n", "type": "int" },
        { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } } ] }]
}

const MATRICES: Channel<SimpleMatrix> = Channel::new("matrices").reserve(&["printer"]);

fn main() -> Result<(), Error> {
    let mut producer = MATRICES.producer()?;
    let consumer = MATRICES.consumer("printer")?;

    producer.send(&SimpleMatrix { n: 2, a: vec![1, 2, 3, 4] })?; // copied into the ring

    let mut place = producer.reserve(SimpleMatrixDims { n: 3 })?; // written where it lies
    place.edit().a.fill(7);
    place.publish()?;
    producer.close()?;

    for frame in &consumer {
        let frame = frame?;
        println!("{:?}", frame.view().a()); // read where it lies
    }
    MATRICES.remove()
}
