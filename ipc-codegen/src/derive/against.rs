//! `#[frame(schema = "file.json")]`: the struct against the class of the same name, member by member.

use ipc_schema::Schema;
use ipc_schema::model::{self, Type};
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::{Field, LitStr, Token};

use super::{Errors, field_span};
use crate::ir::{Class, Dim, Element, Kind, Member, ValueClass};
use crate::source;

/// The file that the struct has to agree with.
pub(crate) struct File {
    schema: Schema,
    literal: LitStr,
}

impl File {
    pub(crate) fn read(literal: &LitStr, errors: &mut Errors) -> Option<Self> {
        match source::from_file(literal) {
            Ok(schema) => Some(Self { schema, literal: literal.clone() }),
            Err(error) => {
                errors.add(error);
                None
            }
        }
    }

    pub(crate) fn constants(&self) -> Vec<(String, u64)> {
        self.schema.constants.iter().map(|constant| (constant.name.clone(), constant.value)).collect()
    }

    /// Reports every difference that the tokens show; the rest becomes constant assertions.
    pub(crate) fn check(
        &self,
        class: &mut Class,
        fields: &Punctuated<Field, Token![,]>,
        errors: &mut Errors,
    ) -> TokenStream {
        let file = self.literal.value();
        let Some(model) = self.schema.class(&class.name) else {
            let known: Vec<_> = self.schema.classes.iter().map(|class| format!("`{}`", class.name)).collect();
            let message = format!("{file} has no class `{}`: it has {}", class.name, known.join(", "));
            errors.push(&self.literal, message);
            return TokenStream::new();
        };
        class.namespace.clone_from(&model.namespace);
        let spans: Vec<Span> = class.members.iter().map(|member| span_of(fields, member)).collect();
        let private = class.private.clone();
        let mut asserts = Vec::new();
        for (member, &span) in class.members.iter_mut().zip(&spans) {
            match model.member(&member.name) {
                Some(expected) => self.member(member, expected, &private, span, errors, &mut asserts),
                None => {
                    let message = format!("class `{}` of {file} has no member `{}`", model.name, member.name);
                    errors.add(syn::Error::new(span, message));
                }
            }
        }
        for missing in model.members.iter().filter(|member| class.members.iter().all(|it| it.name != member.name)) {
            let message = format!("member `{}` ({}) of {file} is missing", missing.name, self.text(missing));
            errors.push(&class.ident, message);
        }
        self.order(class, model, &spans, errors);
        let ident = &class.ident;
        let fingerprint = model.fingerprint.0.map(Literal::u8_unsuffixed);
        let message = format!("`{ident}` differs from class `{}` of {file} in a nested type", class.name);
        let span = self.literal.span();
        let tracked = source::tracked(&self.schema.files);
        quote_spanned! {span=>
            #(#asserts)*
            const _: () = ::core::assert!(
                #private::same_fingerprint(<#ident as #private::Class>::DESC, [#(#fingerprint),*]), #message
            );
            #tracked
        }
    }

    /// The first member out of order; what follows it is a consequence.
    fn order(&self, class: &Class, model: &model::Class, spans: &[Span], errors: &mut Errors) {
        let common = model.members.iter().filter(|member| class.members.iter().any(|it| it.name == member.name));
        let ours = class.members.iter().zip(spans).filter(|(member, _)| model.member(&member.name).is_some());
        if let Some((expected, (found, span))) =
            common.zip(ours).find(|(expected, (found, _))| expected.name != found.name)
        {
            let (expected, file) = (&expected.name, self.literal.value());
            let message = format!("expected member `{expected}` here, as in {file}, found `{}`", found.name);
            errors.add(syn::Error::new(*span, message));
        }
    }

