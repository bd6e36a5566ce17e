//! consumer: prints the matrices of the program `producer`, and removes the ring at the end of the stream.
//! It may start before or after the producer, and even after the producer's end.

use ipc_core::Error;
use ipc_examples::matrix::MATRICES;

fn main() -> Result<(), Error> {
    let consumer = MATRICES.consumer("consumer")?;
    for frame in &consumer {
        let frame = frame?;
        let matrix = frame.view();
        let trace: i32 = matrix.a().iter().step_by(matrix.n() as usize + 1).sum();
        println!("{0} × {0}, trace {trace}", matrix.n());
    }
    MATRICES.remove()
}
