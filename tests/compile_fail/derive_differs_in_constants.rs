//! Differences that only the compiler's constants show: lengths of arrays, and what nested types are.

use ipc_core::Frame;

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Vec3 {
    x: f32,
    z: f32,
    y: f32,
}

mod length {
    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json")]
    struct State {
        #[frame(unit = "ns")]
        stamp: i64,
        rows: u16,
        pose: super::Vec3,
        q: [f64; 5 + 2],
        #[frame(size = "rows")]
        a: Vec<f32>,
        note: Option<String>,
    }
}

mod type_behind_a_name {
    type Pose = u64;

    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json")]
    struct State {
        #[frame(unit = "ns")]
        stamp: i64,
        rows: u16,
        pose: Pose,
        q: [f64; 6],
        #[frame(size = "rows")]
        a: Vec<f32>,
        note: Option<String>,
    }
}

fn main() {}
