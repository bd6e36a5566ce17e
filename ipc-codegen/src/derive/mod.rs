//! `#[derive(Frame)]`: from a Rust struct to the [IR](crate::ir).
//!
//! A `repr(C)` struct is a *plain* class, which is mapped itself; any other is an *owned* class of variable size.

mod against;
mod attrs;
mod members;

use ipc_schema::model::Number;
use ipc_schema::{check_namespace, check_type_name};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::expand;
use crate::ir::{Class, DimensionMax, Kind, Member};
use attrs::{ClassAttrs, MemberAttrs};
use members::Form;

/// The implementations, or all errors at once.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = lower(input, &mut errors);
    errors.into_tokens().unwrap_or(expanded)
}

/// Errors that were found so far.
#[derive(Default)]
struct Errors(Option<syn::Error>);

impl Errors {
    fn push(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(at, message));
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    fn into_tokens(self) -> Option<TokenStream> {
        self.0.map(|errors| errors.to_compile_error())
    }
}

fn lower(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let attrs = ClassAttrs::parse(&input.attrs, errors);
    let Data::Struct(data) = &input.data else {
        let help = "derive(Frame) makes a class from a struct; an enum of a frame comes from `schema!`, as a newtype \
                    that keeps unknown values";
        errors.push(&input.ident, help);
        return TokenStream::new();
    };
    let Fields::Named(fields) = &data.fields else {
        errors.push(&input.ident, "the members of a class have names: write `struct Name { member: Type }`");
        return TokenStream::new();
    };
    if !input.generics.params.is_empty() {
        errors.push(&input.generics, "a class has no parameters: its layout and fingerprint are constants");
        return TokenStream::new();
    }
    let form = if has_repr_c(input, errors) { Form::Plain } else { Form::Owned };
    let file = attrs.schema.as_ref().and_then(|literal| against::File::read(literal, errors));
    let krate = &attrs.krate;
    let mut class = Class {
        private: quote!(#krate::__private),
        vis: input.vis.to_token_stream(),
        ident: input.ident.clone(),
        name: attrs.name.as_ref().map_or_else(|| plain_name(&input.ident), LitStr::value),
        namespace: attrs.namespace.as_ref().map(LitStr::value).unwrap_or_default(),
        comment: attrs.comment.clone(),
        since: attrs.since.clone(),
        deprecated: attrs.deprecated.clone(),
        members: Vec::new(),
        layout: None,
        is_schema: false,
    };
    if let Err(message) = check_type_name(&class.name) {
        match &attrs.name {
            Some(literal) => errors.push(literal, message),
            None => errors.push(&input.ident, message),
        }
    }
    if let Err(message) = check_namespace(&class.namespace) {
        errors.push(&attrs.namespace, message);
    }
    let constants = file.as_ref().map(against::File::constants).unwrap_or_default();
    let mut struct_fields = Vec::new();
    let mut optional_count = 0;
    for field in &fields.named {
        let attrs = MemberAttrs::parse(field, errors);
        if !attrs.is_pad && !contains_itself(field, &input.ident, errors) {
            let lowered = members::lower(field, &attrs, form, &class, &constants, errors);
            if let Some(mut member) = lowered {
                if member.presence_bit.is_some() {
                    member.presence_bit = Some(optional_count);
                    optional_count += 1;
                }
                class.members.push(member);
            }
        }
        struct_fields.push((field, attrs.is_pad));
    }
    if errors.0.is_some() {
        return TokenStream::new();
    }
    if class.members.is_empty() {
        errors.push(&input.ident, "a class has at least one member");
        return TokenStream::new();
    }
    if form == Form::Owned && !class.is_variable() {
        let help = "this class has members of constant size only: put `#[repr(C)]` on it and derive Clone and Copy, \
                    and its frames are the struct itself";
        errors.push(&input.ident, help);
        return TokenStream::new();
    }
    mark_dimensions(&mut class);
    let checks = file.map(|file| file.check(&mut class, &fields.named, errors));
    let asserts = members::asserts(&class);
    let class_tokens = match form {
        Form::Plain => expand::derived_plain(&class, &struct_fields),
        Form::Owned => expand::derived_owned(&class),
    };
    let is_allowed = |attrs: &[syn::Attribute]| attrs.iter().any(|attr| attr.path().is_ident("allow"));
    let is_deprecated = class.deprecated.is_some() || class.members.iter().any(|member| member.deprecated.is_some());
    let is_lenient =
        is_deprecated || is_allowed(&input.attrs) || fields.named.iter().any(|field| is_allowed(&field.attrs));
    let tokens = quote!(#asserts #class_tokens #checks);
    if is_lenient { lenient(tokens) } else { tokens }
}

/// What is deprecated for users is still generated, and a name that they allow themselves is none of lints' business.
fn lenient(tokens: TokenStream) -> TokenStream {
    let Ok(mut file) = syn::parse2::<syn::File>(tokens.clone()) else { return tokens };
    for item in &mut file.items {
        let attrs = match item {
            syn::Item::Impl(item) => &mut item.attrs,
            syn::Item::Const(item) => &mut item.attrs,
            syn::Item::Struct(item) => &mut item.attrs,
            _ => continue,
        };
        attrs.push(syn::parse_quote!(#[allow(deprecated, non_snake_case, non_camel_case_types)]));
    }
    file.to_token_stream()
}

/// Members that stand in size expressions, with the greatest values that they may have.
fn mark_dimensions(class: &mut Class) {
    let mut paths: Vec<Vec<String>> = Vec::new();
    for member in &class.members {
        member.visit_operands(&mut |path| {
            if !paths.iter().any(|known| known == path) {
                paths.push(path.to_vec());
            }
        });
    }
    let private = class.private.clone();
    for member in &mut class.members {
        let bounds: Vec<_> = paths.iter().filter(|path| path[0] == member.name).collect();
        if bounds.is_empty() {
            continue;
        }
        member.dimension = Some(bounds.iter().filter_map(|path| bound(&private, member, &path[1..])).collect());
    }
}

fn bound(private: &TokenStream, member: &Member, inner: &[String]) -> Option<DimensionMax> {
    let path = inner.to_vec();
    let max = match (inner, &member.kind, member.meaning.max) {
        ([], _, Some(Number::Int(max))) => proc_macro2::Literal::i128_suffixed(max).into_token_stream(),
        ([], _, _) => return None,
        (inner, Kind::Value(value), _) => {
            let ty = &value.ty;
            quote!(const { #private::max_of(<#ty as #private::Class>::DESC, &[#(#inner),*]) })
        }
        _ => return None,
    };
    Some(DimensionMax { path, max })
}

/// Whether a field's type names the struct that it is a field of: rustc would speak of a cycle of constants.
fn contains_itself(field: &syn::Field, ident: &syn::Ident, errors: &mut Errors) -> bool {
    fn names(tokens: TokenStream, ident: &syn::Ident) -> bool {
        let mut is_segment = false;
        tokens.into_iter().any(|token| {
            let is_named = match &token {
                TokenTree::Ident(it) => !is_segment && (it == ident || it == "Self"),
                TokenTree::Group(group) => names(group.stream(), ident),
                _ => false,
            };
            is_segment = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
            is_named
        })
    }
    let is_named = names(field.ty.to_token_stream(), ident);
    if is_named {
        errors.push(&field.ty, "a class cannot contain itself: frames have no pointers, so it would never end");
    }
    is_named
}

fn has_repr_c(input: &DeriveInput, errors: &mut Errors) -> bool {
    let mut is_c = false;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
        let parsed = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("C") {
                is_c = true;
                Ok(())
            } else {
                Err(meta.error("a class has natural alignment: `#[repr(C)]` and nothing else, or no `repr` at all"))
            }
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    is_c
}

fn plain_name(ident: &syn::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// Where a field is declared, for errors about it as a whole.
fn field_span(field: &syn::Field) -> proc_macro2::Span {
    field.ident.as_ref().map_or_else(|| field.span(), syn::Ident::span)
}
