//! A value as JSON, for people and for tools that read lines.

use super::DynValue;
use crate::canonical::quoted;
use crate::model::{Class, Schema, Type};

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
