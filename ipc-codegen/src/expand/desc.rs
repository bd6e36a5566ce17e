//! The constant description that a type carries.

use ipc_schema::model::Meaning;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ir::{Class, Dim, Element, Kind, Member, option};

/// A `ClassDesc`, as a constant expression.
pub(super) fn class(class: &Class) -> TokenStream {
    let private = &class.private;
    let Class { name, namespace, .. } = class;
    let members = class.members.iter().map(|it| member(class, it));
    let comment = option(class.comment.as_ref());
    let since = option(class.since.as_ref());
    let deprecated = option(class.deprecated.as_ref());
    match &class.layout {
        Some(layout) => {
            let (size, align, fixed) = (layout.size, layout.align, !class.is_variable());
            let fingerprint = layout.fingerprint;
            quote! {
                #private::ClassDesc {
                    namespace: #namespace, name: #name, comment: #comment, since: #since, deprecated: #deprecated,
                    members: &[#(#members),*], size: #size, align: #align, fixed: #fixed,
                    fingerprint: #private::Fingerprint([#(#fingerprint),*]),
                }
            }
        }
        None => quote! {
            #private::ClassDesc {
                comment: #comment, since: #since, deprecated: #deprecated,
                ..#private::ClassDesc::new(#namespace, #name, &[#(#members),*])
            }
        },
    }
}

/// `Debug` of a type of the class: the members' names are in its description, so only their values are listed.
pub(super) fn debug(
    class: &Class,
    ident: &Ident,
    generics: &TokenStream,
    values: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let (private, owner) = (&class.private, &class.ident);
    quote! {
        impl ::core::fmt::Debug for #ident #generics {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #private::debug(f, <#owner as #private::Class>::DESC, &[#(#values),*])
            }
        }
    }
}

fn member(class: &Class, member: &Member) -> TokenStream {
    let private = &class.private;
    let name = &member.name;
    let ty = match &member.kind {
        Kind::Value(value) | Kind::Slice(value) => {
            let ty = &value.ty;
            quote!(<#ty as #private::Member>::TYPE)
        }
        Kind::One(Element::Text) | Kind::List(Element::Text) => quote!(#private::TypeDesc::String),
        Kind::One(Element::Blob) | Kind::List(Element::Blob) => quote!(#private::TypeDesc::Bytes),
        Kind::One(Element::Class(path)) | Kind::List(Element::Class(path)) => {
            quote!(#private::TypeDesc::Class(<#path as #private::Class>::DESC))
        }
    };
    let base = quote!(#private::member_desc(#name, #ty));
    let mut rest = TokenStream::new();
    if member.is_array() {
        let dims = member.dims.iter().map(|dim| dimension(private, dim));
        rest.extend(quote!(dims: &[#(#dims),*],));
    }
    if member.is_optional() {
        rest.extend(quote!(optional: true,));
    }
    if let Some(meaning) = meaning(private, &member.meaning) {
        rest.extend(quote!(meaning: #meaning,));
    }
    if let Some(meaning) = meaning(private, &member.elem_meaning) {
        rest.extend(quote!(elem_meaning: #meaning,));
    }
    if let Some(default) = &member.default {
        let json = &default.json;
        rest.extend(quote!(default: ::core::option::Option::Some(#json),));
    }
    if let Some(since) = &member.since {
        rest.extend(quote!(since: ::core::option::Option::Some(#since),));
    }
    if let Some(deprecated) = &member.deprecated {
        rest.extend(quote!(deprecated: ::core::option::Option::Some(#deprecated),));
    }
    if rest.is_empty() { base } else { quote!(#private::MemberDesc { #rest ..#base }) }
}

fn dimension(private: &TokenStream, dim: &Dim) -> TokenStream {
    match dim {
        Dim::Constant { value, canonical: None } => quote!(#private::DimDesc::Constant(#value as u64)),
        Dim::Constant { value, canonical: Some(canonical) } => {
            quote!(#private::DimDesc::ConstantExpr { value: #value as u64, canonical: #canonical })
        }
        Dim::Expr { canonical, .. } => quote!(#private::DimDesc::Expr(#canonical)),
    }
}

fn meaning(private: &TokenStream, meaning: &Meaning) -> Option<TokenStream> {
    if *meaning == Meaning::default() {
        return None;
    }
    let keys = [
        ("comment", meaning.comment.clone()),
        ("unit", meaning.unit.clone()),
        ("min", meaning.min.map(|min| min.to_string())),
        ("max", meaning.max.map(|max| max.to_string())),
    ];
    let said = keys.into_iter().filter_map(|(key, text)| {
        let (key, text) = (format_ident!("{key}"), text?);
        Some(quote!(#key: ::core::option::Option::Some(#text),))
    });
    let said: Vec<_> = said.collect();
    // An update that updates nothing is a lint, in the user's crate.
    let rest = (said.len() < 4).then(|| quote!(..#private::MeaningDesc::NONE));
    Some(quote!(#private::MeaningDesc { #(#said)* #rest }))
}
