//! From the [IR](crate::ir) to Rust.

mod body;
mod bounds;
mod desc;
mod dims;
mod docs;
mod edit;
mod enumeration;
mod fixed;
mod owned;
mod plain;
mod size;
mod tidy;
mod view;

pub(crate) use bounds::has_bounds;
pub(crate) use enumeration::{constant, enumeration};
pub(crate) use fixed::zerocopy_derives;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Class;

/// A class of a schema: its types and their implementations.
pub(crate) fn schema_class(class: &Class) -> TokenStream {
    if !class.is_variable() {
        return plain::schema(class);
    }
    let owned = owned::definition(class);
    let rest = variable(class);
    quote!(#owned #rest)
}

/// A derived struct that is mapped itself.
pub(crate) fn derived_plain(class: &Class, fields: &[(&syn::Field, bool)]) -> TokenStream {
    plain::derived(class, fields)
}

/// A derived struct that is the owned form of a variable class.
pub(crate) fn derived_owned(class: &Class) -> TokenStream {
    variable(class)
}

fn variable(class: &Class) -> TokenStream {
    let parts = [
        owned::methods(class),
        fixed::hidden(class),
        view::view(class),
        edit::edit(class),
        dims::dims(class),
        body::body(class),
    ];
    quote!(#(#parts)*)
}

/// The same tokens at another place, as far as errors are concerned: names still mean what they meant.
pub(crate) fn respan(tokens: TokenStream, place: proc_macro2::Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    tokens.collect()
}
