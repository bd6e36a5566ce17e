//! checker: `checker frames|edges SHEET.png` consumes one of the rings, checks each frame's number and checksum, and
//! draws a contact sheet.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ipc_core::Channel;
use ipc_examples::contact_sheet::ContactSheet;
use ipc_examples::module::{Action, Meter, Progress, run};
use ipc_examples::video::{EDGES, FRAMES, Picture, SIDE_PIXELS};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(|| match arguments.as_slice() {
        ["frames", sheet] => check("frames", FRAMES, sheet.as_ref()),
        ["edges", sheet] => check("edges", EDGES, sheet.as_ref()),
        _ => Err("two words are expected: `checker frames SHEET.png` or `checker edges SHEET.png`.".into()),
    })
}

fn check<P: Picture>(name: &'static str, channel: Channel<P>, sheet: &Path) -> Result<Vec<Meter>, Box<dyn Error>> {
    let frames = channel.consumer("checker")?;
    let mut reads = Meter::new(name, Action::Read);
    let mut progress = Progress::new();
    let mut pictures = ContactSheet::new(SIDE_PIXELS, SIDE_PIXELS, P::COLOR);
    for (expected, frame) in (0..).zip(&frames) {
        let frame = frame?;
        let picture = frame.view();
        reads.arrived(picture.stamp_ns());
        let began = Instant::now();
        picture.verify(expected)?;
        reads.count(began);
        pictures.offer(picture.pixels());
        progress.step();
    }
    pictures.save(sheet)?;
    Ok(vec![reads])
}
