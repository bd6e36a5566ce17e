//! checker: holds each frame of a channel against its number and its checksum.

use std::error::Error;

use ipc_core::Frame;
use ipc_examples::figures::{Figures, module_name, now_ns};
use ipc_examples::pipeline::{VideoFrame, edge_checker_1, edge_checker_2, frame_checker};

/// A module of this name that checks the frames of its one channel.
macro_rules! checker {
    ($module:ident, $channel:ident, $name:literal) => {{
        let module = $module::Communicator::from_env()?;
        let mut figures = Figures::new()?;
        for input in &module.inputs {
            if let $module::Input::$channel(frame) = input? {
                check($name, &frame, &mut figures)?;
            }
        }
        Ok(())
    }};
}

fn main() -> Result<(), Box<dyn Error>> {
    match module_name()?.as_str() {
        "frame_checker" => checker!(frame_checker, Frames, "frames"),
        "edge_checker_1" => checker!(edge_checker_1, Edges, "edges"),
        "edge_checker_2" => checker!(edge_checker_2, Edges, "edges"),
        other => Err(format!("{other} is no checker").into()),
    }
}

fn check(channel: &str, frame: &Frame<VideoFrame>, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let (sequence, began) = (frame.sequence(), now_ns());
    let checksum = crc32fast::hash(frame.pixels());
    figures.read(channel, frame, began)?;
    if (u64::from(frame.index), frame.checksum) == (sequence, checksum) {
        return Ok(());
    }
    let index = frame.index;
    Err(format!("frame {sequence} of {channel} is picture {index}, or its pixels are not those sent").into())
}
