//! Generated code names everything by its path, so that a crate without the prelude can use it.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

::ipc_core::schema! {
    { "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "A": 0 } }],
      "classes": [
        { "className": "Variable", "members": [
            { "name": "m", "type": "bool", "optional": true }, { "name": "k", "type": "bool", "default": true },
            { "name": "n", "type": "uint8", "max": 4 }, { "name": "s", "type": "string" },
            { "name": "e", "type": "array", "size": [2], "elem": { "type": "Mode", "max": 1 } },
            { "name": "f", "type": "array", "size": ["n"], "elem": { "type": "Fixed" } },
            { "name": "names", "type": "array", "size": ["n"], "elem": { "type": "string", "max": 3 }, "optional": true },
            { "name": "nested", "type": "Nested" },
            { "name": "list", "type": "array", "size": [2], "elem": { "type": "Nested" }, "optional": true },
            { "name": "x", "type": "array", "size": ["n"], "elem": { "type": "bool" } }] },
        { "className": "Nested", "members": [{ "name": "b", "type": "bytes" }] },
        { "className": "Fixed", "members": [
            { "name": "k", "type": "bool", "default": true }, { "name": "o", "type": "bool", "optional": true },
            { "name": "d", "type": "double", "min": 0 },
            { "name": "a", "type": "array", "size": [2, 2], "elem": { "type": "bool" } }] }] }
}

/// Plain.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, ::ipc_core::Frame)]
#[repr(C)]
pub struct Plain {
    /// A number.
    #[frame(max = 2.0)]
    pub x: f64,
    /// A flag.
    pub flag: ::ipc_core::Bool,
    /// Nothing.
    #[frame(pad)]
    pub _pad: [u8; 7],
}

/// Owned.
#[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq, ::ipc_core::Frame)]
pub struct Owned {
    /// A size.
    #[frame(max = 3)]
    pub n: u8,
    /// Values.
    #[frame(size = "n")]
    pub list: ::std::vec::Vec<Plain>,
    /// Perhaps.
    pub maybe: ::core::option::Option<bool>,
    /// Text.
    pub text: ::std::string::String,
}

#[::core::prelude::v1::test]
fn generated_code_needs_no_prelude() {
    let value = <Variable as ::core::default::Default>::default();
    let bytes = ::core::result::Result::unwrap(value.to_bytes());
    ::std::assert_eq!(::core::result::Result::unwrap(Variable::from_bytes(&bytes)), value);
    let value = Owned {
        n: 1,
        list: ::std::vec![Plain { x: 1.0, flag: ::ipc_core::Bool::new(true), _pad: [0; 7] }],
        maybe: ::core::option::Option::Some(true),
        text: ::std::string::String::new(),
    };
    let bytes = ::core::result::Result::unwrap(value.to_bytes());
    ::std::assert_eq!(::core::result::Result::unwrap(Owned::from_bytes(&bytes)), value);
}
