//! A member's type must be a class itself.

use ipc_core::Frame;

#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Foreign {
    x: f32,
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Outer {
    foreign: Foreign,
}

#[derive(Clone, Debug, Frame)]
struct Owned {
    name: String,
    label: Label,
}

#[derive(Clone, Debug, Frame)]
struct Label {
    text: String,
}

fn main() {}
