//! The class of a channel is the one that the topology names.

ipc_core::include_topology!("compile_fail/topologies/app.json");

fn main() -> Result<(), ipc_core::Error> {
    let mut filter = filter::Ends::open()?;
    filter.outlines.send(&Picture::default())?;
    let outlines: ipc_core::Consumer<Outline> = filter.pictures;
    drop(outlines);
    Ok(())
}
