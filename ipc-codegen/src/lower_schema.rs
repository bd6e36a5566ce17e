//! From the checked model of a schema to the [IR](crate::ir).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use ipc_schema::canonical;
use ipc_schema::model::{self, Number, PlaceKind, Scalar, Schema, Type};
use ipc_schema::wire::Shape;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::expand;
use crate::ir::{Class, Default, Dim, DimensionMax, Element, Kind, KnownLayout, Member, Value, ValueClass};
use crate::names;

/// All types of a schema, in a module of their own, so that they need no names from around them.
pub(crate) fn expand(schema: &Schema, krate: &TokenStream) -> TokenStream {
    let private = quote!(__private);
    let types: Vec<_> = schema.enums.iter().map(|it| names::item(&it.name)).collect();
    // An enum is a value as well, its constructor, and so is a constant.
    let constants = schema.constants.iter().map(|it| {
        let ident = names::constant(&it.name);
        (it, if types.contains(&ident) { format_ident!("{ident}_") } else { ident })
    });
    let constants: Vec<_> = constants.collect();
    let enums = schema.enums.iter().map(|it| expand::enumeration(&private, it, &scalar_type(&private, it.base)));
    let mut lower = Lower { schema, private: private.clone(), has_bounds: Vec::new() };
    let classes: Vec<_> = schema.classes.iter().map(|class| lower.class(class)).collect();
    // One export brings both a class and a constant of its name.
    let mut exports: BTreeSet<_> = constants.iter().map(|(_, ident)| ident.clone()).chain(types).collect();
    for class in &classes {
        exports.insert(class.ident.clone());
        if class.is_variable() {
            exports.extend(ipc_schema::GENERATED_SUFFIXES.map(|suffix| class.suffixed(suffix)));
        }
    }
    if exports.is_empty() {
        return TokenStream::new();
    }
    let mut hasher = DefaultHasher::new();
    exports.iter().for_each(|ident| ident.to_string().hash(&mut hasher));
    let module = format_ident!("__schema_{:016x}", hasher.finish());
    let exports = exports.iter();
    let constants = constants.iter().map(|(constant, ident)| expand::constant(constant, ident));
    let classes = classes.iter().map(expand::schema_class);
    let zerocopy = expand::zerocopy_derives().map(|_| quote!(use #krate::__private::zerocopy as __zerocopy;));
    quote! {
        #[allow(deprecated)]
        mod #module {
            use #krate::__private;
            #zerocopy
            #(#constants)*
            #(#enums)*
            #(#classes)*
        }
        #[allow(deprecated)]
        pub use #module::{#(#exports),*};
    }
}

struct Lower<'s> {
    schema: &'s Schema,
    private: TokenStream,
    /// For each class so far, whether it or anything inside has bounds.
    has_bounds: Vec<bool>,
}

