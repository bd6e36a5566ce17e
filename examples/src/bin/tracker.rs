//! The four modules of `tracker.json`, which one program is: `ipc run examples/tracker.json` starts a process for each. The sensors
//! end after a minute of their own time, and with them the application.

use std::env;

use ipc_core::{Error, include_topology};

include_topology!("tracker.json");

const SECOND: i64 = 1_000_000_000;

fn main() -> Result<(), Error> {
    match env::var("IPC_MODULE").as_deref() {
        Ok("satellites") => satellites(),
        Ok("wheels") => wheels(),
        Ok("tracker") => tracker(),
        _ => printer(),
    }
}

/// A vehicle at 2 m/s: where it is, once a second.
fn satellites() -> Result<(), Error> {
    let mut module = satellites::Communicator::from_env()?;
    let mut stamp = 0;
    while module.go_on()? && stamp < 60 * SECOND {
        module.outputs.fixes.deliver(&Fix { stamp, x: 2.0 * stamp as f64 / SECOND as f64 })?;
        stamp += SECOND;
    }
    Ok(())
}

/// Its speed, ten times a second.
fn wheels() -> Result<(), Error> {
    let mut module = wheels::Communicator::from_env()?;
    let mut stamp = SECOND / 20;
    while module.go_on()? && stamp < 60 * SECOND {
        module.outputs.speeds.deliver(&Speed { stamp, v: 2.0 })?;
        stamp += SECOND / 10;
    }
    Ok(())
}

/// Both, in the order in which they happened: positions between the fixes.
fn tracker() -> Result<(), Error> {
    let mut module = tracker::Communicator::from_env()?;
    module.inputs.merged_by(tracker::Member::Stamp);
    let mut last = Position::default();
    for input in &module.inputs {
        match input? {
            tracker::Input::Fixes(fix) => last = Position { stamp: fix.stamp, x: fix.x },
            tracker::Input::Speeds(speed) => {
                last.x += speed.v * (speed.stamp - last.stamp) as f64 / SECOND as f64;
                last.stamp = speed.stamp;
            }
            tracker::Input::Closed(channel) => {
                println!("no more {channel:?}");
                continue;
            }
        }
        module.outputs.positions.deliver(&last)?;
    }
    Ok(())
}

fn printer() -> Result<(), Error> {
    let module = printer::Communicator::from_env()?;
    let mut last = Position::default();
    for input in &module.inputs {
        if let printer::Input::Positions(position) = input? {
            last = *position;
        }
    }
    println!("after {} s at {:.1} m", last.stamp / SECOND, last.x);
    Ok(())
}
