//! Where a schema comes from: a file, or the tokens of the call. Errors go back to the same place.

use std::path::{Path, PathBuf};

use ipc_schema::{Schema, SchemaError, SchemaErrors};
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::LitStr;

use crate::inline::Text;
use crate::lower_schema;

/// `[$crate] "frames.json"`
pub(crate) fn include(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let (krate, rest) = split_crate(input)?;
    let literal: LitStr = syn::parse2(rest).map_err(|error| error.to_compile_error())?;
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let path = folder.join(literal.value());
    let schema = Schema::from_file(&path).map_err(|errors| at_literal(&errors, &literal, &folder))?;
    let types = lower_schema::expand(&schema, &krate);
    let tracked = tracked(&schema.files);
    Ok(quote!(#types #tracked))
}

/// `[$crate] [{ "className": … }]`
pub(crate) fn inline(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let (krate, json) = split_crate(input)?;
    let text = Text::new(json);
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let schema = Schema::from_text_in(&text.json, &text.file, &folder).map_err(|errors| at_tokens(&errors, &text))?;
    let types = lower_schema::expand(&schema, &krate);
    let tracked = tracked(&schema.files);
    Ok(quote!(#types #tracked))
}

/// The compiler rebuilds the crate when one of these files changes.
pub(crate) fn tracked(files: &[PathBuf]) -> TokenStream {
    let files = files.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
    let files = files.map(|path| path.display().to_string());
    quote!(#(const _: &[u8] = ::core::include_bytes!(#files);)*)
}

/// The first token holds the path by which `ipc_core` is reached.
fn split_crate(input: TokenStream) -> Result<(TokenStream, TokenStream), TokenStream> {
    let mut tokens = input.into_iter();
    match tokens.next() {
        Some(TokenTree::Group(group)) => Ok((Group::stream(&group), tokens.collect())),
        _ => Err(quote!(::core::compile_error! { "call this macro through `ipc_core`" })),
    }
}

/// All errors of a file, at the literal that names it.
fn at_literal(errors: &SchemaErrors, literal: &LitStr, folder: &Path) -> TokenStream {
    let span = literal.span();
    messages(errors, folder).map(|message| quote_spanned!(span=> ::core::compile_error! { #message })).collect()
}

/// What the errors say, with paths relative to the crate.
pub(crate) fn messages<'e>(errors: &'e SchemaErrors, folder: &Path) -> impl Iterator<Item = String> + use<'e> {
    let prefix = format!("{}/", folder.display());
    errors.iter().map(move |error| {
        let error = SchemaError {
            file: error.file.replace(&prefix, ""),
            message: error.message.replace(&prefix, ""),
            ..error.clone()
        };
        error.to_string().trim_start_matches("error: ").trim_end().to_owned()
    })
}

/// Each error at the very tokens that it is about.
fn at_tokens(errors: &SchemaErrors, text: &Text) -> TokenStream {
    let errors = errors.iter().map(|error| {
        let message = match &error.help {
            Some(help) => format!("{}\nhelp: {help}", error.message),
            None => error.message.clone(),
        };
        if error.file == text.file {
            syn::Error::new_spanned(text.tokens(error.range.clone()), message).to_compile_error()
        } else {
            syn::Error::new_spanned(text.tokens(0..text.json.len()), error.to_string()).to_compile_error()
        }
    });
    errors.collect()
}
