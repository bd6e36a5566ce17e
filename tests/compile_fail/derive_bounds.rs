//! Bounds and defaults that no value could have.

use ipc_core::Frame;

#[derive(Frame)]
struct Bounds {
    #[frame(max = 1000)]
    a: u8,
    #[frame(min = 5, max = 1)]
    b: i32,
    #[frame(max = 1.5)]
    c: String,
    #[frame(min = 3)]
    d: String,
    #[frame(max = 1e400)]
    e: f64,
    #[frame(max = 1e39)]
    f: f32,
    #[frame(min = -1, size = "a")]
    g: Vec<u16>,
}

#[derive(Frame)]
struct Defaults {
    #[frame(default = "text")]
    a: u8,
    #[frame(default = 300)]
    b: u8,
    #[frame(default = 3, max = 2)]
    c: u8,
    #[frame(default = 3)]
    d: [u8; 4],
    #[frame(max = 2, default = "abc")]
    text: String,
}

fn main() {}
