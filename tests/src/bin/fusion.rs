//! The modules of `topology/fusion.json` by their typed communicators: which one this process is, its controller says.
#![forbid(unsafe_code)]

use std::env;
use std::io::Write;

use ipc_core::{Delivery, Error, include_topology};

include_topology!("topology/fusion.json");

fn main() -> Result<(), Error> {
    match env::var("IPC_MODULE").as_deref() {
        Ok("camera") => camera(),
        Ok("imu") => imu(),
        Ok("tracker") => tracker(),
        // It says that it is the recorder, whatever it was started as.
        _ => recorder(),
    }
}

/// Produces alone: so many images, and then nothing but what its controller wants.
fn camera() -> Result<(), Error> {
    let mut module = camera::Communicator::from_env()?;
    let mut number = 0;
    while module.go_on()? && number < 100 {
        module.outputs.images.deliver(&Image { stamp: i64::from(number) * 10, number, ..Default::default() })?;
        number += 1;
    }
    say(&format!("{number} images"));
    Ok(())
}

fn imu() -> Result<(), Error> {
    let mut module = imu::Communicator::from_env()?;
    module.outputs.closed.send(&Remark { text: "begin".to_owned(), stamp: -1 })?;
    for number in 0..300 {
        module.outputs.motion_samples.send(&Motion { stamp: number * 3 + 1, ..Default::default() })?;
    }
    Ok(())
}

/// Merges what it reads; tells of the stamps since the image before, and of all that is not in order.
fn tracker() -> Result<(), Error> {
    let mut module = tracker::Communicator::from_env()?;
    module.inputs.merged_by(tracker::Member::Stamp);
    let (mut stamps, mut last, mut sent, mut dropped) = (Vec::new(), i64::MIN, 0, 0);
    for input in &module.inputs {
        let stamp = match input? {
            tracker::Input::Images(image) => {
                // The frame of one field is held while another field sends.
                let track = Track { n: stamps.len() as u32, stamps: std::mem::take(&mut stamps) };
                match module.outputs.tracks.deliver(&track)? {
                    Delivery::Sent(_) => sent += 1,
                    Delivery::Dropped(_) => dropped += 1,
                    Delivery::Unsent => {}
                }
                image.stamp
            }
            tracker::Input::MotionSamples(motion) => {
                stamps.push(motion.stamp);
                motion.stamp
            }
            tracker::Input::Closed_(remark) => {
                say(remark.view().text()?);
                remark.view().stamp()
            }
            tracker::Input::Closed(channel) => {
                say(&format!("{channel:?} is over"));
                continue;
            }
        };
        assert!(stamp >= last, "{stamp} after {last}");
        last = stamp;
    }
    assert!(module.inputs.is_over());
    say(&format!("{last}: {} tracks", sent + dropped));
    Ok(())
}

fn recorder() -> Result<(), Error> {
    let module = recorder::Communicator::from_env()?;
    let mut stamps = 0;
    for input in &module.inputs {
        if let recorder::Input::Tracks(track) = input? {
            stamps += track.view().stamps().len() as u64;
        }
    }
    say(&format!("{stamps} stamps, {} tracks missed", module.inputs.missed(recorder::Channel::Tracks)));
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the test reads");
}
