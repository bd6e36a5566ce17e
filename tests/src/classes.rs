//! The classes that the tests send.

ipc_core::include_schema!("classes/parcel.json", "classes/tally.json");

/// Another description of a class of the same name and size.
pub mod swapped {
    ipc_core::include_schema!("classes/swapped.json");
}
