//! `CloudMut<'a>`: a frame of a variable class while it is written in place.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::expand::{desc, docs, plain, size, view};
use crate::ir::{Class, Kind, Member};

/// The struct, with a field for all that may be written, and methods for dimensions and optional values.
pub(super) fn edit(class: &Class) -> TokenStream {
    let (private, vis) = (&class.private, &class.vis);
    let ident = class.suffixed("Mut");
    let docs = docs::companion(class, "A frame that is written in place, of");
    let presence_field = class.free_name("presence");
    let mut fields = TokenStream::new();
    let mut methods = TokenStream::new();
    let mut values = Vec::new();
    for member in &class.members {
        let (docs, name, field) = (docs::member(member), &member.ident, private_field(class, member));
        match &member.kind {
            Kind::Value(value) if member.dimension.is_some() => {
                let ty = member.value_type(value);
                fields.extend(quote!(#field: #ty,));
                methods.extend(quote!(#docs #vis fn #name(&self) -> #ty { self.#field }));
                values.push(quote!(&self.#field));
            }
            Kind::Value(value) if member.is_optional() => {
                let (ty, bit) = (member.value_type(value), member.bit());
                let place = quote!((*self.#field));
                let (get_type, get) = (plain::read_type(member, value, &quote!(&)), plain::get(member, value, &place));
                let (set_type, set) = plain::set(private, member, value);
                let setter = class.free_name(&format!("set_{}", member.name));
                let set_docs = format!("Sets or removes `{}`.", member.name);
                fields.extend(quote!(#field: &'a mut #ty,));
                values.push(quote!(&self.#name()));
                methods.extend(quote! {
                    #docs
                    #vis fn #name(&self) -> ::core::option::Option<#get_type> {
                        if #private::is_present(self.#presence_field, #bit) { ::core::option::Option::Some(#get) } else { ::core::option::Option::None }
                    }
                    #[doc = #set_docs]
                    #vis fn #setter(&mut self, value: ::core::option::Option<#set_type>) {
                        #private::set_present(self.#presence_field, #bit, value.is_some());
                        *self.#field = value #set .unwrap_or(#private::Zeroable::zeroed());
                    }
                });
            }
            _ => {
                let ty = writer_type(class, member);
                fields.extend(quote!(#docs #vis #name: #ty,));
                values.push(quote!(&self.#name));
            }
        }
    }
    let presence = has_optional_value(class).then(|| {
        let count = class.presence_bytes();
        quote!(#presence_field: &'a mut [u8; #count],)
    });
    let debug = desc::debug(class, &ident, &quote!(<'_>), values.into_iter());
    quote! {
        #docs
        #vis struct #ident<'a> { #fields #presence }

        impl<'a> #ident<'a> { #methods }

        #debug
    }
}

/// The walk over a frame that hands out its parts.
pub(super) fn walk(class: &Class) -> TokenStream {
    let private = &class.private;
    let (ident, fixed) = (class.suffixed("Mut"), class.fixed_ident());
    let prologue = view::prologue(class);
    let regions = class.members.iter().filter_map(|member| region(class, member));
    let parts = class.members.iter().map(|member| {
        let (name, local, field) = (&member.ident, member.local(), private_field(class, member));
        match &member.kind {
            Kind::Value(_) if member.dimension.is_some() => quote!(#field: #local,),
            Kind::Value(_) if member.is_optional() => quote!(#field: &mut fixed.#name,),
            Kind::Value(_) => quote!(#name: &mut fixed.#name,),
            _ => quote!(#name: #local,),
        }
    });
    let (field, presence) = (class.free_name("presence"), class.presence());
    let presence = has_optional_value(class).then(|| quote!(#field: &mut fixed.#presence,));
    quote! {
        let mut editor = #private::Editor::new(<Self as #private::Class>::DESC, frame);
        let fixed = editor.fixed::<#fixed>()?;
        #prologue
        #(#regions)*
        editor.finish()?;
        ::core::result::Result::Ok(#ident { #(#parts)* #presence })
    }
}

/// A dimension or an optional value, which methods stand for.
pub(super) fn private_field(class: &Class, member: &Member) -> Ident {
    class.free_name(&member.local().to_string())
}

fn has_optional_value(class: &Class) -> bool {
    class.members.iter().any(|member| member.is_optional() && matches!(member.kind, Kind::Value(_)))
}

fn region(class: &Class, member: &Member) -> Option<TokenStream> {
    let private = &class.private;
    let (local, ident, index) = (member.local(), &member.ident, member.index);
    let take = match &member.kind {
        Kind::Value(_) => return None,
        Kind::Slice(value) => {
            let (ty, count) = (&value.ty, size::count(class, member, &view::local_variable));
            quote!(editor.array::<#ty>(#index, #count)?)
        }
        Kind::One(element) => {
            let marker = element.marker(private);
            quote!(editor.one::<#marker>(#index, fixed.#ident)?)
        }
        Kind::List(element) => {
            let (marker, count) = (element.marker(private), size::count(class, member, &view::local_variable));
            quote!(editor.list::<#marker>(#index, fixed.#ident, #count)?)
        }
    };
    if !member.is_optional() {
        return Some(quote!(let #local = #take;));
    }
    let bit = member.bit();
    Some(quote! {
        let #local = if #private::is_present(&presence, #bit) {
            ::core::option::Option::Some(#take)
        } else {
            editor.absent(#index)?;
            ::core::option::Option::None
        };
    })
}

fn writer_type(class: &Class, member: &Member) -> TokenStream {
    let private = &class.private;
    let ty = match &member.kind {
        Kind::Value(value) => {
            let ty = member.value_type(value);
            return quote!(&'a mut #ty);
        }
        Kind::Slice(value) => {
            let ty = &value.ty;
            quote!(&'a mut [#ty])
        }
        Kind::One(element) => element.edit(class),
        Kind::List(element) => {
            let marker = element.marker(private);
            quote!(#private::ElementsMut<'a, #marker>)
        }
    };
    if member.is_optional() { quote!(::core::option::Option<#ty>) } else { ty }
}
