//! Docs of generated items, from comments and units.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Class, Member};

/// `#[doc]` and `#[deprecated]` of a member.
pub(super) fn member(member: &Member) -> TokenStream {
    let mut text = match &member.meaning.comment {
        Some(comment) if !comment.trim().is_empty() => comment.trim().to_owned(),
        _ => format!("Member `{}`.", member.name),
    };
    if let Some(comment) = &member.elem_meaning.comment {
        text += &format!("\n\nEach element: {}", comment.trim());
    }
    if let Some(unit) = member.meaning.unit.as_ref().or(member.elem_meaning.unit.as_ref()) {
        text += &format!("\n\nUnit: {unit}");
    }
    since(&mut text, member.since.as_deref());
    let deprecated = deprecated(member.deprecated.as_deref());
    quote!(#[doc = #text] #deprecated)
}

/// `#[doc]` and `#[deprecated]` of a class's own type.
pub(super) fn class(class: &Class) -> TokenStream {
    let mut text = match &class.comment {
        Some(comment) if !comment.trim().is_empty() => comment.trim().to_owned(),
        _ => format!("Class `{}`.", class.name),
    };
    since(&mut text, class.since.as_deref());
    let deprecated = deprecated(class.deprecated.as_deref());
    quote!(#[doc = #text] #deprecated)
}

/// `#[doc]` and `#[deprecated]` of a type beside the class's own.
pub(super) fn companion(class: &Class, what: &str) -> TokenStream {
    let text = format!("{what} [`{}`].", class.ident);
    let deprecated = deprecated(class.deprecated.as_deref());
    quote!(#[doc = #text] #deprecated)
}

fn since(text: &mut String, since: Option<&str>) {
    if let Some(since) = since {
        *text += &format!("\n\nSince {since}.");
    }
}

fn deprecated(note: Option<&str>) -> TokenStream {
    note.map_or_else(TokenStream::new, |note| quote!(#[deprecated = #note]))
}
