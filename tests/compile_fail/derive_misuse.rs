//! What no class can be made of, and what to write instead.

use ipc_core::Frame;

#[derive(Frame)]
enum Mode {
    Idle,
}

#[derive(Frame)]
struct Unnamed(u32, String);

#[derive(Frame)]
struct Generic<T> {
    value: T,
}

#[derive(Frame)]
struct Nothing {}

#[derive(Frame)]
struct NotMapped {
    x: f32,
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C, packed)]
struct Packed {
    x: f32,
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Mapped<'a> {
    text: &'a str,
}

#[derive(Clone, Frame)]
#[repr(C)]
struct Pointers {
    flag: bool,
    text: String,
    list: Vec<f32>,
    maybe: Option<u32>,
    letter: char,
    count: usize,
    pair: (u8, u8),
}

#[derive(Frame)]
struct Sizes {
    n: u32,
    real: f32,
    maybe: Option<u32>,
    list: Vec<f32>,
    #[frame(size = "m")]
    a: Vec<f32>,
    #[frame(size = "real")]
    b: Vec<f32>,
    #[frame(size = "maybe")]
    c: Vec<f32>,
    #[frame(size = "n +")]
    d: Vec<f32>,
    #[frame(size = "4")]
    e: Vec<f32>,
    #[frame(size = "n")]
    f: Vec<bool>,
    #[frame(size = "n")]
    g: Vec<Vec<f32>>,
    #[frame(size = "n")]
    h: f32,
    #[frame(bytes)]
    i: Vec<f32>,
    #[frame(sise = "n")]
    j: Vec<f32>,
    #[frame(max = 4)]
    k: bool,
    #[frame(max = "four")]
    l: u8,
}

fn main() {}
