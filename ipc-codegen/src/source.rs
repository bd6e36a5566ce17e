//! Where a schema comes from: a file, or the tokens of the call. Errors go back to the same place.

use std::path::{Path, PathBuf};

use ipc_schema::{Schema, SchemaError, SchemaErrors, Topology, canonical};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{LitStr, Token};

use crate::inline::Text;
use crate::{lower_schema, topology as ends};

/// `[$crate] "frames.json", "more.json"`: several files are one schema, so that what they all import is there once.
pub(crate) fn include(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let (krate, rest) = split_crate(input)?;
    let literals = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(rest);
    let literals: Vec<_> = literals.map_err(|error| error.to_compile_error())?.into_iter().collect();
    let schema = match &literals[..] {
        [literal] => from_file(literal),
        _ => from_files(&literals),
    };
    Ok(types(&schema.map_err(|errors| errors.to_compile_error())?, &krate))
}

/// `[$crate] "app.json"`
pub(crate) fn topology(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let (krate, rest) = split_crate(input)?;
    let literal: LitStr = syn::parse2(rest).map_err(|error| error.to_compile_error())?;
    let topology = Topology::from_file(package().join(literal.value()));
    let topology =
        topology.map_err(|errors| combined(errors.iter().map(|error| at(&literal, error))).to_compile_error())?;
    let ends = ends::expand(&topology, &krate);
    let tracked = tracked(&topology.schema.files);
    Ok(quote!(#ends #tracked))
}

/// `[$crate] [{ "className": … }]`
pub(crate) fn inline(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let (krate, json) = split_crate(input)?;
    let text = Text::new(json);
    let schema =
        Schema::from_text_in(&text.json, &text.file, &package()).map_err(|errors| at_tokens(&errors, &text))?;
    Ok(types(&schema, &krate))
}

/// The schema of a file, whose path is relative to the package; all errors at the literal that names it.
pub(crate) fn from_file(literal: &LitStr) -> Result<Schema, syn::Error> {
    Schema::from_file(package().join(literal.value()))
        .map_err(|errors| combined(errors.iter().map(|error| at(literal, error))))
}

/// One schema of several files. An error stands at the literal of its file, or at the first one.
fn from_files(literals: &[LitStr]) -> Result<Schema, syn::Error> {
    let Some(first) = literals.first() else {
        return Err(syn::Error::new(Span::call_site(), "expected the path of a schema file: `\"frames.json\"`"));
    };
    let imports: Vec<_> = literals.iter().map(|literal| canonical::quoted(&literal.value())).collect();
    let text = format!("{{\"import\": [{}], \"classes\": []}}", imports.join(", "));
    Schema::from_text_in(&text, "include_schema!", &package()).map_err(|errors| {
        let errors = errors.iter().map(|error| {
            let of_file = literals.iter().find(|literal| package().join(literal.value()) == Path::new(&error.file));
            let of_import = literals.iter().zip(&imports).find(|(_, quoted)| {
                error.file == "include_schema!" && text.get(error.range.clone()) == Some(quoted.as_str())
            });
            at(of_file.or(of_import.map(|(literal, _)| literal)).unwrap_or(first), error)
        });
        combined(errors)
    })
}

fn at(literal: &LitStr, error: &SchemaError) -> syn::Error {
    let text = relative(error).to_string();
    syn::Error::new(literal.span(), text.trim_start_matches("error: ").trim_end())
}

/// Makes the compiler rebuild the crate when one of these files changes.
pub(crate) fn tracked(files: &[PathBuf]) -> TokenStream {
    let files = files.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()));
    let files = files.map(|path| path.display().to_string());
    quote!(#(const _: &[u8] = ::core::include_bytes!(#files);)*)
}

fn types(schema: &Schema, krate: &TokenStream) -> TokenStream {
    let types = lower_schema::expand(schema, krate);
    let tracked = tracked(&schema.files);
    quote!(#types #tracked)
}

/// The first token holds the path by which `ipc_core` is reached.
fn split_crate(input: TokenStream) -> Result<(TokenStream, TokenStream), TokenStream> {
    let mut tokens = input.into_iter();
    match tokens.next() {
        Some(TokenTree::Group(group)) => Ok((group.stream(), tokens.collect())),
        _ => Err(quote!(::core::compile_error! { "call this macro through `ipc_core`" })),
    }
}

/// Each error at the very tokens that it is about.
fn at_tokens(errors: &SchemaErrors, text: &Text) -> TokenStream {
    let errors = errors.iter().map(|error| {
        if error.file != text.file {
            // In an imported file: no token is nearer than the import, which the text as a whole holds.
            return syn::Error::new_spanned(text.tokens(0..text.json.len()), relative(error));
        }
        let SchemaError { message, help, .. } = relative(error);
        let help = help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        syn::Error::new_spanned(text.tokens(error.range.clone()), format!("{message}{help}"))
    });
    combined(errors).to_compile_error()
}

fn combined(errors: impl Iterator<Item = syn::Error>) -> syn::Error {
    let all = errors.reduce(|mut all, error| {
        all.combine(error);
        all
    });
    all.unwrap_or_else(|| syn::Error::new(Span::call_site(), "this schema has errors"))
}

/// With paths as the package sees them.
fn relative(error: &SchemaError) -> SchemaError {
    let prefix = format!("{}/", package().display());
    let strip = |text: &String| text.replace(&prefix, "");
    SchemaError {
        file: strip(&error.file),
        message: strip(&error.message),
        help: error.help.as_ref().map(strip),
        ..error.clone()
    }
}

fn package() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
}
