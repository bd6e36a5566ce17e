//! producer: sends identity matrices of growing size to the program `consumer`, each written where it lies in the ring.

use ipc_core::Error;
use ipc_examples::matrix::{MATRICES, SimpleMatrixDims};

fn main() -> Result<(), Error> {
    let mut producer = MATRICES.producer()?;
    for n in 1..=5 {
        let mut place = producer.reserve(SimpleMatrixDims { n })?;
        for diagonal in place.edit().a.iter_mut().step_by(n as usize + 1) {
            *diagonal = 1;
        }
        place.publish()?;
    }
    producer.close()
}
