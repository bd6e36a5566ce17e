//! edges: consumes the camera's frames and produces their edges, computed in place in its own ring.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use ipc_examples::module::{Action, Meter, Progress, run};
use ipc_examples::sobel::{brightness, sobel};
use ipc_examples::video::{EDGES, FRAMES, Picture, checksum};

fn main() -> ExitCode {
    run(filter)
}

fn filter() -> Result<Vec<Meter>, Box<dyn Error>> {
    let mut edges = EDGES.producer()?;
    let frames = FRAMES.consumer("edges")?;
    let mut reads = Meter::new("frames", Action::Read);
    let mut writes = Meter::new("edges", Action::Write);
    let mut progress = Progress::new();
    for (expected, frame) in (0..).zip(&frames) {
        let frame = frame?;
        reads.arrived(frame.stamp);
        let began = Instant::now();
        frame.verify(expected)?;
        reads.count(began);

        let began = Instant::now();
        let mut edge = edges.reserve(())?;
        sobel(&brightness(&frame.pixels), &mut edge.pixels);
        edge.stamp = frame.stamp;
        edge.index = frame.index;
        edge.checksum = checksum(edge.pixels());
        edge.publish()?;
        writes.count(began);
        progress.step();
    }
    edges.close()?;
    Ok(vec![reads, writes])
}
