//! display: shows each frame of a channel.

use std::error::Error;
use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};

use ipc_core::Frame;
use ipc_examples::figures::{Figures, module_name, now_ns};
use ipc_examples::pipeline::{VideoFrame, edge_display_1, edge_display_2, frame_display_1, frame_display_2};

/// A module of this name that shows the frames of its one channel.
macro_rules! display {
    ($module:ident, $channel:ident, $name:literal) => {{
        let module = $module::Communicator::from_env()?;
        let mut display = Display::new()?;
        for input in &module.inputs {
            if let $module::Input::$channel(frame) = input? {
                display.show($name, frame)?;
            }
        }
        display.close()
    }};
}

fn main() -> Result<(), Box<dyn Error>> {
    match module_name()?.as_str() {
        "frame_display_1" => display!(frame_display_1, Frames, "frames"),
        "frame_display_2" => display!(frame_display_2, Frames, "frames"),
        "edge_display_1" => display!(edge_display_1, Edges, "edges"),
        "edge_display_2" => display!(edge_display_2, Edges, "edges"),
        other => Err(format!("{other} is no display").into()),
    }
}

/// The program `show`, which shows what is written to it.
struct Display {
    shower: Child,
    screen: ChildStdin,
    picture: VideoFrame,
    figures: Figures,
}

impl Display {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut shower = Command::new("./show").arg(module_name()?).stdin(Stdio::piped()).spawn()?;
        let screen = shower.stdin.take().ok_or("no screen")?;
        Ok(Self { shower, screen, picture: VideoFrame::default(), figures: Figures::new()? })
    }

    fn show(&mut self, channel: &str, frame: Frame<VideoFrame>) -> Result<(), Box<dyn Error>> {
        let began = now_ns();
        self.picture.clone_from(&frame);
        self.figures.read(channel, &frame, began)?;
        drop(frame); // which gives its space back
        Ok(self.screen.write_all(self.picture.pixels())?)
    }

    fn close(mut self) -> Result<(), Box<dyn Error>> {
        drop(self.screen);
        if self.shower.wait()?.success() { Ok(()) } else { Err("the pictures were not shown".into()) }
    }
}
