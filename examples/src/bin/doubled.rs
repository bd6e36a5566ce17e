//! doubled: a filter of a pipeline. Matrices come on standard input, and go doubled to standard output:
//! `ipc pub - --schema examples/classes/matrix.json <lines | doubled | ipc echo -`.

use ipc_core::Error;
use ipc_core::stream::Channel;
use ipc_examples::matrix::{SimpleMatrix, SimpleMatrixDims};

const PIPE: Channel<SimpleMatrix> = Channel::pipe();

fn main() -> Result<(), Error> {
    let (mut input, mut output) = (PIPE.consumer()?, PIPE.producer()?);
    for frame in &mut input {
        let frame = frame?;
        let matrix = frame.view();
        let mut doubled = output.reserve(SimpleMatrixDims { n: matrix.n() })?;
        for (to, from) in doubled.edit().a.iter_mut().zip(matrix.a()) {
            *to = 2 * from;
        }
        doubled.publish()?;
    }
    output.close()
}
