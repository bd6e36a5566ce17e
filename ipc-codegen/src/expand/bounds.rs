//! `min` and `max` of values.

use ipc_schema::model::{Meaning, Number};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ir::{Class, Element, Kind, Member, Value, ValueClass};

/// Checks of all members; `place` gives a scalar by value, anything else by reference, an optional one as an `Option`.
pub(super) fn checks(class: &Class, place: &dyn Fn(&Member) -> TokenStream) -> TokenStream {
    class.members.iter().filter_map(|member| check(class, member, place(member))).collect()
}

/// `CHECKED` of a type: whether anything in it has bounds, as far as it is known here, else what its types say.
pub(super) fn checked(class: &Class) -> TokenStream {
    let private = &class.private;
    let bounded = class.members.iter().filter(|member| has_bounds(member));
    let terms: Vec<_> = bounded
        .map(|member| match &member.kind {
            Kind::Value(Value { ty, class: ValueClass::Path }) | Kind::Slice(Value { ty, class: ValueClass::Path }) => {
                quote!(<#ty as #private::Member>::CHECKED)
            }
            Kind::One(Element::Class(path)) | Kind::List(Element::Class(path)) => {
                quote!(<#path as #private::Class>::CHECKED)
            }
            _ => quote!(true),
        })
        .collect();
    if terms.is_empty() {
        return TokenStream::new();
    }
    quote!(const CHECKED: bool = #(#terms)||*;)
}

/// Whether a member has bounds of its own, or nested ones.
pub(crate) fn has_bounds(member: &Member) -> bool {
    match &member.kind {
        Kind::Value(value) | Kind::Slice(value) => match value.class {
            ValueClass::Struct { has_bounds } => has_bounds,
            ValueClass::Path => true,
            ValueClass::Bool => false,
            _ => is_bounded(meaning(member)),
        },
        Kind::One(Element::Class(_)) | Kind::List(Element::Class(_)) => true,
        // A string's or blob's `max` is a matter of every reader, and there is no `min`.
        Kind::One(_) | Kind::List(_) => false,
    }
}

fn check(class: &Class, member: &Member, place: TokenStream) -> Option<TokenStream> {
    if !has_bounds(member) {
        return None;
    }
    let check = match &member.kind {
        Kind::Value(value) | Kind::Slice(value) if member.is_array() => {
            let flat = match &member.kind {
                Kind::Value(_) => member.dims[1..].iter().fold(quote!(it), |inner, _| quote!(#inner.as_flattened())),
                _ => quote!(it),
            };
            let site = class.site(member);
            let each = check_value(class, member, value, &quote!(#site.at(at)), &quote!(*it));
            quote!(let mut at = 0; for it in #flat { #each at += 1; })
        }
        Kind::Value(value) | Kind::Slice(value) => {
            let it = if value.is_scalar() { quote!(it) } else { quote!(*it) };
            check_value(class, member, value, &class.site(member), &it)
        }
        Kind::One(Element::Class(path)) => {
            let (private, site) = (&class.private, class.site(member));
            quote!(#site.inside(<#path as #private::Class>::validate(it))?;)
        }
        Kind::List(_) => quote!(it.validate()?;),
        Kind::One(_) => return None,
    };
    Some(if member.is_optional() {
        quote!(if let ::core::option::Option::Some(it) = #place { #check })
    } else {
        quote!({ let it = #place; #check })
    })
}

fn check_value(class: &Class, member: &Member, value: &Value, site: &TokenStream, it: &TokenStream) -> TokenStream {
    let private = &class.private;
    let meaning = meaning(member);
    let number = match value.class {
        ValueClass::Enum | ValueClass::Char => quote!((#it).0),
        _ => quote!(#it),
    };
    match value.class {
        ValueClass::Struct { .. } | ValueClass::Path | ValueClass::Bool => {
            quote!(#site.inside(#private::Member::validate(&#it))?;)
        }
        ValueClass::Float => {
            let min = meaning.min.map_or(quote!(f64::NEG_INFINITY), float);
            let max = meaning.max.map_or(quote!(f64::INFINITY), float);
            quote!(#site.check_float(#number, #min, #max)?;)
        }
        ValueClass::Int | ValueClass::Char | ValueClass::Enum => {
            let min = Literal::i128_suffixed(int(meaning.min, i128::MIN));
            let max = Literal::i128_suffixed(int(meaning.max, i128::MAX));
            quote!(#site.check_int(#number, #min, #max)?;)
        }
    }
}

/// Greatest length in bytes of a string or blob, or of each in an array.
pub(super) fn max_bytes(member: &Member) -> u64 {
    match meaning(member).max {
        Some(Number::Int(max)) => u64::try_from(max).unwrap_or(u64::MAX),
        _ => u64::MAX,
    }
}

fn meaning(member: &Member) -> &Meaning {
    if member.is_array() { &member.elem_meaning } else { &member.meaning }
}

fn is_bounded(meaning: &Meaning) -> bool {
    meaning.min.is_some() || meaning.max.is_some()
}

fn float(number: Number) -> TokenStream {
    let literal = Literal::f64_unsuffixed(match number {
        Number::Float(value) => value,
        Number::Int(value) => value as f64,
    });
    quote!(#literal)
}

fn int(number: Option<Number>, otherwise: i128) -> i128 {
    match number {
        Some(Number::Int(value)) => value,
        Some(Number::Float(value)) => value as i128,
        None => otherwise,
    }
}
