//! A class within itself.

use ipc_core::Frame;

#[derive(Frame)]
struct Tree {
    n: u8,
    #[frame(variable, size = "n")]
    children: Vec<Tree>,
}

#[derive(Frame)]
struct List {
    text: String,
    #[frame(variable)]
    rest: Box<Self>,
}

fn main() {}
