//! Types of one name in one class: its description could not tell them apart.

use ipc_core::Frame;

mod left {
    ipc_core::schema! { { "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Idle": 0 } }],
                          "classes": [{ "className": "Point", "members": [{ "name": "x", "type": "int" }] }] } }
}

mod right {
    ipc_core::schema! { { "namespace": "right",
                          "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Busy": 0 } }],
                          "classes": [{ "className": "Point", "members": [{ "name": "x", "type": "int" }] }] } }
}

#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
struct Points {
    a: left::Point,
    b: right::Point,
}

#[derive(Frame)]
struct Modes {
    a: left::Mode,
    b: right::Mode,
    text: String,
}

#[derive(Frame)]
struct Suffix {
    a: left::Point,
    #[frame(variable)]
    b: nested::PointRef,
}

mod nested {
    #[derive(ipc_core::Frame)]
    pub struct PointRef {
        pub text: String,
    }
}

#[derive(Frame)]
struct Defaults {
    #[frame(default = "Idle")]
    a: left::Mode,
    #[frame(default = "Busy")]
    b: left::Mode,
    #[frame(default = 256)]
    c: left::Mode,
    #[frame(default = 1)]
    d: left::Point,
    text: String,
}

fn main() {}
