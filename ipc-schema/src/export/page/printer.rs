//! From the model to a page: classes, members and types.

use std::collections::BTreeMap;

use super::docs::{docs, lines};
use super::names::Names;
use super::sizes::operands;
use super::{Class, Enum, EnumValue, Field, Member, Presence, Type};
use crate::canonical;
use crate::export::Language;
use crate::model::{self, ClassId, Dim, EnumId, Meaning, Number, PlaceKind, Scalar, Schema, Value};
use crate::wire::{self, Extent, Shape};

/// A schema on its way into a page.
pub(super) struct Printer<'s> {
    pub(super) schema: &'s Schema,
    pub(super) language: &'static dyn Language,
    pub(super) namespace: &'s [&'s str],
}

impl Printer<'_> {
    pub(super) fn type_name(&self, name: &str) -> String {
        self.language.type_name_in(self.namespace, name)
    }

    pub(super) fn enumeration(&self, id: EnumId) -> Enum {
        let (it, language) = (&self.schema[id], self.language);
        let value = |(name, value): &(String, i128)| EnumValue {
            name: language.value_name(name),
            wire_name: name.clone(),
            value: language.number(it.base, Number::Int(*value)),
        };
        Enum {
            name: self.type_name(&it.name),
            wire_name: it.name.clone(),
            docs: lines(it.comment.as_deref()),
            base: language.scalar(it.base).to_owned(),
            scalar: it.base.name(),
            size: it.base.size(),
            values: it.values.iter().map(value).collect(),
        }
    }

    /// `earlier` are the classes before it.
    pub(super) fn class(&self, id: ClassId, earlier: &[Class]) -> Class {
        let (schema, class) = (self.schema, &self.schema[id]);
        let names = Names::new(self, class);
        let members: Vec<_> =
            (0..class.members.len()).map(|index| self.member(class, index, &names, earlier)).collect();
        let optional_count = members.iter().filter(|member| member.optional).count();
        let presence = class.layout.presence.map(|(offset, count)| Presence {
            name: names.fresh("presence"),
            offset,
            count,
            initial: initial_presence(&members, count),
            last_mask: if optional_count.is_multiple_of(8) { 0xff } else { (1u8 << (optional_count % 8)) - 1 },
        });
        let fields = fields(class, &members, presence.as_ref(), &names);
        let untidy = presence.is_some()
            || fields.iter().any(|field| field.kind == "pad")
            || members.iter().any(|member| member.ty.untidy);
        let mut docs = lines(class.comment.as_deref());
        docs.extend(class.since.as_ref().map(|since| format!("Since {}.", lines(Some(since)).join(" "))));
        docs.extend(class.deprecated.as_ref().map(|why| format!("Deprecated: {}", lines(Some(why)).join(" "))));
        Class {
            name: self.type_name(&class.name),
            wire_name: class.name.clone(),
            docs,
            deprecated: class.deprecated.clone(),
            fixed: class.layout.fixed,
            size: class.layout.size,
            align: class.layout.align,
            fingerprint: class.fingerprint.0.iter().map(|byte| format!("0x{byte:02x}")).collect(),
            fingerprint_text: class.fingerprint.to_string(),
            schema: canonical::of_class(schema, id).lines().map(|line| format!("{line}\n")).collect(),
            bounded: members.iter().any(|member| member.bounded),
            untidy,
            sparse: members.iter().any(|member| member.optional || member.ty.sparse),
            members,
            fields,
            presence,
        }
    }

    fn member(&self, class: &model::Class, index: usize, names: &Names<'_>, earlier: &[Class]) -> Member {
        let (schema, language) = (self.schema, self.language);
        let member = &class.members[index];
        let ty = self.ty(member.ty, earlier);
        let kind = match (schema.shape(member.ty), member.extent()) {
            (Shape::Fixed { .. }, Extent::Computed) => "slice",
            (Shape::Fixed { .. }, _) => "value",
            (Shape::Variable, Extent::One) => "one",
            (Shape::Variable, _) => "list",
        };
        let array = !member.dims.is_empty();
        let meaning = if array { &member.elem_meaning } else { &member.meaning };
        let (min, max, range) = self.range(member.ty, meaning);
        let max_bytes = match (member.ty, meaning.max) {
            (model::Type::String | model::Type::Bytes, Some(Number::Int(max))) => u64::try_from(max).ok(),
            _ => None,
        };
        let paths = operands(member);
        let (presence_byte, presence_mask) = member.presence_bit.map(wire::presence_bit).unwrap_or_default();
        let bounded = match ty.kind {
            "struct" | "class" => ty.bounded,
            "text" | "blob" => false,
            _ => min.is_some() || max.is_some(),
        };
        let mut printed = Member {
            index,
            name: names.member(&member.name),
            wire_name: member.name.clone(),
            docs: docs(member),
            deprecated: member.deprecated.clone(),
            local: names.local(&member.name),
            setter: names.fresh(&language.member_name(&format!("set_{}", member.name))),
            raw: names.fresh(&language.member_name(&format!("raw_{}", member.name))),
            counter: names.fresh(&language.member_name(&format!("count_{}", member.name))),
            has: names.fresh(&language.member_name(&format!("has_{}", member.name))),
            counted: names.fresh(&language.member_name(&format!("{}_count", member.name))),
            kind,
            array,
            dims: member.dims.iter().enumerate().map(|(number, dim)| self.dimension(number, dim, names)).collect(),
            count: match member.extent() {
                Extent::One => Some(1),
                Extent::Constant(count) => Some(count),
                Extent::Computed => None,
            },
            size_text: member.dims.iter().map(Dim::canonical).collect::<Vec<_>>().join(" × "),
            operands: paths.iter().map(|path| self.operand(class, path, names)).collect(),
            parameters: (0..class.members.len())
                .filter(|index| paths.iter().any(|path| path[0] == class.members[*index].name))
                .collect(),
            limits: self.limits(class, &paths, names),
            dimension: class.members.iter().flat_map(operands).any(|path| path[0] == member.name),
            optional: member.presence_bit.is_some(),
            presence_byte,
            presence_mask,
            offset: member.place.map(|place| place.offset),
            size: member.place.map(|place| place.size),
            min,
            max,
            range,
            max_bytes,
            bounded,
            default: member.default.as_ref().map(|value| match kind {
                "value" => self.value(value, member.ty, true),
                _ => self.value(&flat(value, member.dims.len()), member.ty, false),
            }),
            default_count: if array { self.default_count(class, member) } else { 1 },
            ty,
            spelled: BTreeMap::new(),
        };
        printed.spelled = language.spell(&printed).into_iter().collect();
        printed
    }

    fn ty(&self, ty: model::Type, earlier: &[Class]) -> Type {
        let scalar_kind = |scalar| match scalar {
            Scalar::Bool => "bool",
            Scalar::Char => "char",
            Scalar::Float32 | Scalar::Float64 => "float",
            _ => "int",
        };
        let (size, align) = match self.schema.shape(ty) {
            Shape::Fixed { size, align } => (Some(size), Some(align)),
            Shape::Variable => (None, None),
        };
        let fixed = size.is_some();
        let (kind, name, scalar) = match ty {
            model::Type::Scalar(scalar) => (scalar_kind(scalar), self.language.scalar(scalar).to_owned(), Some(scalar)),
            model::Type::Enum(id) => {
                let it = &self.schema[id];
                ("enum", self.type_name(&it.name), Some(it.base))
            }
            model::Type::String => ("text", String::new(), None),
            model::Type::Bytes => ("blob", String::new(), None),
            model::Type::Class(id) => (if fixed { "struct" } else { "class" }, earlier[id.0].name.clone(), None),
        };
        let class = if let model::Type::Class(id) = ty { Some(&earlier[id.0]) } else { None };
        Type {
            kind,
            name,
            scalar: scalar.map(Scalar::name),
            size,
            align,
            bounded: class.is_some_and(|class| class.bounded),
            untidy: kind == "bool" || class.is_some_and(|class| class.untidy),
            sparse: class.is_some_and(|class| class.sparse),
        }
    }

    /// Literals of the bounds that can fail, and their text.
    fn range(&self, ty: model::Type, meaning: &Meaning) -> (Option<String>, Option<String>, String) {
        let scalar = match ty {
            model::Type::Scalar(scalar) => scalar,
            model::Type::Enum(id) => self.schema[id].base,
            _ => return (None, None, String::new()),
        };
        let text =
            |word: &str, bound: Option<Number>| bound.map(|bound| format!(" {word} {}", number_text(bound, scalar)));
        let can_fail = |bound: &Number, limit: fn((i128, i128)) -> i128| match (scalar.integer_range(), bound) {
            (Some(range), Number::Int(bound)) => limit(range) != *bound,
            _ => true,
        };
        let literal = |bound: Number| self.language.number(scalar, as_kind(bound, scalar));
        let range = text("from", meaning.min).unwrap_or_default() + &text("up to", meaning.max).unwrap_or_default();
        let min = meaning.min.filter(|min| can_fail(min, |range| range.0)).map(literal);
        let max = meaning.max.filter(|max| can_fail(max, |range| range.1)).map(literal);
        (min, max, range)
    }

    fn value(&self, value: &Value, ty: model::Type, inline: bool) -> String {
        let language = self.language;
        match (value, ty) {
            (Value::Bool(value), _) => language.bool(*value),
            (Value::Number(number), model::Type::Enum(id)) => {
                let it = &self.schema[id];
                let text = language.number(it.base, *number);
                language.enum_number(&self.type_name(&it.name), &text)
            }
            (Value::Number(Number::Int(code)), model::Type::Scalar(Scalar::Char)) => {
                language.char(u8::try_from(*code).unwrap_or_default())
            }
            (Value::Number(number), model::Type::Scalar(scalar)) => language.number(scalar, as_kind(*number, scalar)),
            (Value::Number(number), _) => number.to_string(),
            (Value::Text(name), model::Type::Enum(id)) => {
                language.enum_value(&self.type_name(&self.schema[id].name), &language.value_name(name))
            }
            (Value::Text(text), _) => language.string(text),
            (Value::List(items), model::Type::Bytes) if items.iter().all(|item| matches!(item, Value::Number(_))) => {
                let byte = |item: &Value| match item {
                    Value::Number(Number::Int(byte)) => u8::try_from(*byte).unwrap_or_default(),
                    _ => 0,
                };
                language.blob(&items.iter().map(byte).collect::<Vec<_>>())
            }
            (Value::List(items), _) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item, ty, inline)).collect();
                language.list(&items, inline)
            }
        }
    }
}

