//! Every kind of difference between a struct and its JSON class, each where it is.

use ipc_core::Frame;

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}

mod no_such_class {
    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json")]
    struct Stat {
        text: String,
    }
}

mod missing_extra_and_type {
    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json", name = "State")]
    struct Missing {
        #[frame(unit = "ns")]
        stamp: i32,
        rows: u16,
        pose: f32,
        extra: u8,
        q: [f64; 6],
        #[frame(size = "rows")]
        a: Vec<f32>,
    }
}

mod order_and_unit {
    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json", name = "State")]
    struct Order {
        rows: u16,
        #[frame(unit = "ms")]
        stamp: i64,
        pose: super::Vec3,
        q: [f64; 6],
        #[frame(size = "rows")]
        a: Vec<f32>,
        note: Option<String>,
    }
}

mod size_dimensions_and_presence {
    #[derive(ipc_core::Frame)]
    #[frame(schema = "compile_fail/schemas/derived.json", name = "State")]
    struct Sizes {
        stamp: i64,
        rows: u16,
        pose: super::Vec3,
        q: [[f64; 3]; 2],
        #[frame(size = "rows * 2")]
        a: Vec<f32>,
        note: String,
    }
}

fn main() {}
