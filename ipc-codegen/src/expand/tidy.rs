//! Bytes that a writer owes the wire rules: zeros in padding and in what is absent, 0 or 1 in a bool.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::expand::fixed::{Field, FieldKind};
use crate::ir::{Class, Element, Kind, Member, Value, ValueClass};

/// `TIDY`, `tidy`, `OPTIONAL` and `clear_presence` of a plain class; nothing for the most of them. `pads` are the fields
/// that are padding.
pub(super) fn plain(class: &Class, pads: &[&Ident]) -> TokenStream {
    let private = &class.private;
    let nested: Vec<_> = class.members.iter().filter_map(|member| Some((member, nested(member)?))).collect();
    let classes = nested.iter().filter(|(_, value)| value.class != ValueClass::Bool);
    let classes: Vec<_> = classes.map(|(_, value)| &value.ty).collect();
    let presence = class.presence();
    let has_optional = class.presence_bytes() > 0;
    let mut tokens = TokenStream::new();
    if has_optional || !pads.is_empty() || !nested.is_empty() {
        let always = has_optional || !pads.is_empty() || classes.len() < nested.len();
        let fixes = class.members.iter().filter_map(|member| {
            let name = if member.is_optional() { class.hidden(member) } else { member.ident.clone() };
            let fix = tidy_value(private, member, &quote!(&mut self.#name));
            if !member.is_optional() {
                return fix;
            }
            let bit = member.bit();
            Some(quote! {
                if #private::is_present(&self.#presence, #bit) { #fix } else { #private::clear(&mut self.#name); }
            })
        });
        let optional_count = class.members.iter().filter(|member| member.is_optional()).count();
        let unused = (optional_count % 8 != 0).then(|| {
            let (last, mask) = (optional_count / 8, (1u8 << (optional_count % 8)) - 1);
            quote!(self.#presence[#last] &= #mask;)
        });
        tokens.extend(quote! {
            const TIDY: bool = #always #(|| <#classes as #private::Member>::TIDY)*;
            fn tidy(&mut self) {
                #(#fixes)*
                #unused
                #(#private::clear(&mut self.#pads);)*
            }
        });
    }
    if has_optional || !classes.is_empty() {
        let own = has_optional.then(|| quote!(#private::clear(&mut self.#presence);));
        let inner = nested.iter().filter(|(member, value)| value.class != ValueClass::Bool && !member.is_optional());
        let inner = inner.map(|(member, _)| {
            let name = &member.ident;
            each(private, member, &quote!(clear_presence), &quote!(&mut self.#name))
        });
        tokens.extend(quote! {
            const OPTIONAL: bool = #has_optional #(|| <#classes as #private::Member>::OPTIONAL)*;
            fn clear_presence(&mut self) { #own #(#inner)* }
        });
    }
    tokens
}

/// `TIDY` and `tidy` of a variable class. Its own padding, and what is absent, nobody can write to.
pub(super) fn variable(class: &Class, field: &dyn Fn(&Member) -> Ident) -> TokenStream {
    let private = &class.private;
    let mut consts = Vec::new();
    let mut fixes = TokenStream::new();
    for member in &class.members {
        let name = field(member);
        let place = quote!(place);
        let fix = match &member.kind {
            Kind::Value(_) if member.dimension.is_some() => continue,
            Kind::Value(value) | Kind::Slice(value) => {
                if nested(member).is_none() {
                    continue;
                }
                let ty = &value.ty;
                consts.push(quote!(<#ty as #private::Member>::TIDY));
                match &member.kind {
                    Kind::Slice(_) => Some(quote!(#private::tidy_all(place);)),
                    _ => tidy_value(private, member, &place),
                }
            }
            Kind::One(Element::Class(path)) => {
                consts.push(quote!(<#path as #private::Class>::TIDY));
                Some(quote!(<#path as #private::Class>::tidy(place)?;))
            }
            Kind::List(Element::Class(path)) => {
                consts.push(quote!(<#path as #private::Class>::TIDY));
                Some(quote!({
                    let mut place = place;
                    place.tidy()?;
                }))
            }
            Kind::One(_) | Kind::List(_) => continue,
        };
        fixes.extend(if member.is_optional() && !matches!(member.kind, Kind::Value(_)) {
            quote!(if let ::core::option::Option::Some(place) = frame.#name { #fix })
        } else {
            quote!({ let place = frame.#name; #fix })
        });
    }
    if consts.is_empty() {
        return TokenStream::new();
    }
    let ident = class.suffixed("Mut");
    quote! {
        const TIDY: bool = #(#consts)||*;
        fn tidy(frame: #ident<'_>) -> ::core::result::Result<(), #private::Error> {
            #fixes
            ::core::result::Result::Ok(())
        }
    }
}

/// What makes a value tidy, if it can be anything else.
pub(super) fn tidy_value(private: &TokenStream, member: &Member, place: &TokenStream) -> Option<TokenStream> {
    nested(member).map(|_| each(private, member, &quote!(tidy), place))
}

/// The fields that are padding.
pub(super) fn pads<'f>(fields: &'f [Field]) -> Vec<&'f Ident> {
    fields.iter().filter(|field| matches!(field.kind, FieldKind::Padding)).map(|field| &field.ident).collect()
}

/// A value that may be untidy.
fn nested(member: &Member) -> Option<&Value> {
    match &member.kind {
        Kind::Value(value) | Kind::Slice(value) => {
            matches!(value.class, ValueClass::Bool | ValueClass::Struct { .. } | ValueClass::Path).then_some(value)
        }
        Kind::One(_) | Kind::List(_) => None,
    }
}

/// `Member::tidy(place);`, or `tidy_all(place);` for an array.
fn each(private: &TokenStream, member: &Member, what: &TokenStream, place: &TokenStream) -> TokenStream {
    if !member.is_array() {
        return quote!(#private::Member::#what(#place););
    }
    let flat = member.dims[1..].iter().fold(quote!((#place)), |inner, _| quote!(#inner.as_flattened_mut()));
    let all = quote::format_ident!("{}_all", what.to_string());
    quote!(#private::#all(#flat);)
}
