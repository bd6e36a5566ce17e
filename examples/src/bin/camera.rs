//! camera: reads pictures of 200 × 200 pixels, 3 bytes each, from standard input, and produces them as frames.

use std::error::Error;
use std::io::{ErrorKind, Read, stdin};
use std::process::ExitCode;
use std::time::Instant;

use ipc_examples::module::{Action, Meter, Progress, now_ns, run};
use ipc_examples::video::{FRAMES, Picture, VideoFrame, checksum};

fn main() -> ExitCode {
    run(camera)
}

fn camera() -> Result<Vec<Meter>, Box<dyn Error>> {
    let mut frames = FRAMES.producer()?;
    let mut writes = Meter::new("frames", Action::Write);
    let mut progress = Progress::new();
    let mut frame = VideoFrame::default();
    for index in 0.. {
        // A picture that was cut short, because its source was stopped, is none.
        match stdin().lock().read_exact(frame.pixels.as_flattened_mut().as_flattened_mut()) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            other => other?,
        }
        frame.stamp = now_ns();
        frame.index = index;
        frame.checksum = checksum(frame.pixels());

        let began = Instant::now();
        frames.send(&frame)?;
        writes.count(began);
        progress.step();
    }
    frames.close()?;
    Ok(vec![writes])
}
