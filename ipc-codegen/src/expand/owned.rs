//! The owned form of a variable class.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{docs, size};
use crate::ir::{Class, Dim, Kind, Member, ValueClass};

/// The struct of a schema's class, with its default.
pub(super) fn definition(class: &Class) -> TokenStream {
    let ident = &class.ident;
    let docs = docs::class(class);
    let fields = class.members.iter().map(|member| {
        let (docs, name, ty) = (docs::member(member), &member.ident, owned_type(member));
        quote!(#docs pub #name: #ty)
    });
    let dimensions: Vec<_> = class.members.iter().filter(|member| member.dimension.is_some()).collect();
    let lets = dimensions.iter().map(|member| {
        let (local, default) = (member.local(), default(class, member));
        quote!(let #local = #default;)
    });
    let defaults = class.members.iter().map(|member| {
        let (name, local) = (&member.ident, member.local());
        if member.dimension.is_some() {
            quote!(#name: #local)
        } else {
            let default = default(class, member);
            quote!(#name: #default)
        }
    });
    quote! {
        #docs
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct #ident { #(#fields),* }

        impl ::core::default::Default for #ident {
            fn default() -> Self {
                #(#lets)*
                Self { #(#defaults),* }
            }
        }
    }
}

/// Inherent methods: bytes and sizes.
pub(super) fn methods(class: &Class) -> TokenStream {
    let (private, ident, vis) = (&class.private, &class.ident, &class.vis);
    let sizes = size::functions(class);
    quote! {
        impl #ident {
            /// The value as the bytes of a frame.
            ///
            /// An error if an array's length disagrees with its dimensions, or a value with its `min` or `max`.
            #vis fn to_bytes(&self) -> ::core::result::Result<::std::vec::Vec<u8>, #private::Error> {
                #private::Class::to_bytes(self)
            }

            /// The value of a frame's bytes.
            #vis fn from_bytes(frame: &[u8]) -> ::core::result::Result<Self, #private::Error> {
                #private::Class::from_bytes(frame)
            }

            #sizes
        }
    }
}

fn owned_type(member: &Member) -> TokenStream {
    let ty = match &member.kind {
        Kind::Value(value) if value.class == ValueClass::Bool && !member.is_array() => quote!(bool),
        Kind::Value(value) => member.value_type(value),
        Kind::Slice(value) => {
            let ty = &value.ty;
            quote!(::std::vec::Vec<#ty>)
        }
        Kind::One(element) => element.owned(),
        Kind::List(element) => {
            let ty = element.owned();
            quote!(::std::vec::Vec<#ty>)
        }
    };
    if member.is_optional() { quote!(::core::option::Option<#ty>) } else { ty }
}

fn default(class: &Class, member: &Member) -> TokenStream {
    let private = &class.private;
    let plain = quote!(::core::default::Default::default());
    if let Some(default) = &member.default {
        let rust = &default.rust;
        return if member.is_optional() { quote!(::core::option::Option::Some(#rust)) } else { quote!(#rust) };
    }
    if member.is_optional() {
        return quote!(::core::option::Option::None);
    }
    match &member.kind {
        Kind::Value(value) if matches!(value.class, ValueClass::Struct { .. }) => {
            member.dims.iter().rev().fold(plain, |inner, dim| match dim {
                Dim::Constant { value, .. } => quote!([#inner; #value]),
                Dim::Expr { .. } => inner,
            })
        }
        Kind::Value(_) if member.is_array() => quote!(#private::Zeroable::zeroed()),
        Kind::Value(_) | Kind::One(_) => plain,
        Kind::Slice(_) | Kind::List(_) => {
            let count = size::try_count(class, member, &|operand| {
                let local = operand.local();
                quote!(#local)
            });
            quote!(#private::default_vec(#count))
        }
    }
}
