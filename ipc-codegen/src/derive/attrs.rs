//! `#[frame(…)]` and doc comments.

use ipc_schema::canonical::quoted;
use ipc_schema::model::Number;
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
    pub(crate) name: Option<LitStr>,
    pub(crate) namespace: Option<LitStr>,
    pub(crate) comment: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
}

/// What stands on a member.
#[derive(Default)]
pub(crate) struct MemberAttrs {
    pub(crate) name: Option<LitStr>,
    /// One expression a dimension.
    pub(crate) size: Vec<LitStr>,
    pub(crate) is_bytes: bool,
    pub(crate) is_variable: bool,
    pub(crate) is_pad: bool,
    pub(crate) min: Option<Bound>,
    pub(crate) max: Option<Bound>,
    pub(crate) comment: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) elem_comment: Option<String>,
    pub(crate) elem_unit: Option<String>,
    pub(crate) default: Option<DefaultLit>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
}

/// A number, and where it stands.
pub(crate) struct Bound {
    pub(crate) value: Number,
    pub(crate) expr: Expr,
}

/// A default, and where it stands.
pub(crate) struct DefaultLit {
    pub(crate) json: String,
    pub(crate) expr: Expr,
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
                "name" => parsed.name = Some(meta.value()?.parse()?),
                "namespace" => parsed.namespace = Some(meta.value()?.parse()?),
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
        parsed.comment = docs(&field.attrs);
        each(&field.attrs, errors, |meta, key| {
            match key {
                "name" => parsed.name = Some(meta.value()?.parse()?),
                "size" => parsed.size = sizes(meta)?,
                "bytes" => parsed.is_bytes = true,
                "variable" => parsed.is_variable = true,
                "pad" => parsed.is_pad = true,
                "comment" => parsed.comment = Some(text(meta)?),
                "unit" => parsed.unit = Some(text(meta)?),
                "min" => parsed.min = Some(number(meta)?),
                "max" => parsed.max = Some(number(meta)?),
                "elem_comment" => parsed.elem_comment = Some(text(meta)?),
                "elem_unit" => parsed.elem_unit = Some(text(meta)?),
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

fn number(meta: &ParseNestedMeta<'_>) -> syn::Result<Bound> {
    let expr: Expr = meta.value()?.parse()?;
    let value = literal(&expr)
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
        .ok_or_else(|| syn::Error::new_spanned(&expr, "expected a number"))?;
    Ok(Bound { value, expr })
}

/// A literal as JSON.
fn default(meta: &ParseNestedMeta<'_>) -> syn::Result<DefaultLit> {
    let expr: Expr = meta.value()?.parse()?;
    let json = literal(&expr)
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
        .ok_or_else(|| syn::Error::new_spanned(&expr, "expected a number, a bool or a string"))?;
    Ok(DefaultLit { json, expr })
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
