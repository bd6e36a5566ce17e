//! Procedural macros that turn class descriptions into frame types, and Rust structs into classes.
//!
//! Users call them through `ipc_core`, which tells them by which path it is reached. What they do is in `ipc_codegen`: a
//! crate of procedural macros can be used by the compiler alone, and the `ipc` program prints the same code.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

/// Called by `ipc_core::include_schema!`.
#[doc(hidden)]
#[proc_macro]
pub fn include_schema(input: TokenStream) -> TokenStream {
    ipc_codegen::include_schema(input.into()).into()
}

/// Called by `ipc_core::include_topology!`.
#[doc(hidden)]
#[proc_macro]
pub fn include_topology(input: TokenStream) -> TokenStream {
    ipc_codegen::include_topology(input.into()).into()
}

/// Called by `ipc_core::schema!`.
#[doc(hidden)]
#[proc_macro]
pub fn schema(input: TokenStream) -> TokenStream {
    ipc_codegen::schema(input.into()).into()
}

/// Makes a class of frames from a struct.
///
/// A `#[repr(C)]` struct of scalars, arrays `[T; N]`, enums of schemas and other such structs is a *plain* class, whose
/// frames are the struct itself; it needs `Clone` and `Copy`. Any other struct is an *owned* class, whose frames are
/// read through `NameRef` and written through `NameMut` and `NameDims`; besides the above it may have `bool`, `String`,
/// `Vec`, `Option`, and other owned classes under `#[frame(variable)]`.
///
/// On the struct: `#[frame(schema = "file.json")]` (it must agree with the class of that name), `crate = path` (where
/// `ipc_core` is), `name`, `namespace`, `comment`, `since`, `deprecated`. On a member: `size = "rows*cols"` or
/// `size = ["rows", "cols"]` (for `Vec`), `bytes` (a `Vec<u8>` is a blob), `variable`, `pad`, `name`, `unit`, `comment`,
/// `min`, `max`, `elem_unit`, `elem_comment`, `default`, `since`, `deprecated`. A doc comment is the comment.
#[proc_macro_derive(Frame, attributes(frame))]
pub fn derive_frame(input: TokenStream) -> TokenStream {
    ipc_codegen::derive_frame(input.into()).into()
}
