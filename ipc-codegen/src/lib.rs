//! Rust code for classes: what the macros of `ipc-derive` expand to, and `ipc export --lang rust` writes.
//!
//! Reading order: [`inline`] and [`lower_schema`] bring a schema into the form of [`ir`], [`mod@derive`] brings a struct
//! there, and [`expand`] turns it into Rust.
#![forbid(unsafe_code)]

mod communicator;
mod derive;
mod expand;
mod inline;
mod ir;
mod lower_schema;
mod names;
mod source;
mod topology;

use ipc_schema::Schema;
use proc_macro2::TokenStream;

/// The types of a schema, for a crate that reaches `ipc_core` by the path `krate`.
pub fn types(schema: &Schema, krate: &TokenStream) -> TokenStream {
    lower_schema::expand(schema, krate)
}

/// `include_schema!`: the path of `ipc_core` in a group, then the paths of files.
pub fn include_schema(input: TokenStream) -> TokenStream {
    source::include(input).unwrap_or_else(|errors| errors)
}

/// `include_topology!`: the path of `ipc_core` in a group, then the path of a file.
pub fn include_topology(input: TokenStream) -> TokenStream {
    source::topology(input).unwrap_or_else(|errors| errors)
}

/// `schema!`: the path of `ipc_core` in a group, then JSON.
pub fn schema(input: TokenStream) -> TokenStream {
    source::inline(input).unwrap_or_else(|errors| errors)
}

/// `#[derive(Frame)]`: a struct.
pub fn derive_frame(input: TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => derive::derive(&input),
        Err(error) => error.to_compile_error(),
    }
}
