//! Plain classes: the frame is the struct.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::expand::{bounds, desc, docs, fixed, respan, tidy};
use crate::ir::{Class, Kind, Member, Value, ValueClass};

/// A fixed class of a schema: the struct and all that belongs to it.
pub(super) fn schema(class: &Class) -> TokenStream {
    let ident = &class.ident;
    let docs = docs::class(class);
    let fields = fixed::fields(class, true);
    let declarations = fixed::declarations(&fields);
    let layout = fixed::layout(class, ident, &fields);
    let pod = fixed::pod(&class.private, ident, fields.iter().map(|field| &field.ty));
    let zerocopy = fixed::zerocopy_derives();
    let (copy, accessors) = (fixed::copy(ident), accessors(class));
    let default = default(class);
    let debug = debug(class);
    let equal = equal(class);
    let traits = traits(class, &tidy::pads(&fields));
    let methods = methods(class);
    quote! {
        #docs
        #zerocopy
        #[repr(C)]
        pub struct #ident { #declarations }
        #copy
        #pod
        #layout
        #accessors
        #default
        #debug
        #equal
        #methods
        #traits
    }
}

/// A derived `repr(C)` struct: mapped as it is; `fields` are all its fields, and whether each is padding.
pub(crate) fn derived(class: &Class, fields: &[(&syn::Field, bool)]) -> TokenStream {
    let (private, ident) = (&class.private, &class.ident);
    let span = ident.span();
    let descriptions = fields.iter().map(|(field, is_pad)| {
        let (name, ty) = (&field.ident, &field.ty);
        let text = name.as_ref().map(ToString::to_string).unwrap_or_default();
        quote! {
            #private::MappedField {
                name: #text,
                offset: ::core::mem::offset_of!(#ident, #name),
                size: ::core::mem::size_of::<#ty>(),
                is_pad: #is_pad,
            }
        }
    });
    let pads = fields.iter().filter(|(_, is_pad)| *is_pad);
    let pad_names: Vec<_> = pads.clone().filter_map(|(field, _)| field.ident.as_ref()).collect();
    let pads = pads.map(|(field, _)| &field.ty);
    let (traits, methods) = (traits(class, &pad_names), methods(class));
    // Only the check bears the struct's span: for an unsafe block that does, lints would blame the user.
    let at_struct = respan(private.clone(), span);
    let check = quote_spanned! {span=>
        const _: () = #at_struct::check_mapped(
            <#ident as #private::PlainClass>::PLAIN_DESC,
            ::core::mem::size_of::<#ident>(),
            &[#(#descriptions),*],
        );
    };
    quote! {
        #check
        #(const _: usize = #private::pod_size::<#pads>();)*
        // SAFETY: repr(C); every member is Pod, since `Member` and `pod_size` ask for it, and `check_mapped` does not
        // compile if any byte lies between members.
        unsafe impl #private::Zeroable for #ident {}
        // SAFETY: as above.
        unsafe impl #private::Pod for #ident {}
        #methods
        #traits
    }
}

/// The value as bytes and back.
fn methods(class: &Class) -> TokenStream {
    let (private, ident, vis) = (&class.private, &class.ident, &class.vis);
    let (to_bytes, from_bytes) = (class.free_name("to_bytes"), class.free_name("from_bytes"));
    quote! {
        impl #ident {
            /// The value as the bytes of a frame. An error if a member is outside of its `min` or `max`.
            #vis fn #to_bytes(&self) -> ::core::result::Result<::std::vec::Vec<u8>, #private::Error> {
                #private::Class::to_bytes(self)
            }

            /// The value of a frame's bytes.
            #vis fn #from_bytes(frame: &[u8]) -> ::core::result::Result<Self, #private::Error> {
                #private::Class::from_bytes(frame)
            }
        }
    }
}

/// Two values are equal if their members are, whatever stands in padding and in absent ones.
fn equal(class: &Class) -> TokenStream {
    let ident = &class.ident;
    let members = class.members.iter().map(|member| {
        let name = &member.ident;
        if member.is_optional() { quote!(self.#name() == other.#name()) } else { quote!(self.#name == other.#name) }
    });
    quote! {
        impl ::core::cmp::PartialEq for #ident {
            fn eq(&self, other: &Self) -> bool { #(#members)&&* }
        }
    }
}

fn traits(class: &Class, pads: &[&Ident]) -> TokenStream {
    let (private, ident) = (&class.private, &class.ident);
    let (desc, tidy) = (desc::class(class), tidy::plain(class, pads));
    let checks = bounds::checks(class, &|member| place(member));
    let checked = bounds::checked(class);
    let validate = (!checks.is_empty()).then(|| {
        quote! {
            #checked
            fn validate(&self) -> ::core::result::Result<(), #private::Error> {
                #checks
                ::core::result::Result::Ok(())
            }
        }
    });
    quote! {
        impl #private::Member for #ident {
            const TYPE: #private::TypeDesc = #private::TypeDesc::Class(<Self as #private::PlainClass>::PLAIN_DESC);
            #tidy
            #validate
        }
        impl #private::PlainClass for #ident {
            const PLAIN_DESC: &'static #private::ClassDesc = &#desc;
        }
    }
}