impl Lower<'_> {
    fn class(&mut self, model: &model::Class) -> Class {
        let members = model.members.iter().enumerate().map(|(index, member)| self.member(model, index, member));
        let members: Vec<Member> = members.collect();
        self.has_bounds.push(members.iter().any(expand::has_bounds));
        Class {
            private: self.private.clone(),
            vis: quote!(pub),
            ident: names::item(&model.name),
            name: model.name.clone(),
            namespace: model.namespace.clone(),
            comment: model.comment.clone(),
            since: model.since.clone(),
            deprecated: model.deprecated.clone(),
            members,
            layout: Some(KnownLayout {
                size: model.layout.size,
                align: model.layout.align,
                presence: model.layout.presence,
                fingerprint: model.fingerprint.0,
            }),
            is_schema: true,
        }
    }

    fn member(&self, class: &model::Class, index: usize, model: &model::Member) -> Member {
        let dims: Vec<Dim> = model.dims.iter().map(dim).collect();
        let is_computed = dims.iter().any(|dim| matches!(dim, Dim::Expr { .. }));
        let kind = match (self.element(model.ty), dims.is_empty()) {
            (Ok(value), _) if is_computed => Kind::Slice(value),
            (Ok(value), _) => Kind::Value(value),
            (Err(element), true) => Kind::One(element),
            (Err(element), false) => Kind::List(element),
        };
        let place = model.place.map(|place| {
            debug_assert_eq!(place.kind == PlaceKind::Value, matches!(kind, Kind::Value(_)));
            (place.offset, place.size)
        });
        let default = model.default.as_ref().map(|value| Default {
            json: canonical::of_value(value),
            rust: self.default(value, model.ty, matches!(kind, Kind::List(_))),
        });
        Member {
            index,
            ident: names::member(&model.name),
            name: model.name.clone(),
            kind,
            dims,
            presence_bit: model.presence_bit,
            meaning: model.meaning.clone(),
            elem_meaning: model.elem_meaning.clone(),
            default,
            since: model.since.clone(),
            deprecated: model.deprecated.clone(),
            place,
            dimension: self.dimension(class, model),
        }
    }

    /// A value of constant size, or an element of variable size.
    fn element(&self, ty: Type) -> Result<Value, Element> {
        Ok(match ty {
            Type::String => return Err(Element::Text),
            Type::Bytes => return Err(Element::Blob),
            Type::Scalar(scalar) => Value { ty: scalar_type(&self.private, scalar), class: value_class(scalar) },
            Type::Enum(id) => {
                let ident = names::item(&self.schema[id].name);
                Value { ty: quote!(#ident), class: ValueClass::Enum }
            }
            Type::Class(id) => {
                let ident = names::item(&self.schema[id].name);
                if self.schema.shape(ty) == Shape::Variable {
                    return Err(Element::Class(quote!(#ident)));
                }
                Value { ty: quote!(#ident), class: ValueClass::Struct { has_bounds: self.has_bounds[id.0] } }
            }
        })
    }

    /// The bounds of a member that stands in a size expression of its class.
    fn dimension(&self, class: &model::Class, model: &model::Member) -> Option<Vec<DimensionMax>> {
        let mut paths: Vec<&[String]> = Vec::new();
        for dim in class.members.iter().flat_map(|member| &member.dims) {
            if let model::Dim::Expr { expr, .. } = dim {
                expr.visit_members(&mut |path| {
                    if path[0] == model.name && !paths.contains(&path) {
                        paths.push(path);
                    }
                });
            }
        }
        let bounds = paths.iter().filter_map(|path| {
            let mut member = model;
            for name in &path[1..] {
                let Type::Class(id) = member.ty else { return None };
                member = self.schema[id].member(name)?;
            }
            let Some(Number::Int(max)) = member.meaning.max else { return None };
            let max = Literal::i128_suffixed(max).into_token_stream();
            Some(DimensionMax { path: path[1..].to_vec(), max })
        });
        (!paths.is_empty()).then(|| bounds.collect())
    }

    /// A default as a Rust expression of the owned type.
    fn default(&self, value: &model::Value, ty: Type, is_vec: bool) -> TokenStream {
        let private = &self.private;
        match (value, ty) {
            (model::Value::List(items), Type::Bytes)
                if items.iter().all(|it| matches!(it, model::Value::Number(_))) =>
            {
                let bytes = items.iter().map(|item| self.default(item, Type::Scalar(Scalar::Uint8), false));
                quote!(::std::vec![#(#bytes),*])
            }
            (model::Value::List(items), _) if is_vec => {
                let mut flat = Vec::new();
                flatten(items, ty, &mut flat);
                let items = flat.into_iter().map(|item| self.default(item, ty, false));
                quote!(::std::vec![#(#items),*])
            }
            (model::Value::List(items), Type::Scalar(Scalar::Bool)) => {
                let items = items.iter().map(|item| match item {
                    model::Value::Bool(value) => quote!(#private::Bool::new(#value)),
                    nested => self.default(nested, ty, false),
                });
                quote!([#(#items),*])
            }
            (model::Value::List(items), _) => {
                let items = items.iter().map(|item| self.default(item, ty, false));
                quote!([#(#items),*])
            }
            (model::Value::Bool(value), _) => quote!(#value),
            (model::Value::Text(name), Type::Enum(id)) => {
                let (ident, value) = (names::item(&self.schema[id].name), names::constant(name));
                quote!(#ident::#value)
            }
            (model::Value::Text(text), _) => quote!(::std::string::String::from(#text)),
            (model::Value::Number(number), _) => {
                let literal = match (number, ty) {
                    (Number::Int(value), Type::Scalar(Scalar::Float32 | Scalar::Float64)) => {
                        Literal::f64_unsuffixed(*value as f64)
                    }
                    (Number::Int(value), _) => Literal::i128_unsuffixed(*value),
                    (Number::Float(value), Type::Scalar(Scalar::Float32)) => Literal::f32_unsuffixed(*value as f32),
                    (Number::Float(value), _) => Literal::f64_unsuffixed(*value),
                };
                match ty {
                    Type::Scalar(Scalar::Char) => quote!(#private::Char(#literal)),
                    Type::Enum(id) => {
                        let ident = names::item(&self.schema[id].name);
                        quote!(#ident(#literal))
                    }
                    _ => quote!(#literal),
                }
            }
        }
    }
}

/// The elements of nested lists, row-major. A list of numbers is one element of type bytes.
fn flatten<'v>(items: &'v [model::Value], ty: Type, flat: &mut Vec<&'v model::Value>) {
    for item in items {
        match item {
            model::Value::List(inner)
                if ty != Type::Bytes || inner.iter().any(|it| matches!(it, model::Value::List(_))) =>
            {
                flatten(inner, ty, flat);
            }
            item => flat.push(item),
        }
    }
}

fn dim(model: &model::Dim) -> Dim {
    match model {
        model::Dim::Constant { value, canonical } => {
            let canonical = (*canonical != value.to_string()).then(|| canonical.clone());
            let value = Literal::u64_unsuffixed(*value);
            Dim::Constant { value: quote!(#value), canonical }
        }
        model::Dim::Expr { expr, canonical } => Dim::Expr { expr: expr.clone(), canonical: canonical.clone() },
    }
}

fn value_class(scalar: Scalar) -> ValueClass {
    match scalar {
        Scalar::Bool => ValueClass::Bool,
        Scalar::Char => ValueClass::Char,
        Scalar::Float32 | Scalar::Float64 => ValueClass::Float,
        _ => ValueClass::Int,
    }
}

/// The Rust type that stands in mapped structs.
fn scalar_type(private: &TokenStream, scalar: Scalar) -> TokenStream {
    match scalar {
        Scalar::Int8 => quote!(i8),
        Scalar::Int16 => quote!(i16),
        Scalar::Int32 => quote!(i32),
        Scalar::Int64 => quote!(i64),
        Scalar::Uint8 => quote!(u8),
        Scalar::Uint16 => quote!(u16),
        Scalar::Uint32 => quote!(u32),
        Scalar::Uint64 => quote!(u64),
        Scalar::Float32 => quote!(f32),
        Scalar::Float64 => quote!(f64),
        Scalar::Bool => quote!(#private::Bool),
        Scalar::Char => quote!(#private::Char),
    }
}

#[cfg(test)]
mod tests {
    use ipc_schema::many::{self, Members};
    use proc_macro2::TokenTree;

    use super::*;

    /// Tokens that a call with 100 classes of 20 members becomes today: what is generated is what is compiled.
    const TODAY: usize = 588_566;

    #[test]
    fn generated_code_does_not_grow() {
        let schema = Schema::from_text(&many::schema(100, 20, Members::Mixed), "many").unwrap();
        let generated = expand(&schema, &quote!(ipc_core));
        let count = count(generated);
        assert!(
            count <= TODAY + TODAY / 10,
            "{count} tokens are generated, expected at most a tenth more than {TODAY}"
        );
    }

    fn count(tokens: TokenStream) -> usize {
        tokens
            .into_iter()
            .map(|token| match token {
                TokenTree::Group(group) => 2 + count(group.stream()),
                _ => 1,
            })
            .sum()
    }
}
