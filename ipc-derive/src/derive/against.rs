//! `#[frame(schema = "file.json")]`: the struct against the class of the same name, member by member.

use std::path::PathBuf;

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
        let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        match Schema::from_file(folder.join(literal.value())) {
            Ok(schema) => Some(Self { schema, literal: literal.clone() }),
            Err(all) => {
                source::messages(&all, &folder).for_each(|message| errors.push(literal, message));
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
        let mut asserts = Vec::new();
        for (member, &span) in class.members.iter_mut().zip(&spans) {
            match model.member(&member.name) {
                Some(expected) => self.member(member, expected, span, errors, &mut asserts),
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
        let (private, ident) = (&class.private, &class.ident);
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
        span: Span,
        errors: &mut Errors,
        asserts: &mut Vec<TokenStream>,
    ) {
        let file = self.literal.value();
        let mut differs = |what: &str, expected: &str, found: &str| {
            let message = format!("member `{}`: expected {what} {expected}, as in {file}, found {found}", member.name);
            errors.add(syn::Error::new(span, message));
        };
        if let Some(found) = self.type_difference(member, expected.ty) {
            differs("type", self.schema.type_name(expected.ty), &found);
        }
        let optional = |is_optional: bool| if is_optional { "optional" } else { "always there" };
        let (expected_optional, is_optional) = (expected.presence_bit.is_some(), member.presence_bit.is_some());
        if expected_optional != is_optional {
            differs("a member that is", optional(expected_optional), &format!("one that is {}", optional(is_optional)));
        }
        for (what, expected, found) in [
            ("unit", &expected.meaning.unit, &member.meaning.unit),
            ("unit of elements", &expected.elem_meaning.unit, &member.elem_meaning.unit),
        ] {
            if expected != found {
                let side =
                    |unit: &Option<String>| unit.as_ref().map_or("none".to_owned(), |unit| format!("\"{unit}\""));
                differs(what, &side(expected), &side(found));
            }
        }
        if member.dims.len() != expected.dims.len() {
            let side = |count: usize| if count == 0 { "no array".to_owned() } else { count.to_string() };
            differs("dimensions:", &side(expected.dims.len()), &side(member.dims.len()));
            return;
        }
        for (found, expected) in member.dims.iter_mut().zip(&expected.dims) {
            match (found, expected) {
                (Dim::Constant { value, canonical }, model::Dim::Constant { value: expected, canonical: text }) => {
                    let message = format!("`{}`: expected a dimension of {expected}, as in {file}", member.name);
                    asserts.push(
                        quote_spanned!(span=> const _: () = ::core::assert!(#value == #expected as usize, #message);),
                    );
                    *canonical = (*text != expected.to_string()).then(|| text.clone());
                }
                (Dim::Expr { canonical, .. }, expected) if canonical == expected.canonical() => {}
                (found, expected) => {
                    let found = match found {
                        Dim::Constant { value, .. } => value.to_string(),
                        Dim::Expr { canonical, .. } => canonical.clone(),
                    };
                    differs("size", expected.canonical(), &found);
                }
            }
        }
    }

    /// What the struct has in place of the expected type, as far as tokens tell.
    fn type_difference(&self, member: &Member, expected: Type) -> Option<String> {
        let found = match &member.kind {
            Kind::Value(value) | Kind::Slice(value) => {
                let found = value.ty.to_string();
                let last = found.rsplit(":: ").next().unwrap_or(&found).to_owned();
                let name = match (value.class, last.as_str()) {
                    (ValueClass::Path, "Char") | (ValueClass::Char, _) => "char".to_owned(),
                    (ValueClass::Path, "Bool") | (ValueClass::Bool, _) => "bool".to_owned(),
                    // What a path stands for, the assertion on the fingerprint sees.
                    (ValueClass::Path, _) => {
                        return (!matches!(expected, Type::Enum(_) | Type::Class(_))).then(|| found.clone());
                    }
                    (ValueClass::Int, rust) if rust.starts_with('u') => format!("uint{}", &rust[1..]),
                    (ValueClass::Int, rust) => format!("int{}", &rust[1..]),
                    (_, rust) => format!("float{}", &rust[1..]),
                };
                match expected {
                    Type::Scalar(scalar) if scalar.name() == name => return None,
                    _ => name,
                }
            }
            Kind::One(Element::Text) | Kind::List(Element::Text) => "string".to_owned(),
            Kind::One(Element::Blob) | Kind::List(Element::Blob) => "bytes".to_owned(),
            Kind::One(Element::Class(path)) | Kind::List(Element::Class(path)) => match expected {
                Type::Class(_) => return None,
                _ => path.to_string(),
            },
        };
        let is_equal = matches!((expected, found.as_str()), (Type::String, "string") | (Type::Bytes, "bytes"));
        (!is_equal).then_some(found)
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
