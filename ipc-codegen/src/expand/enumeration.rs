//! Enums become newtypes over their base, because an unknown value is kept and not an error; constants become constants.

use ipc_schema::model::{Constant, Enum};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::expand::fixed;
use crate::ir::option;
use crate::names;

/// `pub const JOINTS: u64 = 6;`, in upper case, so that no local variable is one.
pub(crate) fn constant(constant: &Constant, ident: &Ident) -> TokenStream {
    let value = constant.value;
    let docs = format!("Constant `{}`.", constant.name);
    quote!(#[doc = #docs] pub const #ident: u64 = #value;)
}

/// `pub struct Mode(pub u8);` with an associated constant for each value.
pub(crate) fn enumeration(private: &TokenStream, model: &Enum, base: &TokenStream) -> TokenStream {
    let Enum { name, comment, .. } = model;
    let ident = names::item(name);
    let docs = match comment {
        Some(comment) => comment.trim().to_owned(),
        None => format!("Enum `{name}`."),
    };
    let docs = format!("{docs}\n\nA value without a name is kept as it is.");
    let values = model.values.iter().map(|(name, value)| {
        let (ident, value) = (names::constant(name), Literal::i128_unsuffixed(*value));
        let docs = format!("Value `{name}`.");
        quote!(#[doc = #docs] pub const #ident: Self = Self(#value);)
    });
    let arms = model.values.iter().map(|(name, value)| {
        let value = Literal::i128_unsuffixed(*value);
        quote!(#value => #name,)
    });
    let pairs = model.values.iter().map(|(name, value)| {
        let value = Literal::i128_unsuffixed(*value);
        quote!((#name, #value))
    });
    let comment = option(comment.as_ref());
    let scalar = quote::format_ident!("{}", format!("{:?}", model.base));
    let zerocopy = fixed::zerocopy_derives();
    let pod = fixed::pod(private, &ident, std::iter::once(base));
    quote! {
        #[doc = #docs]
        #[derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::default::Default, ::core::cmp::PartialEq,
            ::core::cmp::Eq, ::core::cmp::PartialOrd, ::core::cmp::Ord, ::core::hash::Hash,
        )]
        #zerocopy
        #[repr(transparent)]
        pub struct #ident(
            /// The number on the wire.
            pub #base,
        );

        #pod

        impl #ident {
            #(#values)*

            /// The value's name, if it has one.
            pub const fn name(self) -> ::core::option::Option<&'static str> {
                ::core::option::Option::Some(match self.0 {
                    #(#arms)*
                    _ => return ::core::option::Option::None,
                })
            }
        }

        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #private::debug_enum(f, #name, self.name(), &self.0)
            }
        }

        impl #private::Member for #ident {
            const TYPE: #private::TypeDesc = #private::TypeDesc::Enum(&#private::EnumDesc {
                name: #name, comment: #comment, base: #private::Scalar::#scalar, values: &[#(#pairs),*],
            });
        }
    }
}
