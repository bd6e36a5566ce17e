//! camera: reads pictures from the program `decode`, and produces them as frames.

use std::error::Error;
use std::io::{ErrorKind, Read};
use std::process::{Command, Stdio};

use ipc_core::Delivery;
use ipc_examples::figures::{Figures, now_ns};
use ipc_examples::pipeline::{VideoFrame, camera};

fn main() -> Result<(), Box<dyn Error>> {
    let mut module = camera::Communicator::from_env()?;
    let mut figures = Figures::new()?;
    let mut decoder = Command::new("./decode").args(["200x200", "rgb24"]).stdout(Stdio::piped()).spawn()?;
    let mut pictures = decoder.stdout.take().ok_or("no pictures")?;
    let mut picture = VideoFrame::default();
    while module.go_on()? {
        match pictures.read_exact(picture.pixels_mut()) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                let whole = decoder.wait()?.success();
                return if whole { Ok(module.outputs.frames.close()?) } else { Err("the clip was not decoded".into()) };
            }
            other => other?,
        }
        picture.stamp = now_ns();
        picture.checksum = crc32fast::hash(picture.pixels());

        let began = now_ns();
        if let Delivery::Sent(sequence) = module.outputs.frames.deliver(&picture)? {
            figures.wrote("frames", sequence, began)?;
            picture.index += 1;
        }
    }
    decoder.kill()?;
    Ok(module.outputs.frames.close()?)
}
