//! `CloudRef<'a>`: a received frame of a variable class.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{bounds, desc, docs, plain, size};
use crate::ir::{Class, Element, Kind, Member};

/// The struct, its accessors and its `Debug`.
pub(super) fn view(class: &Class) -> TokenStream {
    let (private, vis) = (&class.private, &class.vis);
    let (owner, ident, fixed) = (&class.ident, class.suffixed("Ref"), class.fixed_ident());
    let docs = docs::companion(class, "A received frame of");
    let fields = class.members.iter().filter_map(|member| {
        let (local, ty) = (member.local(), stored_type(class, member)?);
        Some(quote!(#local: #ty))
    });
    let presence = presence_type(class).map(|ty| quote!(presence: #ty,));
    let accessors = class.members.iter().map(|member| accessor(class, member));
    let values = class.members.iter().map(|member| {
        let name = &member.ident;
        quote!(&self.#name())
    });
    let debug = desc::debug(class, &ident, &quote!(<'_>), values);
    let (load, validate) = (class.free_name("to_owned"), class.free_name("validate"));
    quote! {
        #docs
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #ident<'a> {
            fixed: &'a #fixed,
            #presence
            #(#fields),*
        }

        impl<'a> #ident<'a> {
            #(#accessors)*

            /// Copies the frame out of the ring. An error if a string is not UTF-8.
            #vis fn #load(&self) -> ::core::result::Result<#owner, #private::Error> {
                <#owner as #private::Class>::load(*self)
            }

            /// Checks `min` and `max` of every member.
            #vis fn #validate(&self) -> ::core::result::Result<(), #private::Error> {
                <#owner as #private::Class>::validate(*self)
            }
        }

        #debug
    }
}

/// The view with a shorter lifetime. A projection is invariant, so a derive names the parts that have one.
pub(crate) fn shorten(class: &Class) -> TokenStream {
    let private = &class.private;
    let nested: Vec<_> = class
        .members
        .iter()
        .filter_map(|member| {
            let Kind::One(Element::Class(path)) = &member.kind else { return None };
            let local = member.local();
            let shorten = quote!(<#path as #private::Class>::shorten);
            Some(if member.is_optional() {
                quote!(#local: view.#local.map(|it| #shorten(it)))
            } else {
                quote!(#local: #shorten(view.#local))
            })
        })
        .collect();
    if class.is_schema || nested.is_empty() {
        return quote!(view);
    }
    let ident = class.suffixed("Ref");
    let others = class
        .members
        .iter()
        .filter(|member| stored_type(class, member).is_some() && !matches!(member.kind, Kind::One(Element::Class(_))));
    let others: Vec<_> = others.map(Member::local).collect();
    let presence = presence_type(class).map(|_| quote!(presence: view.presence,));
    quote!(#ident { fixed: view.fixed, #presence #(#others: view.#others,)* #(#nested),* })
}

/// The walk over a frame that makes the view.
pub(super) fn walk(class: &Class) -> TokenStream {
    let private = &class.private;
    let (ident, fixed) = (class.suffixed("Ref"), class.fixed_ident());
    let prologue = prologue(class);
    let regions = class.members.iter().filter_map(|member| region(class, member));
    let stored = class.members.iter().filter(|member| stored_type(class, member).is_some()).map(Member::local);
    let presence = presence_type(class).map(|_| quote!(presence,));
    quote! {
        let mut reader = #private::Reader::new(<Self as #private::Class>::DESC, frame);
        let fixed = reader.fixed::<#fixed>()?;
        #prologue
        #(#regions)*
        reader.finish()?;
        ::core::result::Result::Ok(#ident { fixed, #presence #(#stored),* })
    }
}

/// Reads dimensions and presence, once.
pub(super) fn prologue(class: &Class) -> TokenStream {
    let private = &class.private;
    let reads = class.members.iter().filter(|member| member.dimension.is_some()).map(|member| {
        let (local, ident) = (member.local(), &member.ident);
        quote!(let #local = #private::once(&fixed.#ident);)
    });
    let ident = class.presence();
    let presence = presence_type(class).map(|_| quote!(let presence = #private::once(&fixed.#ident);));
    quote!(#(#reads)* #presence)
}

/// Where the walk finds a dimension.
pub(super) fn local_variable(member: &Member) -> TokenStream {
    let local = member.local();
    quote!(#local)
}

fn presence_type(class: &Class) -> Option<TokenStream> {
    let count = class.presence_bytes();
    (count > 0).then(|| quote!([u8; #count]))
}

fn region(class: &Class, member: &Member) -> Option<TokenStream> {
    let private = &class.private;
    let (local, ident, index) = (member.local(), &member.ident, member.index);
    let read = match &member.kind {
        Kind::Value(_) => return None,
        Kind::Slice(value) => {
            let (ty, count) = (&value.ty, size::count(class, member, &local_variable));
            quote!(reader.array::<#ty>(#index, #count)?)
        }
        Kind::One(element) => {
            let (marker, max) = (element.marker(private), bounds::max_bytes(member));
            quote!(reader.one::<#marker>(#index, #private::once(&fixed.#ident), #max)?)
        }
        Kind::List(element) => {
            let (marker, max) = (element.marker(private), bounds::max_bytes(member));
            let count = size::count(class, member, &local_variable);
            quote!(reader.list::<#marker>(#index, #private::once(&fixed.#ident), #count, #max)?)
        }
    };
    if !member.is_optional() {
        return Some(quote!(let #local = #read;));
    }
    let bit = member.bit();
    let hidden_length = if member.place_kind().is_some() { quote!(#private::once(&fixed.#ident)) } else { quote!(0) };
    Some(quote! {
        let #local = if #private::is_present(&presence, #bit) {
            ::core::option::Option::Some(#read)
        } else {
            reader.absent(#index, #hidden_length)?;
            ::core::option::Option::None
        };
    })
}

/// What the view holds of a member beside the fixed part.
fn stored_type(class: &Class, member: &Member) -> Option<TokenStream> {
    let private = &class.private;
    let ty = match &member.kind {
        Kind::Value(value) => return member.dimension.is_some().then(|| member.value_type(value)),
        Kind::Slice(value) => {
            let ty = &value.ty;
            quote!(&'a [#ty])
        }
        Kind::One(element) => element.raw(class),
        Kind::List(element) => {
            let marker = element.marker(private);
            quote!(#private::Elements<'a, #marker>)
        }
    };
    Some(if member.is_optional() { quote!(::core::option::Option<#ty>) } else { ty })
}

fn accessor(class: &Class, member: &Member) -> TokenStream {
    let (private, vis) = (&class.private, &class.vis);
    let docs = docs::member(member);
    let (name, local) = (&member.ident, member.local());
    match &member.kind {
        Kind::Value(value) if member.dimension.is_some() => {
            let ty = member.value_type(value);
            quote!(#docs #vis fn #name(&self) -> #ty { self.#local })
        }
        Kind::Value(value) => {
            let get = plain::get(member, value, &quote!(self.fixed.#name));
            let ty = plain::read_type(member, value, &quote!(&'a));
            if member.is_optional() {
                let bit = member.bit();
                quote! {
                    #docs
                    #vis fn #name(&self) -> ::core::option::Option<#ty> {
                        if #private::is_present(&self.presence, #bit) { ::core::option::Option::Some(#get) } else { ::core::option::Option::None }
                    }
                }
            } else {
                quote!(#docs #vis fn #name(&self) -> #ty { #get })
            }
        }
        Kind::One(Element::Text) => {
            let bytes = class.free_name(&format!("{}_bytes", member.name));
            let bytes_docs = format!("The bytes of `{}`, checked or not.", member.name);
            let site = class.site(member);
            let (text_type, bytes_type, text) = if member.is_optional() {
                (
                    quote!(::core::option::Option<&'a str>),
                    quote!(::core::option::Option<&'a [u8]>),
                    quote!(self.#local.map(|bytes| #private::text(bytes, #site)).transpose()),
                )
            } else {
                (quote!(&'a str), quote!(&'a [u8]), quote!(#private::text(self.#local, #site)))
            };
            quote! {
                #docs
                ///
                /// An error if it is not UTF-8.
                #vis fn #name(&self) -> ::core::result::Result<#text_type, #private::Error> { #text }
                #[doc = #bytes_docs]
                #vis fn #bytes(&self) -> #bytes_type { self.#local }
            }
        }
        _ => {
            let ty = stored_type(class, member);
            quote!(#docs #vis fn #name(&self) -> #ty { self.#local })
        }
    }
}
