//! `CloudDims`: the values that fix the size of a frame.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::docs;
use crate::ir::{Class, Element, Kind, Member};

/// The struct.
pub(super) fn dims(class: &Class) -> TokenStream {
    let (private, vis, ident) = (&class.private, &class.vis, class.suffixed("Dims"));
    let docs = docs::companion(class, "What fixes the size of a frame of");
    let fields = class.members.iter().filter_map(|member| {
        let (name, ty) = (&member.ident, dims_type(class, member)?);
        let docs = field_docs(member);
        Some(quote!(#docs #vis #name: #ty))
    });
    let defaults = class.members.iter().filter_map(|member| {
        dims_type(class, member)?;
        let name = &member.ident;
        Some(match member.kind {
            Kind::Value(_) => quote!(#name: #private::Zeroable::zeroed()),
            _ => quote!(#name: ::core::default::Default::default()),
        })
    });
    let equal = class.members.iter().filter_map(|member| {
        dims_type(class, member)?;
        let name = &member.ident;
        Some(match &member.kind {
            // A user's struct need not be comparable.
            Kind::Value(value) if !value.is_scalar() => quote!(#private::same_bytes(&self.#name, &other.#name)),
            _ => quote!(self.#name == other.#name),
        })
    });
    quote! {
        #docs
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #vis struct #ident { #(#fields),* }

        impl ::core::cmp::PartialEq for #ident {
            fn eq(&self, other: &Self) -> bool { true #(&& #equal)* }
        }

        impl ::core::default::Default for #ident {
            fn default() -> Self {
                Self { #(#defaults),* }
            }
        }
    }
}

/// What a member adds to the dimensions: nothing, its value, its length, or whether it is there.
pub(super) fn dims_type(class: &Class, member: &Member) -> Option<TokenStream> {
    let ty = match &member.kind {
        Kind::Value(value) => return member.dimension.is_some().then(|| member.value_type(value)),
        Kind::Slice(_) => return member.is_optional().then(|| quote!(bool)),
        Kind::One(element) => element.dims(class),
        Kind::List(element) => {
            let ty = element.dims(class);
            quote!(::std::vec::Vec<#ty>)
        }
    };
    Some(if member.is_optional() { quote!(::core::option::Option<#ty>) } else { ty })
}

fn field_docs(member: &Member) -> TokenStream {
    let name = &member.name;
    let docs = match &member.kind {
        Kind::Value(_) => return docs::member(member),
        Kind::Slice(_) => format!("Whether `{name}` is there."),
        Kind::One(Element::Class(_)) => format!("What fixes the size of `{name}`."),
        Kind::One(_) => format!("Length of `{name}` in bytes."),
        Kind::List(Element::Class(_)) => format!("What fixes the size of each element of `{name}`."),
        Kind::List(_) => format!("Length of each element of `{name}` in bytes."),
    };
    quote!(#[doc = #docs])
}
