//! A mapped struct has no hidden bytes.

use ipc_core::Frame;

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Between {
    small: u8,
    large: u64,
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct AtEnd {
    large: u32,
    small: u16,
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct TooMuch {
    small: u8,
    #[frame(pad)]
    _pad: [u8; 3],
    other: u8,
}

fn main() {}
