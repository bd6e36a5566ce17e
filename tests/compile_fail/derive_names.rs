//! Names that no description could have, because a ring carries the description of its class for any tool to read.

use ipc_core::Frame;

#[derive(Frame)]
struct Alike {
    x1: f64,
    x_1: f64,
    text: String,
}

#[derive(Frame)]
struct NotAscii {
    größe: f64,
    text: String,
}

#[derive(Frame)]
struct Twice {
    #[frame(name = "b")]
    a: f64,
    b: String,
}

#[derive(Frame)]
#[frame(name = "not a name")]
struct BadName {
    #[frame(name = "7th")]
    a: String,
}

#[derive(Frame)]
#[frame(namespace = "a..b")]
struct BadNamespace {
    a: String,
}

#[derive(Frame)]
#[allow(non_camel_case_types)]
struct int {
    a: String,
}

fn main() {}
