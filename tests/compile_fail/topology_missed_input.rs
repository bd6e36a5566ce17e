//! A main loop has an arm for every channel.

ipc_core::include_topology!("compile_fail/topologies/app.json");

fn main() -> Result<(), ipc_core::Error> {
    let printer = printer::Communicator::from_env()?;
    for input in &printer.inputs {
        match input? {
            printer::Input::Outlines(outline) => println!("{:?}", outline.view().points()),
            printer::Input::Closed(channel) => println!("{channel:?}"),
        }
    }
    Ok(())
}
