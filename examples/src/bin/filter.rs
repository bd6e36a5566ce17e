//! filter: reads each picture of the camera, and produces its edges.

use std::error::Error;

use ipc_core::Delivery;
use ipc_examples::figures::{Figures, now_ns};
use ipc_examples::pipeline::{VideoFrame, filter};
use ipc_examples::sobel::{brightness, sobel};

fn main() -> Result<(), Box<dyn Error>> {
    let mut module = filter::Communicator::from_env()?;
    let mut figures = Figures::new()?;
    let mut edge = VideoFrame::default();
    for input in &module.inputs {
        let filter::Input::Frames(picture) = input? else { break };
        let began = now_ns();
        let grey = brightness(&picture.pixels);
        figures.read("frames", &picture, began)?;

        sobel(&grey, &mut edge.pixels);
        edge.stamp = picture.stamp;
        edge.index = picture.index;
        edge.checksum = crc32fast::hash(edge.pixels());
        let began = now_ns();
        if let Delivery::Sent(sequence) = module.outputs.edges.deliver(&edge)? {
            figures.wrote("edges", sequence, began)?;
        }
    }
    Ok(module.outputs.edges.close()?)
}
