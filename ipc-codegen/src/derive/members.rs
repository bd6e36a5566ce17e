//! A field of a struct as a member of a class: its type is read from the tokens.

use ipc_schema::expr::{ExprError, parse_expr};
use ipc_schema::model::{self, Meaning, Scalar};
use ipc_schema::{check_identifier, check_meaning, fold};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Field, GenericArgument, LitStr, PathArguments, Type, TypePath};

use super::Errors;
use super::attrs::{Bound, MemberAttrs};
use crate::expand::respan;
use crate::ir::{Class, Default, Dim, Element, Kind, Member, Value, ValueClass};

/// How a class's values are held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Mapped: every member has a constant size, and any bit pattern is one.
    Plain,
    /// By the ordinary Rust types.
    Owned,
}

/// What a type is, as far as its tokens say.
enum Shape<'t> {
    Scalar(ValueClass),
    Text,
    Option(&'t Type),
    Vec(&'t Type),
    Array(&'t syn::TypeArray),
    Path,
    /// No member can be of it; what to write instead.
    Refused(String),
}

/// The member; `None` after an error.
pub(crate) fn lower(
    field: &Field,
    attrs: &MemberAttrs,
    form: Form,
    class: &Class,
    constants: &[(String, u64)],
    errors: &mut Errors,
) -> Option<Member> {
    let ident = field.ident.clone()?;
    let name = name(&ident, attrs, class, errors)?;
    let (is_optional, ty) = match shape(&field.ty) {
        Shape::Option(_) if form == Form::Plain => {
            let message = "an optional member needs a class that is not mapped itself: remove `#[repr(C)]`";
            errors.push(&field.ty, message);
            return None;
        }
        Shape::Option(inner) => (true, inner),
        _ => (false, &field.ty),
    };
    let mut dims = sizes(attrs, class, constants, errors)?;
    let kind = kind(ty, attrs, form, &mut dims, class, errors)?;
    let (meaning, elem_meaning) = meanings(&ident, attrs, &kind, &dims, errors)?;
    let default = attrs.default.as_ref().map(|default| default.json.clone());
    Some(Member {
        index: class.members.len(),
        ident,
        name,
        kind,
        dims,
        presence_bit: is_optional.then_some(0),
        meaning,
        elem_meaning,
        default: default.map(|json| Default { json, rust: TokenStream::new() }),
        since: attrs.since.clone(),
        deprecated: attrs.deprecated.clone(),
        place: None,
        dimension: None,
    })
}

fn kind(
    ty: &Type,
    attrs: &MemberAttrs,
    form: Form,
    dims: &mut Vec<Dim>,
    class: &Class,
    errors: &mut Errors,
) -> Option<Kind> {
    let refuse = |errors: &mut Errors, message: &str| {
        errors.push(ty, message);
        None
    };
    match shape(ty) {
        Shape::Vec(_) | Shape::Text if form == Form::Plain => {
            refuse(errors, "a mapped struct holds no pointers: remove `#[repr(C)]`, and the class is an owned one")
        }
        Shape::Text if dims.is_empty() => Some(Kind::One(Element::Text)),
        Shape::Text => refuse(errors, "an array of strings is `Vec<String>`"),
        Shape::Vec(_) if attrs.is_bytes && dims.is_empty() => {
            if is_vec_u8(ty) {
                Some(Kind::One(Element::Blob))
            } else {
                refuse(errors, "`#[frame(bytes)]` stands on `Vec<u8>`, or with a `size` on `Vec<Vec<u8>>`")
            }
        }
        Shape::Vec(_) if dims.is_empty() => refuse(
            errors,
            "the number of elements is missing: write `#[frame(size = \"n\")]`, where `n` is an earlier member, or \
             `#[frame(bytes)]` for a blob",
        ),
        Shape::Vec(elem) => elements(elem, attrs, dims, errors),
        Shape::Array(_) => {
            if !dims.is_empty() {
                return refuse(errors, "an array `[T; N]` has its size already: `size` is for `Vec`");
            }
            let mut inner = ty;
            while let Shape::Array(array) = shape(inner) {
                let len = &array.len;
                dims.push(Dim::Constant { value: quote!((#len)), canonical: None });
                inner = &array.elem;
            }
            Some(Kind::Value(value(inner, Form::Plain, class, errors)?))
        }
        Shape::Path if attrs.is_variable => Some(Kind::One(Element::Class(ty.to_token_stream()))),
        _ if !dims.is_empty() => refuse(errors, "`size` is for `Vec`"),
        _ => Some(Kind::Value(value(ty, form, class, errors)?)),
    }
}

/// The elements of a `Vec` with dimensions.
fn elements(elem: &Type, attrs: &MemberAttrs, dims: &[Dim], errors: &mut Errors) -> Option<Kind> {
    let is_computed = dims.iter().any(|dim| matches!(dim, Dim::Expr { .. }));
    match shape(elem) {
        Shape::Text => Some(Kind::List(Element::Text)),
        Shape::Vec(_) if attrs.is_bytes && is_vec_u8(elem) => Some(Kind::List(Element::Blob)),
        Shape::Path if attrs.is_variable => Some(Kind::List(Element::Class(elem.to_token_stream()))),
        Shape::Vec(_) | Shape::Array(_) => {
            let message = "an array of several dimensions is one `Vec`, row-major, with one expression a dimension: \
                           `#[frame(size = [\"rows\", \"cols\"])]`";
            errors.push(elem, message);
            None
        }
        _ if !is_computed => {
            errors.push(elem, "this size names no member, so the array has a constant size: write `[T; N]`");
            None
        }
        Shape::Scalar(scalar) if scalar != ValueClass::Bool => {
            Some(Kind::Slice(Value { ty: elem.to_token_stream(), class: scalar }))
        }
        Shape::Path => Some(Kind::Slice(Value { ty: elem.to_token_stream(), class: ValueClass::Path })),
        Shape::Scalar(_) => {
            errors.push(elem, "a bool in an array is `ipc_core::Bool`, so that any byte is a valid one");
            None
        }
        Shape::Option(_) => {
            errors.push(elem, "elements of an array are not optional");
            None
        }
        Shape::Refused(message) => {
            errors.push(elem, message);
            None
        }
    }
}

/// A type of constant size.
fn value(ty: &Type, form: Form, class: &Class, errors: &mut Errors) -> Option<Value> {
    let private = &class.private;
    match shape(ty) {
        Shape::Scalar(ValueClass::Bool) if form == Form::Owned => {
            Some(Value { ty: quote!(#private::Bool), class: ValueClass::Bool })
        }
        Shape::Scalar(ValueClass::Bool) => {
            errors.push(ty, "a bool in a mapped struct is `ipc_core::Bool`, so that any byte is a valid one");
            None
        }
        Shape::Scalar(class) => Some(Value { ty: ty.to_token_stream(), class }),
        Shape::Path => Some(Value { ty: ty.to_token_stream(), class: ValueClass::Path }),
        Shape::Refused(message) => {
            errors.push(ty, message);
            None
        }
        _ => {
            errors.push(ty, "expected a scalar, an enum of a schema, or a class: this cannot stand here");
            None
        }
    }
}

/// The member's name: of its own, or the field's.
fn name(ident: &Ident, attrs: &MemberAttrs, class: &Class, errors: &mut Errors) -> Option<String> {
    let name = attrs.name.as_ref().map_or_else(|| super::plain_name(ident), LitStr::value);
    let alike = class.members.iter().find(|member| fold(&member.name) == fold(&name));
    let message = match (check_identifier(&name), alike) {
        (Err(message), _) => message,
        (_, Some(other)) => {
            format!("`{name}` is too like `{}`: names must differ in more than case and underscores", other.name)
        }
        (Ok(()), None) => return Some(name),
    };
    match &attrs.name {
        Some(literal) => errors.push(literal, message),
        None => errors.push(ident, message),
    }
    None
}

/// What the member means, and its elements if it is an array: bounds and default by the rules of a description.
fn meanings(
    ident: &Ident,
    attrs: &MemberAttrs,
    kind: &Kind,
    dims: &[Dim],
    errors: &mut Errors,
) -> Option<(Meaning, Meaning)> {
    let MemberAttrs { min, max, default, comment, unit, elem_comment, elem_unit, .. } = attrs;
    if dims.is_empty() && (elem_unit.is_some() || elem_comment.is_some()) {
        errors.push(ident, "`elem_unit` and `elem_comment` are for arrays");
        return None;
    }
    if let (false, Some(default)) = (dims.is_empty(), default) {
        errors.push(&default.expr, "an array has no default here, because a default is one number, bool or string");
        return None;
    }
    let mut bounds = Meaning::default();
    match known_type(kind) {
        Some(ty) => {
            for (bound, is_min) in [(min, true), (max, false)] {
                let Some(Bound { value, expr }) = bound else { continue };
                *(if is_min { &mut bounds.min } else { &mut bounds.max }) = Some(*value);
                bounds = checked(check_meaning(ty, &bounds, None), expr, errors)?;
            }
            if let Some(default) = default {
                checked(check_meaning(ty, &bounds, Some(&default.json)), &default.expr, errors)?;
            }
        }
        None => {
            if let Some(bound) = min.as_ref().or(max.as_ref()) {
                errors.push(&bound.expr, "`min` and `max` bound numbers, and `max` lengths of strings and bytes");
                return None;
            }
        }
    }
    let meaning = Meaning { comment: comment.clone(), unit: unit.clone(), ..Meaning::default() };
    let elem_meaning = Meaning { comment: elem_comment.clone(), unit: elem_unit.clone(), ..Meaning::default() };
    let Meaning { min, max, .. } = bounds;
    Some(if dims.is_empty() {
        (Meaning { min, max, ..meaning }, elem_meaning)
    } else {
        (meaning, Meaning { min, max, ..elem_meaning })
    })
}

fn checked(result: Result<Meaning, String>, at: &syn::Expr, errors: &mut Errors) -> Option<Meaning> {
    result.map_err(|message| errors.push(at, message)).ok()
}

/// The type of a member or its elements, as far as its tokens say.
fn known_type(kind: &Kind) -> Option<model::Type> {
    match kind {
        Kind::Value(value) | Kind::Slice(value) if value.class == ValueClass::Bool => {
            Some(model::Type::Scalar(Scalar::Bool))
        }
        Kind::Value(value) | Kind::Slice(value) => match value.ty.to_string().as_str() {
            "i8" => Some(Scalar::Int8),
            "i16" => Some(Scalar::Int16),
            "i32" => Some(Scalar::Int32),
            "i64" => Some(Scalar::Int64),
            "u8" => Some(Scalar::Uint8),
            "u16" => Some(Scalar::Uint16),
            "u32" => Some(Scalar::Uint32),
            "u64" => Some(Scalar::Uint64),
            "f32" => Some(Scalar::Float32),
            "f64" => Some(Scalar::Float64),
            _ => None,
        }
        .map(model::Type::Scalar),
        Kind::One(Element::Text) | Kind::List(Element::Text) => Some(model::Type::String),
        Kind::One(Element::Blob) | Kind::List(Element::Blob) => Some(model::Type::Bytes),
        Kind::One(Element::Class(_)) | Kind::List(Element::Class(_)) => None,
    }
}

/// What only constants can tell of the members' types, each at its type. They come first in the expansion, and so do
/// their errors.
pub(crate) fn asserts(class: &Class) -> TokenStream {
    let asserts = class.members.iter().filter_map(|member| {
        let name = &member.name;
        match &member.kind {
            Kind::Value(Value { ty, class: ValueClass::Path }) | Kind::Slice(Value { ty, class: ValueClass::Path }) => {
                let private = respan(class.private.clone(), ty.span());
                let default = member.default.as_ref().map(|default| {
                    let json = &default.json;
                    quote_spanned!(ty.span()=> const _: () = #private::check_default(<#ty as #private::Member>::TYPE, #name, #json);)
                });
                // A plain class says it itself, where its description names the type.
                let is_member = class.is_variable().then(|| {
                    quote_spanned! {ty.span()=>
                        const _: ::core::option::Option<<#ty as #private::Mapped>::Type> = ::core::option::Option::None;
                    }
                });
                Some(quote!(#is_member #default))
            }
            Kind::One(Element::Class(ty)) | Kind::List(Element::Class(ty)) => {
                let private = respan(class.private.clone(), ty.span());
                let message = format!("member `{name}`: this class has a constant size: remove `variable`");
                Some(quote_spanned! {ty.span()=>
                    const _: () = ::core::assert!(!<#ty as #private::Class>::DESC.fixed, #message);
                })
            }
            _ => None,
        }
    });
    let asserts: TokenStream = asserts.collect();
    let is_mixed = class.members.iter().any(|member| known_type(&member.kind).is_none());
    let (private, ident) = (respan(class.private.clone(), class.ident.span()), &class.ident);
    let types = is_mixed.then(
        || quote_spanned!(ident.span()=> const _: () = #private::check_types(<#ident as #private::Class>::DESC);),
    );
    quote!(#asserts #types)
}

fn sizes(attrs: &MemberAttrs, class: &Class, constants: &[(String, u64)], errors: &mut Errors) -> Option<Vec<Dim>> {
    let dims: Vec<_> = attrs.size.iter().map(|size| dim(size, class, constants, errors)).collect();
    dims.into_iter().collect()
}

fn dim(size: &LitStr, class: &Class, constants: &[(String, u64)], errors: &mut Errors) -> Option<Dim> {
    let constant = |name: &str| constants.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    let expr = match parse_expr(&size.value(), &constant, &mut |path, range| operand(class, path, range)) {
        Ok(expr) => expr,
        Err(error) => {
            let help = error.help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
            errors.push(size, format!("{}{help}", error.message));
            return None;
        }
    };
    let canonical = expr.to_string();
    if expr.names_member() {
        return Some(Dim::Expr { expr, canonical });
    }
    match expr.eval(&|_| None) {
        Ok(value) if value > 0 => {
            let canonical = (canonical != value.to_string()).then_some(canonical);
            let value = proc_macro2::Literal::u64_unsuffixed(value);
            Some(Dim::Constant { value: quote!(#value), canonical })
        }
        Ok(_) => {
            errors.push(size, "a constant dimension cannot be zero");
            None
        }
        Err(why) => {
            errors.push(size, format!("this size has no value: {why}"));
            None
        }
    }
}

/// Whether a name may stand in a size: what stands inside a nested class, rustc checks.
fn operand(class: &Class, path: &[String], range: std::ops::Range<usize>) -> Result<(), ExprError> {
    let refuse = |message: String| Err(ExprError { range, message, help: None });
    let Some(member) = class.members.iter().find(|member| member.name == path[0]) else {
        let earlier: Vec<_> = class.members.iter().map(|member| format!("`{}`", member.name)).collect();
        let known = if earlier.is_empty() { "there are none".to_owned() } else { earlier.join(", ") };
        return refuse(format!("`{}` is no earlier member of this class (earlier members: {known})", path[0]));
    };
    match &member.kind {
        _ if member.is_optional() => refuse(format!("`{}` is optional, and a size cannot depend on it", path[0])),
        _ if member.is_array() => refuse(format!("`{}` is an array: a size needs an integer", path[0])),
        Kind::Value(Value { class: ValueClass::Int, .. }) if path.len() == 1 => Ok(()),
        Kind::Value(Value { class: ValueClass::Path, .. }) if path.len() > 1 => Ok(()),
        _ => refuse(format!("`{}` is no integer: a size needs one of i8 … u64", path.join("."))),
    }
}

fn shape(ty: &Type) -> Shape<'_> {
    match ty {
        Type::Group(group) => shape(&group.elem),
        Type::Paren(paren) => shape(&paren.elem),
        Type::Array(array) => Shape::Array(array),
        Type::Path(TypePath { qself: None, path }) => {
            let Some(last) = path.segments.last() else { return Shape::Path };
            match last.ident.to_string().as_str() {
                "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" => Shape::Scalar(ValueClass::Int),
                "f32" | "f64" => Shape::Scalar(ValueClass::Float),
                "bool" => Shape::Scalar(ValueClass::Bool),
                "char" => Shape::Refused("a char of the class language has 8 bits: use `ipc_core::Char`".to_owned()),
                name @ ("usize" | "isize" | "u128" | "i128") => {
                    Shape::Refused(format!("`{name}` is no type of the class language: use one of i8 … u64"))
                }
                "String" => Shape::Text,
                "Vec" => argument(&last.arguments).map_or(Shape::Path, Shape::Vec),
                "Option" => argument(&last.arguments).map_or(Shape::Path, Shape::Option),
                _ => Shape::Path,
            }
        }
        _ => Shape::Refused("a frame holds values: no references, tuples, slices or pointers".to_owned()),
    }
}

fn argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn is_vec_u8(ty: &Type) -> bool {
    matches!(shape(ty), Shape::Vec(elem) if elem.to_token_stream().to_string() == "u8")
}
