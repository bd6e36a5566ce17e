//! Everything that is wrong with a topology is an error of the compiler, with its place in the file.

ipc_core::include_topology!("compile_fail/topologies/broken.json");

mod not_there {
    ipc_core::include_topology!("compile_fail/topologies/nowhere.json");
}

fn main() {}
