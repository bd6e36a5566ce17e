//! A value as JSON and back, for people and for peers that exchange lines.

use jsonc_parser::ast::{Object, Value};

use super::{DynValue, Problem, ValueError};
use crate::canonical::quoted;
use crate::json;
use crate::model::{Class, Member, Scalar, Schema, Type};
use crate::source::{Diagnostics, Source, nearest};

/// A value as one line of JSON.
///
/// Members by name, absent ones left out; enums by the name of their value, or as a number; bytes as a list of numbers;
/// arrays flat, row-major; numbers that JSON has not as `"NaN"`, `"inf"`, `"-inf"`.
pub fn to_json(schema: &Schema, class: &Class, value: &DynValue) -> String {
    let DynValue::Class(values) = value else { return scalar(value) };
    let members = class.members.iter().zip(values).filter_map(|(member, value)| {
        let value = value.as_ref()?;
        let text = match value {
            DynValue::List(items) if !member.dims.is_empty() => {
                list(items.iter().map(|item| typed(schema, member.ty, item)))
            }
            single => typed(schema, member.ty, single),
        };
        Some(format!("{}:{text}", quoted(&member.name)))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn typed(schema: &Schema, ty: Type, value: &DynValue) -> String {
    match (ty, value) {
        (Type::Class(id), value) => to_json(schema, &schema[id], value),
        (Type::Enum(id), DynValue::Int(number)) => {
            let named = schema[id].values.iter().find(|(_, value)| value == number);
            named.map_or_else(|| number.to_string(), |(name, _)| quoted(name))
        }
        (_, value) => scalar(value),
    }
}

fn scalar(value: &DynValue) -> String {
    match value {
        DynValue::Bool(value) => value.to_string(),
        DynValue::Int(value) => value.to_string(),
        DynValue::Float32(value) if value.is_finite() => format!("{value:?}"),
        DynValue::Float32(value) => quoted(&value.to_string()),
        DynValue::Float64(value) if value.is_finite() => format!("{value:?}"),
        DynValue::Float64(value) => quoted(&value.to_string()),
        DynValue::Text(text) => quoted(text),
        DynValue::Bytes(bytes) => list(bytes.iter().map(u8::to_string)),
        DynValue::List(items) => list(items.iter().map(scalar)),
        DynValue::Class(values) => list(values.iter().flatten().map(scalar)),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// The value that a line of JSON states, in the form of [`to_json`]; members come in any order, and `null` is absent too.
///
/// The value is of the class's kinds. Whether it keeps bounds and dimensions is for [`encode`](super::encode()) to say.
pub fn from_json(schema: &Schema, class: &Class, text: &str) -> Result<DynValue, ValueError> {
    let mut diagnostics = Diagnostics::default();
    match json::parse(text, 0, "an object", &mut diagnostics) {
        Some(value) => class_value(schema, class, &value),
        None => {
            diagnostics.sources.push(Source { name: String::new(), path: None, text: text.to_owned() });
            let errors = diagnostics.into_errors();
            let first = errors.iter().flatten().next();
            let (column, message) = first.map_or((0, String::new()), |error| (error.column, error.message.clone()));
            Err(Problem::Json { column, message }.into())
        }
    }
}

fn class_value(schema: &Schema, class: &Class, value: &Value<'_>) -> Result<DynValue, ValueError> {
    let Value::Object(object) = value else { return Err(kind(&class.name, value)) };
    let mut stated = by_member(class, object)?.into_iter();
    let mut values = Vec::with_capacity(class.members.len());
    for member in &class.members {
        let value = match stated.next().flatten() {
            Some(value) => Some(member_value(schema, member, value).map_err(|error| error.inside(&member.name))?),
            None if member.presence_bit.is_some() => None,
            None => return Err(ValueError::from(Problem::Missing).inside(&member.name)),
        };
        values.push(value);
    }
    Ok(DynValue::Class(values))
}

/// Values of an enum that an error lists.
const NAMES: usize = 12;

/// What an object states of each member. `null` states nothing.
fn by_member<'v, 'a>(class: &Class, object: &'v Object<'a>) -> Result<Vec<Option<&'v Value<'a>>>, ValueError> {
    let mut stated = vec![None; class.members.len()];
    for property in &object.properties {
        let name = property.name.as_str();
        let Some(index) = class.members.iter().position(|member| member.name == name) else {
            let near = nearest(name, class.members.iter().map(|member| member.name.as_str()));
            return Err(Problem::Unknown { name: name.to_owned(), near: near.map(str::to_owned) }.into());
        };
        if stated[index].replace(&property.value).is_some() {
            return Err(ValueError::from(Problem::Twice).inside(name));
        }
    }
    Ok(stated.into_iter().map(|value| value.filter(|value| !matches!(value, Value::NullKeyword(_)))).collect())
}

fn member_value(schema: &Schema, member: &Member, value: &Value<'_>) -> Result<DynValue, ValueError> {
    if member.dims.is_empty() {
        return typed_value(schema, member.ty, value);
    }
    items(value, "array", |item| typed_value(schema, member.ty, item)).map(DynValue::List)
}

fn typed_value(schema: &Schema, ty: Type, value: &Value<'_>) -> Result<DynValue, ValueError> {
    let wrong = || kind(schema.type_name(ty), value);
    match (ty, value) {
        (Type::Class(id), value) => class_value(schema, &schema[id], value),
        (Type::String, Value::StringLit(text)) => Ok(DynValue::Text(text.value.to_string())),
        (Type::Bytes, list) => items(list, schema.type_name(ty), |item| match scalar_value(Scalar::Uint8, item) {
            Some(DynValue::Int(byte)) => u8::try_from(byte).map_err(|_| kind("uint8", item)),
            _ => Err(kind("uint8", item)),
        })
        .map(DynValue::Bytes),
        (Type::Enum(id), Value::StringLit(text)) => {
            let values = &schema[id].values;
            let named = values.iter().find(|(name, _)| *name == text.value);
            named.map(|(_, value)| DynValue::Int(*value)).ok_or_else(|| {
                let names = values.iter().map(|(name, _)| quoted(name)).take(NAMES).collect::<Vec<_>>().join(", ");
                let more = if values.len() > NAMES { ", …" } else { "" };
                kind(&format!("{} ({names}{more})", schema.type_name(ty)), value)
            })
        }
        (Type::Enum(id), value) => scalar_value(schema[id].base, value).ok_or_else(wrong),
        (Type::Scalar(scalar), value) => scalar_value(scalar, value).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn items<T>(
    value: &Value<'_>,
    expected: &str,
    item: impl Fn(&Value<'_>) -> Result<T, ValueError>,
) -> Result<Vec<T>, ValueError> {
    let Value::Array(list) = value else { return Err(kind(expected, value)) };
    let items = list.elements.iter().enumerate();
    items.map(|(index, value)| item(value).map_err(|error| error.inside(format!("[{index}]")))).collect()
}

/// `None` if the value is of another kind.
fn scalar_value(scalar: Scalar, value: &Value<'_>) -> Option<DynValue> {
    let text = match value {
        Value::BooleanLit(value) => return (scalar == Scalar::Bool).then_some(DynValue::Bool(value.value)),
        Value::NumberLit(number) => number.value,
        Value::StringLit(text) if matches!(&*text.value, "NaN" | "inf" | "-inf") => &text.value,
        _ => return None,
    };
    let stated = matches!(value, Value::StringLit(_));
    match scalar {
        Scalar::Bool => None,
        // A number that is too large is infinite only for who says so.
        Scalar::Float32 => text.parse().ok().filter(|x: &f32| stated || x.is_finite()).map(DynValue::Float32),
        Scalar::Float64 => text.parse().ok().filter(|x: &f64| stated || x.is_finite()).map(DynValue::Float64),
        _ => integer(text).map(DynValue::Int),
    }
}

/// An integer, also as those write it who know floats alone: `2.0`, `1e+15`. From 2⁵³ on these may have lost digits.
fn integer(text: &str) -> Option<i128> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= EXACT;
    text.parse().ok().or_else(|| text.parse().ok().filter(whole).map(|number| number as i128))
}

fn kind(expected: &str, found: &Value<'_>) -> ValueError {
    let found = match found {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number that it does not hold",
        Value::BooleanLit(_) => "true or false",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    };
    Problem::Kind { expected: expected.to_owned(), found }.into()
}
