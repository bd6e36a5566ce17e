//! Shared state, changed and read by one process alone.

use std::hint::black_box;

use ipc_core::{Shared, schema};

use crate::Outcome;
use crate::laps::per_step;
use crate::payload::expect;
use crate::side::{Measured, Side};
use crate::task::Work;

schema! { [
    { "className": "SharedData", "comment": "As large as the value beside the bare mutex.", "members": [
        { "name": "counter", "type": "int" },
        { "name": "message", "type": "array", "size": [252], "elem": { "type": "char" } } ] }
] }

const _: () = assert!(size_of::<SharedData>() == crate::limits::VALUE_BYTES);

/// Its name in plans and tables.
pub(crate) const NAME: &str = "ours, shared state";

/// Runs the one side that works.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let mut shared = Shared::create(&side.name("there"), &SharedData::default())?;
    let steps = side.task.steps;
    let figure = per_step(steps, |first, end| {
        for number in first..end {
            match side.task.work {
                Work::Change => {
                    let mut value = shared.lock()?;
                    black_box(&mut *value).counter = number as i32;
                    value.publish()?;
                }
                _ => drop(black_box(shared.read()?.counter)),
            }
        }
        Ok(())
    })?;
    if side.task.work == Work::Change {
        expect(steps, shared.read()?.counter as u64)?;
    }
    Ok(Measured { figure: Some(figure), ..Measured::default() })
}
