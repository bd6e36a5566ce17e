//! What comes to a module is of the channels that it reads, and is merged by what all of them have.

ipc_core::include_topology!("compile_fail/topologies/app.json");

fn main() -> Result<(), ipc_core::Error> {
    let mut filter = filter::Communicator::from_env()?;
    filter.inputs.merged_by(filter::Member::Stamp);
    for input in &filter.inputs {
        match input? {
            filter::Input::Outlines(outline) => drop(outline),
            filter::Input::Closed(_) => {}
        }
        filter.outputs.pictures.send(&Picture::default())?;
        filter.outputs.outlines.deliver(&Picture::default())?;
    }
    let camera = camera::Communicator::from_env()?;
    for input in &camera.inputs {}
    Ok(())
}
