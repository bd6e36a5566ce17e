//! Procedural macros that turn class descriptions into frame types, and Rust structs into classes.
//!
//! Users call them through `ipc_core`, which tells them by which path it is reached. Reading order: [`inline`] and
//! [`lower_schema`] bring a schema into the form of [`ir`], [`mod@derive`] brings a struct there, and [`expand`] turns it
//! into Rust.
#![forbid(unsafe_code)]

mod derive;
mod expand;
mod inline;
mod ir;
mod lower_schema;
mod names;
mod source;

use proc_macro::TokenStream;

/// Called by `ipc_core::include_schema!`.
#[doc(hidden)]
#[proc_macro]
pub fn include_schema(input: TokenStream) -> TokenStream {
    source::include(input.into()).unwrap_or_else(|errors| errors).into()
}

/// Called by `ipc_core::schema!`.
#[doc(hidden)]
#[proc_macro]
pub fn schema(input: TokenStream) -> TokenStream {
    source::inline(input.into()).unwrap_or_else(|errors| errors).into()
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
    derive::derive(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}
