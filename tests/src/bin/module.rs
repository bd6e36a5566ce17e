//! The modules of `topology/app.json`, each a process: `module NAME`.
#![forbid(unsafe_code)]

use std::io::Write;

use ipc_core::{Error, include_topology};

include_topology!("topology/app.json");

mod isolated {
    ipc_core::include_topology!("topology/isolated.json");
}

const PICTURES: u32 = 500;

fn main() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("camera") => camera(),
        Some("filter") => filter(),
        Some("printer") => printer(),
        Some("guest") => guest(),
        Some("isolated-camera") => isolated_camera(),
        Some("isolated-printer") => isolated_printer(),
        other => panic!("{other:?} is no module"),
    }
}

fn camera() -> Result<(), Error> {
    let mut ends = camera::Ends::open()?;
    for number in 0..PICTURES {
        ends.pictures.send(&Picture { number, ..Default::default() })?;
    }
    ends.pictures.close()
}

fn isolated_camera() -> Result<(), Error> {
    let mut ends = isolated::camera::Ends::open()?;
    for number in 0..PICTURES {
        ends.pictures.send(&isolated::Picture { number, ..Default::default() })?;
    }
    ends.pictures.close()
}

fn isolated_printer() -> Result<(), Error> {
    let ends = isolated::printer::Ends::open()?;
    let numbers = ends.pictures.iter().map(|picture| picture.map(|picture| picture.number));
    say(&format!("{} pictures", numbers.collect::<Result<Vec<_>, _>>()?.len()));
    Ok(())
}

fn filter() -> Result<(), Error> {
    let mut ends = filter::Ends::open()?;
    for picture in &ends.pictures {
        let number = picture?.number;
        ends.outlines.send(&Outline { n: 1, points: vec![number] })?;
    }
    ends.outlines.close()
}

fn printer() -> Result<(), Error> {
    let ends = printer::Ends::open()?;
    let (mut pictures, mut outlines) = (0, 0);
    for picture in &ends.pictures {
        assert_eq!(picture?.number, pictures);
        pictures += 1;
        assert_eq!(ends.outlines.recv()?.view().points(), [outlines]);
        outlines += 1;
    }
    say(&format!("{pictures} pictures, {outlines} outlines"));
    Ok(())
}

/// Reads from when it attached, and has no reserved place.
fn guest() -> Result<(), Error> {
    let ends = guest::Ends::open()?;
    say("attached");
    let mut last = None;
    for outline in &ends.outlines {
        last = outline?.view().points().last().copied();
    }
    say(&format!("{last:?}"));
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the standard output is open");
}
