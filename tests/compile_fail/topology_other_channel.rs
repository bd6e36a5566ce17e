//! A module has the ends that the topology gives it, and no others.

ipc_core::include_topology!("compile_fail/topologies/app.json");

fn main() -> Result<(), ipc_core::Error> {
    let camera = camera::Ends::open()?;
    camera.outlines.close()?;
    let mut printer = printer::Ends::open()?;
    printer.pictures.send(&Picture::default())?;
    let _ = recorder::Ends::open()?;
    Ok(())
}