    fn member(
        &self,
        member: &mut Member,
        expected: &model::Member,
        private: &TokenStream,
        span: Span,
        errors: &mut Errors,
        asserts: &mut Vec<TokenStream>,
    ) {
        let file = self.literal.value();
        let name = member.name.clone();
        let mut differs = |what: &str, expected: &str, found: &str| {
            let message = format!("member `{name}`: expected {what}{expected}, as in {file}, found {found}");
            errors.add(syn::Error::new(span, message));
        };
        if let Some(found) = self.type_difference(member, expected.ty, private, span, asserts) {
            differs("type ", self.schema.type_name(expected.ty), &found);
        }
        let optional = |is_optional: bool| if is_optional { "optional" } else { "always there" };
        let (expected_optional, is_optional) = (expected.presence_bit.is_some(), member.presence_bit.is_some());
        if expected_optional != is_optional {
            differs("it to be ", optional(expected_optional), optional(is_optional));
        }
        for (what, expected, found) in [
            ("unit", &expected.meaning.unit, &member.meaning.unit),
            ("unit of elements", &expected.elem_meaning.unit, &member.elem_meaning.unit),
        ] {
            if expected != found {
                let side =
                    |unit: &Option<String>| unit.as_ref().map_or("none".to_owned(), |unit| format!("\"{unit}\""));
                differs(&format!("{what} "), &side(expected), &side(found));
            }
        }
        let mut is_equal = member.dims.len() == expected.dims.len();
        for (found, expected) in member.dims.iter_mut().zip(&expected.dims) {
            match (found, expected) {
                (Dim::Constant { value, canonical }, model::Dim::Constant { value: expected, canonical: text }) => {
                    let message = format!("member `{}`: expected a length of {expected}, as in {file}", member.name);
                    asserts.push(
                        quote_spanned!(span=> const _: () = ::core::assert!(#value == #expected as usize, #message);),
                    );
                    *canonical = (*text != expected.to_string()).then(|| text.clone());
                }
                (Dim::Expr { canonical, .. }, expected) => is_equal &= canonical == expected.canonical(),
                (Dim::Constant { .. }, model::Dim::Expr { .. }) => is_equal = false,
            }
        }
        if !is_equal {
            let found = member.dims.iter().map(|dim| match dim {
                Dim::Constant { value, .. } => format!("[{}]", value.to_string().trim_matches(['(', ')'])),
                Dim::Expr { canonical, .. } => format!("[{canonical}]"),
            });
            let text = |dims: String| if dims.is_empty() { "no array".to_owned() } else { format!("an array {dims}") };
            let found = text(found.collect());
            differs("", &text(expected.dims.iter().map(|dim| format!("[{}]", dim.canonical())).collect()), &found);
        }
    }

    /// What the struct has in place of the expected type; what a path stands for, only an assertion can tell.
    fn type_difference(
        &self,
        member: &Member,
        expected: Type,
        private: &TokenStream,
        span: Span,
        asserts: &mut Vec<TokenStream>,
    ) -> Option<String> {
        let expected_name = self.schema.type_name(expected);
        let mut assert_path = |ty: TokenStream| {
            let (name, file) = (&member.name, self.literal.value());
            let message = format!("member `{name}`: expected type {expected_name}, as in {file}");
            asserts.push(quote_spanned! {span=>
                const _: () = ::core::assert!(#private::is_type_named(#ty, #expected_name), #message);
            });
            None
        };
        let found = match &member.kind {
            Kind::Value(value) | Kind::Slice(value) => {
                let rust = value.ty.to_string();
                match value.class {
                    ValueClass::Bool => "bool".to_owned(),
                    ValueClass::Int if rust.starts_with('u') => format!("uint{}", &rust[1..]),
                    ValueClass::Int => format!("int{}", &rust[1..]),
                    ValueClass::Float => format!("float{}", &rust[1..]),
                    _ => {
                        let ty = &value.ty;
                        return assert_path(quote_spanned!(span=> <#ty as #private::Member>::TYPE));
                    }
                }
            }
            Kind::One(Element::Text) | Kind::List(Element::Text) => "string".to_owned(),
            Kind::One(Element::Blob) | Kind::List(Element::Blob) => "bytes".to_owned(),
            Kind::One(Element::Class(path)) | Kind::List(Element::Class(path)) => {
                let desc = quote_spanned!(span=> <#path as #private::Class>::DESC);
                return assert_path(quote_spanned!(span=> #private::TypeDesc::Class(#desc)));
            }
        };
        (found != expected_name).then_some(found)
    }

    fn text(&self, member: &model::Member) -> String {
        let dims: String = member.dims.iter().map(|dim| format!("[{}]", dim.canonical())).collect();
        format!("{}{dims}", self.schema.type_name(member.ty))
    }
}

fn span_of(fields: &Punctuated<Field, Token![,]>, member: &Member) -> Span {
    let field = fields.iter().find(|field| field.ident.as_ref() == Some(&member.ident));
    field.map_or_else(Span::call_site, field_span)
}