/// A list of lists as one list of the elements: so they stand where each has its own size.
fn flat(value: &Value, dims: usize) -> Value {
    match value {
        Value::List(rows) if dims > 1 => {
            let items = rows.iter().flat_map(|row| match flat(row, dims - 1) {
                Value::List(items) => items,
                other => vec![other],
            });
            Value::List(items.collect())
        }
        _ => value.clone(),
    }
}

/// Every byte of the fixed part.
fn fields(class: &model::Class, members: &[Member], presence: Option<&Presence>, names: &Names<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut end = 0;
    let mut push = |kind, name: String, offset: u32, size: u32, member| {
        if offset > end {
            fields.push(Field {
                kind: "pad",
                name: names.fresh(&format!("pad_{end}")),
                offset: end,
                size: offset - end,
                member: None,
            });
        }
        end = offset + size;
        if kind != "end" {
            fields.push(Field { kind, name, offset, size, member });
        }
    };
    for (member, printed) in class.members.iter().zip(members) {
        let Some(place) = member.place else { continue };
        let (kind, name) = match place.kind {
            PlaceKind::Length => ("length", printed.name.clone()),
            PlaceKind::Value if printed.optional => ("value", printed.raw.clone()),
            PlaceKind::Value => ("value", printed.name.clone()),
        };
        push(kind, name, place.offset, place.size, Some(printed.index));
    }
    if let Some(presence) = presence {
        push("presence", presence.name.clone(), presence.offset, presence.count, None);
    }
    push("end", String::new(), class.layout.size, 0, None);
    fields
}

fn initial_presence(members: &[Member], count: u32) -> Vec<u8> {
    let mut bytes = vec![0; count as usize];
    for member in members.iter().filter(|member| member.optional && member.default.is_some()) {
        bytes[member.presence_byte as usize] |= member.presence_mask;
    }
    bytes
}

/// A bound as the errors of every language write it: floats in decimal, without an exponent.
fn number_text(number: Number, scalar: Scalar) -> String {
    match as_kind(number, scalar) {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => value.to_string(),
    }
}

/// A float where the type is one.
fn as_kind(number: Number, scalar: Scalar) -> Number {
    match (scalar, number) {
        (Scalar::Float32 | Scalar::Float64, Number::Int(value)) => Number::Float(value as f64),
        _ => number,
    }
}
