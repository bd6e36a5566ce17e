//! Size expressions: one function for each array, which every walk over a frame calls.

use ipc_schema::expr::{BinaryOp, Expr};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::{Class, Dim, Kind, Member};
use crate::names;

/// `fn __count_points(m_rows: &u16, m_cols: &u16) -> Result<u64, Error>` for each array whose size names members, and
/// `fn __check_dims(…)`, which holds all dimensions against their `max`.
pub(super) fn functions(class: &Class) -> TokenStream {
    let private = &class.private;
    let counts = class.members.iter().filter(|member| has_expression(member)).map(|member| {
        let (name, index) = (count_name(member), member.index);
        let parameters = parameters(&member.operands(class));
        let dims = member.dims.iter().map(|dim| match dim {
            Dim::Constant { value, .. } => quote!(#value as u64),
            Dim::Expr { expr, .. } => evaluate(private, expr),
        });
        let values = values(member);
        quote! {
            #[doc(hidden)]
            fn #name(#parameters) -> ::core::result::Result<u64, #private::Error> {
                let count = || #private::element_count(&[#(#dims),*]);
                count().map_err(|why| #private::Site::new(<Self as #private::Class>::DESC, #index).size_error(&why, &[#(#values),*]))
            }
        }
    });
    let checks = class.members.iter().flat_map(|member| {
        let (index, local) = (member.index, member.local());
        member.dimension.iter().flatten().map(move |bound| {
            let (path, max) = (&bound.path, proc_macro2::Literal::i128_suffixed(bound.max));
            let place = if path.is_empty() { quote!(*#local) } else { quote!(#local #(.#path)*) };
            quote!(#private::Site::new(<Self as #private::Class>::DESC, #index).check_dim(#place, #max)?;)
        })
    });
    let checks: Vec<_> = checks.collect();
    let check_dims = (!checks.is_empty()).then(|| {
        let bounded: Vec<&Member> = bounded(class).collect();
        let parameters = parameters(&bounded);
        quote! {
            #[doc(hidden)]
            fn __check_dims(#parameters) -> ::core::result::Result<(), #private::Error> {
                #(#checks)*
                ::core::result::Result::Ok(())
            }
        }
    });
    quote!(#(#counts)* #check_dims)
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

/// Holds all dimensions against their `max`, before any arithmetic.
pub(super) fn check_dims(class: &Class, place: &dyn Fn(&Member) -> TokenStream) -> Option<TokenStream> {
    let arguments: Vec<_> = bounded(class).map(place).collect();
    (!arguments.is_empty()).then(|| quote!(Self::__check_dims(#(&#arguments),*)?;))
}

fn has_expression(member: &Member) -> bool {
    member.dims.iter().any(|dim| matches!(dim, Dim::Expr { .. }))
}

fn bounded(class: &Class) -> impl Iterator<Item = &Member> {
    class.members.iter().filter(|member| member.dimension.as_ref().is_some_and(|bounds| !bounds.is_empty()))
}

fn count_name(member: &Member) -> Ident {
    format_ident!("__count{}", member.local().to_string().trim_start_matches('m'))
}

fn parameters(members: &[&Member]) -> TokenStream {
    let parameters = members.iter().map(|member| {
        let local = member.local();
        let ty = match &member.kind {
            Kind::Value(value) => value.ty.clone(),
            _ => TokenStream::new(),
        };
        quote!(#local: &#ty)
    });
    quote!(#(#parameters),*)
}

/// What the dimensions' values are, for messages: `("head.n", i128::from(m_head.n))` for each distinct path.
pub(super) fn values(member: &Member) -> Vec<TokenStream> {
    let mut paths: Vec<&[String]> = Vec::new();
    for dim in &member.dims {
        if let Dim::Expr { expr, .. } = dim {
            expr.visit_members(&mut |path| {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            });
        }
    }
    let values = paths.into_iter().map(|path| {
        let (name, place) = (path.join("."), operand(path));
        quote!((#name, ::core::convert::From::from(#place)))
    });
    values.collect()
}

/// `*m_rows`, or `m_head.n`.
fn operand(path: &[String]) -> TokenStream {
    let local = format_ident!("m_{}", path[0].trim_start_matches("r#"));
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
