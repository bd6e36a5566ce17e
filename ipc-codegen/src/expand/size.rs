//! Size expressions: one function for each array, which every walk over a frame calls.

use ipc_schema::expr::{BinaryOp, Expr};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::{Class, Dim, DimensionMax, Kind, Member};
use crate::names;

/// `fn __count_points(m_rows: &u16, m_cols: &u16) -> Result<u64, Error>` for each array whose size names members. It
/// holds every dimension against its `max` before any arithmetic.
pub(crate) fn functions(class: &Class) -> TokenStream {
    let private = &class.private;
    let counts = class.members.iter().filter(|member| has_expression(member)).map(|member| {
        let name = count_name(member);
        let operands = member.operands(class);
        let parameters = operands.iter().map(|operand| parameter(operand));
        let checks = operands.iter().flat_map(|operand| max_checks(class, member, operand));
        let dims = member.dims.iter().map(|dim| match dim {
            Dim::Constant { value, .. } => quote!(#value as u64),
            Dim::Expr { expr, .. } => evaluate(private, expr),
        });
        let (site, values) = (class.site(member), values(member));
        quote! {
            #[doc(hidden)]
            #[inline]
            fn #name(#(#parameters),*) -> ::core::result::Result<u64, #private::Error> {
                #(#checks)*
                let count = || #private::element_count(&[#(#dims),*]);
                count().map_err(|why| #site.size_error(&why, &[#(#values),*]))
            }
        }
    });
    counts.collect()
}

/// Checks of what the array's dimensions name in one operand.
fn max_checks(class: &Class, array: &Member, operand: &Member) -> Vec<TokenStream> {
    let mut named = Vec::new();
    array.visit_operands(&mut |path| named.push(path));
    let (site, local) = (class.site(operand), operand.local());
    let bounds = operand
        .dimension
        .iter()
        .flatten()
        .filter(|bound| named.iter().any(|path| path[0] == operand.name && path[1..] == bound.path));
    let checks = bounds.map(|DimensionMax { path, max }| {
        let fields = path.iter().map(|name| names::member(name));
        let place = if path.is_empty() { quote!(*#local) } else { quote!(#local #(.#fields)*) };
        let inner = path.join(".");
        quote!(#site.check_dim(#place, #max, #inner)?;)
    });
    checks.collect()
}

/// The number of elements of an array; `place` says where a dimension is found.
pub(super) fn count(class: &Class, member: &Member, place: &dyn Fn(&Member) -> TokenStream) -> TokenStream {
    if has_expression(member) {
        let name = count_name(member);
        let arguments = member.operands(class).into_iter().map(place);
        quote!(Self::#name(#(&#arguments),*)?)
    } else {
        let dims = member.dims.iter().map(|dim| match dim {
            Dim::Constant { value, .. } => value.clone(),
            Dim::Expr { .. } => TokenStream::new(),
        });
        quote!(1 #(* #dims)*)
    }
}

/// The same without `?`, for a default.
pub(super) fn try_count(class: &Class, member: &Member, place: &dyn Fn(&Member) -> TokenStream) -> TokenStream {
    if has_expression(member) {
        let name = count_name(member);
        let arguments = member.operands(class).into_iter().map(place);
        quote!(Self::#name(#(&#arguments),*))
    } else {
        let count = count(class, member, place);
        quote!(::core::result::Result::Ok(#count))
    }
}

fn has_expression(member: &Member) -> bool {
    member.dims.iter().any(|dim| matches!(dim, Dim::Expr { .. }))
}

fn count_name(member: &Member) -> Ident {
    format_ident!("__count{}", member.local().to_string().trim_start_matches('m'))
}

fn parameter(member: &Member) -> TokenStream {
    let local = member.local();
    let ty = match &member.kind {
        Kind::Value(value) => value.ty.clone(),
        _ => TokenStream::new(),
    };
    quote!(#local: &#ty)
}

/// What the dimensions' values are, for messages: `("head.n", i128::from(m_head.n))` for each distinct path.
pub(super) fn values(member: &Member) -> Vec<TokenStream> {
    let mut paths: Vec<&[String]> = Vec::new();
    member.visit_operands(&mut |path| {
        if !paths.contains(&path) {
            paths.push(path);
        }
    });
    let values = paths.into_iter().map(|path| {
        let (name, place) = (path.join("."), operand(path));
        quote!((#name, ::core::convert::From::from(#place)))
    });
    values.collect()
}

/// `*m_rows`, or `m_head.n`.
fn operand(path: &[String]) -> TokenStream {
    let local = format_ident!("m_{}", path[0]);
    let fields = path[1..].iter().map(|name| names::member(name));
    if path.len() == 1 { quote!(*#local) } else { quote!(#local #(.#fields)*) }
}

fn evaluate(private: &TokenStream, expr: &Expr) -> TokenStream {
    match expr {
        Expr::Literal(value) => value.to_token_stream(),
        Expr::Member(path) => {
            let operand = operand(path);
            quote!(#private::int(#operand)?)
        }
        Expr::Binary(op, left, right) => {
            let (left, right) = (evaluate(private, left), evaluate(private, right));
            let op = match op {
                BinaryOp::Add => quote!(Add),
                BinaryOp::Sub => quote!(Sub),
                BinaryOp::Mul => quote!(Mul),
                BinaryOp::Div => quote!(Div),
                BinaryOp::Rem => quote!(Rem),
                BinaryOp::Min => quote!(Min),
                BinaryOp::Max => quote!(Max),
            };
            quote!(#private::apply(#private::BinaryOp::#op, #left, #right)?)
        }
    }
}