/// A member as `bounds` and `Debug` want it.
fn place(member: &Member) -> TokenStream {
    let ident = &member.ident;
    match &member.kind {
        _ if member.is_optional() => quote!(self.#ident()),
        Kind::Value(value) if value.is_scalar() && !member.is_array() => quote!(self.#ident),
        _ => quote!(&self.#ident),
    }
}

/// Getter and setter of each optional member.
fn accessors(class: &Class) -> Option<TokenStream> {
    let (private, ident, presence) = (&class.private, &class.ident, class.presence());
    let optional = class.members.iter().filter(|member| member.is_optional());
    let methods: Vec<_> = optional
        .filter_map(|member| {
            let Kind::Value(value) = &member.kind else { return None };
            let (name, hidden, bit) = (&member.ident, class.hidden(member), member.bit());
            let docs = docs::member(member);
            let get = get(member, value, &quote!(self.#hidden));
            let get_type = read_type(member, value, &quote!(&));
            let (set_type, set) = set(private, member, value);
            let setter = class.free_name(&format!("set_{}", member.name));
            let set_docs = format!("Sets or removes `{}`.", member.name);
            Some(quote! {
                #docs
                pub fn #name(&self) -> ::core::option::Option<#get_type> {
                    if #private::is_present(&self.#presence, #bit) { ::core::option::Option::Some(#get) } else { ::core::option::Option::None }
                }
                #[doc = #set_docs]
                pub fn #setter(&mut self, value: ::core::option::Option<#set_type>) {
                    #private::set_present(&mut self.#presence, #bit, value.is_some());
                    self.#hidden = value #set .unwrap_or(#private::Zeroable::zeroed());
                }
            })
        })
        .collect();
    (!methods.is_empty()).then(|| quote!(impl #ident { #(#methods)* }))
}

/// A read of a mapped value: a scalar by value, anything else by reference.
pub(super) fn get(member: &Member, value: &Value, place: &TokenStream) -> TokenStream {
    if member.is_array() || !value.is_scalar() {
        quote!(&#place)
    } else if value.class == ValueClass::Bool {
        quote!(#place.get())
    } else {
        place.clone()
    }
}

/// The type of such a read.
pub(super) fn read_type(member: &Member, value: &Value, reference: &TokenStream) -> TokenStream {
    let ty = member.value_type(value);
    if member.is_array() || !value.is_scalar() {
        quote!(#reference #ty)
    } else if value.class == ValueClass::Bool {
        quote!(bool)
    } else {
        ty
    }
}

/// Type of an owned value, and how an `Option` of it becomes one of the mapped type.
pub(super) fn set(private: &TokenStream, member: &Member, value: &Value) -> (TokenStream, TokenStream) {
    if !member.is_array() && value.class == ValueClass::Bool {
        (quote!(bool), quote!(.map(#private::Bool::new)))
    } else {
        (member.value_type(value), TokenStream::new())
    }
}

fn default(class: &Class) -> TokenStream {
    let (private, ident) = (&class.private, &class.ident);
    let sets = class.members.iter().filter_map(|member| {
        let name = &member.ident;
        let Kind::Value(value) = &member.kind else { return None };
        match &member.default {
            Some(default) if member.is_optional() => {
                let setter = format_ident!("{}", class.free_name(&format!("set_{}", member.name)));
                let rust = &default.rust;
                Some(quote!(value.#setter(::core::option::Option::Some(#rust));))
            }
            Some(default) => {
                let rust = &default.rust;
                let is_bool = !member.is_array() && value.class == ValueClass::Bool;
                let value = if is_bool { quote!(#private::Bool::new(#rust)) } else { rust.clone() };
                Some(quote!(value.#name = #value;))
            }
            None if member.is_optional() => None,
            None if matches!(value.class, ValueClass::Struct { .. }) => {
                let nested =
                    member.dims.iter().rev().fold(quote!(::core::default::Default::default()), |it, dim| match dim {
                        crate::ir::Dim::Constant { value, .. } => quote!([#it; #value]),
                        crate::ir::Dim::Expr { .. } => it,
                    });
                Some(quote!(value.#name = #nested;))
            }
            None => None,
        }
    });
    let sets: Vec<_> = sets.collect();
    let body = if sets.is_empty() {
        quote!(#private::Zeroable::zeroed())
    } else {
        quote!(let mut value: Self = #private::Zeroable::zeroed(); #(#sets)* value)
    };
    quote! {
        impl ::core::default::Default for #ident {
            fn default() -> Self { #body }
        }
    }
}

fn debug(class: &Class) -> TokenStream {
    let values = class.members.iter().map(|member| {
        let name = &member.ident;
        if member.is_optional() { quote!(&self.#name()) } else { quote!(&self.#name) }
    });
    desc::debug(class, &class.ident, &TokenStream::new(), values)
}
