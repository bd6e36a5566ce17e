//! `#[frame(…)]` and doc comments.

use ipc_schema::canonical::quoted;
use ipc_schema::model::{Meaning, Number};
use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Field, Lit, LitStr, Path, UnOp};

use super::Errors;

/// What stands on the struct.
pub(crate) struct ClassAttrs {
    /// Path of `ipc_core`.
    pub(crate) krate: TokenStream,
    pub(crate) schema: Option<LitStr>,
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
}

/// What stands on a member.
#[derive(Default)]
pub(crate) struct MemberAttrs {
    pub(crate) name: Option<String>,
    /// One expression a dimension.
    pub(crate) size: Vec<LitStr>,
    pub(crate) is_bytes: bool,
    pub(crate) is_variable: bool,
    pub(crate) is_pad: bool,
    pub(crate) meaning: Meaning,
    pub(crate) elem_meaning: Meaning,
    /// JSON text.
    pub(crate) default: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
}

impl ClassAttrs {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut parsed = Self {
            krate: quote!(::ipc_core),
            schema: None,
            name: None,
            namespace: None,
            comment: docs(attrs),
            since: None,
            deprecated: deprecated(attrs),
        };
        each(attrs, errors, |meta, key| {
            match key {
                "crate" => {
                    let path: Path = meta.value()?.parse()?;
                    parsed.krate = quote!(#path);
                }
                "schema" => parsed.schema = Some(meta.value()?.parse()?),
                "name" => parsed.name = Some(text(meta)?),
                "namespace" => parsed.namespace = Some(text(meta)?),
                "comment" => parsed.comment = Some(text(meta)?),
                "since" => parsed.since = Some(text(meta)?),
                "deprecated" => parsed.deprecated = Some(text(meta)?),
                _ => {
                    return Err(meta
                        .error("expected `schema`, `crate`, `name`, `namespace`, `comment`, `since` or `deprecated`"));
                }
            }
            Ok(())
        });
        parsed
    }
}

impl MemberAttrs {
    pub(crate) fn parse(field: &Field, errors: &mut Errors) -> Self {
        let mut parsed = Self { deprecated: deprecated(&field.attrs), ..Self::default() };
        parsed.meaning.comment = docs(&field.attrs);
        each(&field.attrs, errors, |meta, key| {
            match key {
                "name" => parsed.name = Some(text(meta)?),
                "size" => parsed.size = sizes(meta)?,
                "bytes" => parsed.is_bytes = true,
                "variable" => parsed.is_variable = true,
                "pad" => parsed.is_pad = true,
                "comment" => parsed.meaning.comment = Some(text(meta)?),
                "unit" => parsed.meaning.unit = Some(text(meta)?),
                "min" => parsed.meaning.min = Some(number(meta)?),
                "max" => parsed.meaning.max = Some(number(meta)?),
                "elem_comment" => parsed.elem_meaning.comment = Some(text(meta)?),
                "elem_unit" => parsed.elem_meaning.unit = Some(text(meta)?),
                "default" => parsed.default = Some(default(meta)?),
                "since" => parsed.since = Some(text(meta)?),
                "deprecated" => parsed.deprecated = Some(text(meta)?),
                _ => {
                    return Err(meta.error(
                        "expected `size`, `bytes`, `variable`, `pad`, `name`, `unit`, `comment`, `min`, `max`, \
                         `elem_unit`, `elem_comment`, `default`, `since` or `deprecated`",
                    ));
                }
            }
            Ok(())
        });
        parsed
    }
}

fn each(
    attrs: &[Attribute],
    errors: &mut Errors,
    mut parse: impl FnMut(&ParseNestedMeta<'_>, &str) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("frame")) {
        let result = attr.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            parse(&meta, &key)
        });
        if let Err(error) = result {
            errors.add(error);
        }
    }
}

fn text(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

/// `"n*n"`, or `["rows", "cols"]`.
fn sizes(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<LitStr>> {
    let value = meta.value()?;
    if !value.peek(syn::token::Bracket) {
        return Ok(vec![value.parse()?]);
    }
    let list;
    syn::bracketed!(list in value);
    Ok(list.parse_terminated(|item| item.parse::<LitStr>(), syn::Token![,])?.into_iter().collect())
}

fn number(meta: &ParseNestedMeta<'_>) -> syn::Result<Number> {
    let expr: Expr = meta.value()?.parse()?;
    literal(&expr)
        .and_then(|(is_negative, lit)| match lit {
            Lit::Int(int) => {
                let value = int.base10_parse::<i128>().ok()?;
                Some(Number::Int(if is_negative { -value } else { value }))
            }
            Lit::Float(float) => {
                let value = float.base10_parse::<f64>().ok()?;
                Some(Number::Float(if is_negative { -value } else { value }))
            }
            _ => None,
        })
        .ok_or_else(|| syn::Error::new_spanned(&expr, "expected a number"))
}

/// A literal as JSON.
fn default(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    let expr: Expr = meta.value()?.parse()?;
    literal(&expr)
        .and_then(|(is_negative, lit)| {
            let sign = if is_negative { "-" } else { "" };
            match lit {
                Lit::Int(int) => Some(format!("{sign}{}", int.base10_digits())),
                Lit::Float(float) => Some(format!("{sign}{}", float.base10_digits())),
                Lit::Bool(value) if !is_negative => Some(value.value.to_string()),
                Lit::Str(text) if !is_negative => Some(quoted(&text.value())),
                _ => None,
            }
        })
        .ok_or_else(|| syn::Error::new_spanned(&expr, "expected a number, a bool or a string"))
}

fn literal(expr: &Expr) -> Option<(bool, &Lit)> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => Some((false, lit)),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit, .. }) => Some((true, lit)),
            _ => None,
        },
        _ => None,
    }
}

/// Doc comments, a line each.
fn docs(attrs: &[Attribute]) -> Option<String> {
    let lines = attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(|attr| {
        let value = &attr.meta.require_name_value().ok()?.value;
        match value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}

/// Rust's own `#[deprecated]`.
fn deprecated(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("deprecated"))?;
    let mut note = String::new();
    if let Ok(pair) = attr.meta.require_name_value()
        && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
    {
        note = text.value();
    } else {
        // A list with other keys is for rustc to judge.
        let _ = attr.parse_nested_meta(|meta| {
            let value: LitStr = meta.value()?.parse()?;
            if meta.path.is_ident("note") {
                note = value.value();
            }
            Ok(())
        });
    }
    Some(note)
}
