//! Shared state is a value of constant size, changed in place.

use ipc_core::{Error, Shared};

ipc_core::schema! {
    [{ "className": "Note", "members": [{ "name": "text", "type": "string" }] }]
}

fn main() -> Result<(), Error> {
    let mut note = Shared::<Note>::open("note")?;
    drop(note.lock()?);
    Ok(())
}
