//! Procedural macros that turn class descriptions into frame types, and Rust structs into classes.
//!
//! Users call them through `ipc_core`, which tells them by which path it is reached. Reading order: [`inline`] and
//! [`lower_schema`] bring a schema into the form of [`ir`], [`derive`] brings a struct there, and [`expand`] turns it
//! into Rust.
#![forbid(unsafe_code)]

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
