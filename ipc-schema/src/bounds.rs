//! Checks of `min`, `max` and `default` against the type of the value that they speak of.

use crate::json;
use crate::model::{Dim, Meaning, Member, Number, Scalar, Schema, Type, Value};
use crate::parse::{self, RawMeaning, RawValue};
use crate::source::{Diagnostics, Source, Span, Spanned};

/// Checks `min`, `max` and `default` of one value by the rules of a description, for a class that comes from elsewhere.
///
/// `ty` is a scalar, string or bytes; for an array it is the element's, and each item of the default is checked alone.
/// `default` is JSON text. Gives the meaning as a description keeps it: bounds of a float32 are rounded to float32. The
/// error has a line for each mistake.
///
/// ```
/// use ipc_schema::check_meaning;
/// use ipc_schema::model::{Meaning, Number, Scalar, Type};
///
/// let meaning = Meaning { max: Some(Number::Int(300)), ..Meaning::default() };
/// let error = check_meaning(Type::Scalar(Scalar::Uint8), &meaning, None).unwrap_err();
/// assert_eq!(error, "expected an integer in 0 … 255, the range of uint8, found 300");
/// assert!(check_meaning(Type::Scalar(Scalar::Uint16), &meaning, Some("7")).is_ok());
/// assert!(check_meaning(Type::Scalar(Scalar::Uint16), &meaning, Some("301")).is_err());
/// ```
pub fn check_meaning(ty: Type, meaning: &Meaning, default: Option<&str>) -> Result<Meaning, String> {
    if let Type::Enum(_) | Type::Class(_) = ty {
        return Err("expected a scalar, string or bytes, whose bounds the type alone tells".to_owned());
    }
    let mut diagnostics = Diagnostics::default();
    let text = default.unwrap_or_default().to_owned();
    diagnostics.sources.push(Source { name: "default".to_owned(), path: None, text });
    let bound = |bound: Number| Spanned { value: bound.to_string(), span: Span::at(0, 0..0) };
    let (min, max) = (meaning.min.map(bound), meaning.max.map(bound));
    let raw = RawMeaning { comment: meaning.comment.clone(), unit: meaning.unit.clone(), min, max };
    let default = default
        .and_then(|text| Some(parse::value(&json::parse(text, 0, "a value", &mut diagnostics)?, 0, &mut diagnostics)));
    let schema = Schema { constants: Vec::new(), enums: Vec::new(), classes: Vec::new(), files: Vec::new() };
    let mut bounds = Bounds { schema: &schema, diagnostics: &mut diagnostics };
    let meaning = bounds.of_value(&raw, ty);
    if let Some(default) = default {
        bounds.value(&default, ty, &meaning);
    }
    match diagnostics.into_errors() {
        None => Ok(meaning),
        Some(errors) => {
            let line = |error: &crate::SchemaError| match &error.help {
                Some(help) => format!("{}: {help}", error.message),
                None => error.message.clone(),
            };
            Err(errors.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// An integer in a range; `whose` names what has that range.
pub(crate) fn integer(
    text: &Spanned<String>,
    (least, greatest): (i128, i128),
    whose: &str,
    diagnostics: &mut Diagnostics,
) -> Option<i128> {
    let value = text.value.parse::<i128>().ok().filter(|value| (least..=greatest).contains(value));
    if value.is_none() {
        let expected = if (least, greatest) == (i128::MIN, i128::MAX) {
            "expected an integer".to_owned()
        } else {
            format!("expected an integer in {least} … {greatest}, the range of {whose}")
        };
        diagnostics.error(text.span, format!("{expected}, found {}", text.value));
    }
    value
}

pub(crate) struct Bounds<'s, 'd> {
    pub(crate) schema: &'s Schema,
    pub(crate) diagnostics: &'d mut Diagnostics,
}

/// What kind of number a type has.
enum Kind {
    /// Integers, char and enums.
    Integer(Scalar),
    Float(Scalar),
    /// string and bytes: their length in bytes.
    Length,
    Neither,
}

impl Bounds<'_, '_> {
    /// Meaning of a member that is no array, or of an element.
    pub(crate) fn of_value(&mut self, raw: &RawMeaning, ty: Type) -> Meaning {
        if let (Kind::Length, Some(min)) = (self.kind(ty), &raw.min) {
            let message = format!("`min` does not apply to {}", self.schema.type_name(ty));
            self.diagnostics.error_help(min.span, message, "only `max`, the greatest length in bytes, does");
        }
        let min = raw.min.as_ref().filter(|_| !matches!(self.kind(ty), Kind::Length));
        let min = min.and_then(|text| self.bound(text, ty, "min"));
        let max = raw.max.as_ref().and_then(|text| self.bound(text, ty, "max"));
        if let (Some(least), Some(greatest), Some(text)) = (min, max, &raw.min)
            && !not_above(least, greatest)
        {
            self.diagnostics.error(text.span, format!("`min` {least} is above `max` {greatest}"));
        }
        Meaning { comment: raw.comment.clone(), unit: raw.unit.clone(), min, max }
    }

    /// Meaning of an array as a whole: it has no bounds of its own.
    pub(crate) fn of_array(&mut self, raw: &RawMeaning) -> Meaning {
        for (key, bound) in [("min", &raw.min), ("max", &raw.max)] {
            if let Some(bound) = bound {
                let message = format!("`{key}` does not apply to an array as a whole");
                let help = format!(
                    "write it in `elem`, where it bounds each element: `\"elem\": {{ …, \"{key}\": {} }}`",
                    bound.value
                );
                self.diagnostics.error_help(bound.span, message, help);
            }
        }
        Meaning { comment: raw.comment.clone(), unit: raw.unit.clone(), min: None, max: None }
    }

    /// The default of a member.
    pub(crate) fn default(&mut self, raw: &Spanned<RawValue>, member: &Member) -> Option<Value> {
        if member.dims.is_empty() {
            return self.value(raw, member.ty, &member.meaning);
        }
        let mut counts = Vec::new();
        for dim in &member.dims {
            let Dim::Constant { value, .. } = dim else {
                let help = "a new value has an array of this kind empty, or as its dimensions say";
                self.diagnostics.error_help(raw.span, "an array whose size names a member has no default", help);
                return None;
            };
            counts.push(*value);
        }
        self.list(raw, &counts, member)
    }

    /// A list for the outermost of some dimensions, with lists for the inner ones.
    fn list(&mut self, raw: &Spanned<RawValue>, counts: &[u64], member: &Member) -> Option<Value> {
        let [count, inner @ ..] = counts else { return self.value(raw, member.ty, &member.elem_meaning) };
        let RawValue::List(items) = &raw.value else {
            return self.refuse(raw, &format!("expected a list of length {count} as default"));
        };
        if items.len() as u64 != *count {
            let message = format!("expected a list of length {count} as default, found one of length {}", items.len());
            self.diagnostics.error(raw.span, message);
            return None;
        }
        let values: Vec<_> = items.iter().map(|item| self.list(item, inner, member)).collect();
        values.into_iter().collect::<Option<_>>().map(Value::List)
    }

    fn value(&mut self, raw: &Spanned<RawValue>, ty: Type, meaning: &Meaning) -> Option<Value> {
        let before = self.diagnostics.count();
        let value = match (&raw.value, ty) {
            (RawValue::Bool(value), Type::Scalar(Scalar::Bool)) => Value::Bool(*value),
            (RawValue::Text(text), Type::String) => Value::Text(text.clone()),
            (RawValue::Text(text), Type::Scalar(Scalar::Char)) if text.len() == 1 => {
                Value::Number(Number::Int(text.as_bytes()[0].into()))
            }
            (RawValue::Text(name), Type::Enum(id)) => {
                let names = self.schema[id].values.iter().map(|(name, _)| name.as_str());
                if !names.clone().any(|known| known == name) {
                    let help = self.diagnostics.suggest(name, || names);
                    let message = format!("the enum `{}` has no value `{name}`", self.schema[id].name);
                    self.diagnostics.report(raw.span, message, help);
                    return None;
                }
                Value::Text(name.clone())
            }
            (RawValue::List(items), Type::Bytes) => {
                let byte = Type::Scalar(Scalar::Uint8);
                let bytes: Vec<_> = items.iter().map(|item| self.value(item, byte, &Meaning::default())).collect();
                Value::List(bytes.into_iter().collect::<Option<_>>()?)
            }
            (RawValue::Number(text), _) if matches!(self.kind(ty), Kind::Integer(_) | Kind::Float(_)) => {
                let text = Spanned { value: text.clone(), span: raw.span };
                Value::Number(self.number(&text, ty)?)
            }
            _ => {
                let expected = match ty {
                    Type::Scalar(Scalar::Bool) => "true or false",
                    Type::Scalar(Scalar::Char) => "a number in 0 … 255, or a string of one ASCII character,",
                    Type::Scalar(_) => "a number",
                    Type::String => "a string",
                    Type::Bytes => "a list of numbers in 0 … 255",
                    Type::Enum(_) => "the name of a value, or a number,",
                    Type::Class(_) => {
                        let help = "each member of a class has its own default, in the class";
                        self.diagnostics.error_help(raw.span, "a nested class has no default", help);
                        return None;
                    }
                };
                let message = format!("expected {expected} as default of type {}", self.schema.type_name(ty));
                return self.refuse(raw, &message);
            }
        };
        self.default_within(&value, ty, meaning, raw.span);
        (self.diagnostics.count() == before).then_some(value)
    }

    fn default_within(&mut self, value: &Value, ty: Type, meaning: &Meaning, span: Span) {
        let (number, what) = match (value, ty) {
            (Value::Number(number), _) => (*number, "this default"),
            (Value::Text(text), Type::String) => (Number::Int(text.len() as i128), "the length of this default"),
            (Value::List(items), Type::Bytes) => (Number::Int(items.len() as i128), "the length of this default"),
            (Value::Text(name), Type::Enum(id)) => {
                let value = self.schema[id].values.iter().find(|(known, _)| known == name);
                let Some((_, value)) = value else { return };
                (Number::Int(*value), "this default")
            }
            _ => return,
        };
        if let Some(min) = meaning.min.filter(|min| !not_above(*min, number)) {
            self.diagnostics.error(span, format!("{what}, {number}, is below `min` {min}"));
        }
        if let Some(max) = meaning.max.filter(|max| !not_above(number, *max)) {
            self.diagnostics.error(span, format!("{what}, {number}, is above `max` {max}"));
        }
    }

    fn bound(&mut self, text: &Spanned<String>, ty: Type, key: &str) -> Option<Number> {
        if let Kind::Neither = self.kind(ty) {
            let message = format!("`{key}` does not apply to {}", self.schema.type_name(ty));
            self.diagnostics.error_help(
                text.span,
                message,
                "it bounds numbers and enums, and the length of string and bytes",
            );
            return None;
        }
        self.number(text, ty)
    }

    fn number(&mut self, text: &Spanned<String>, ty: Type) -> Option<Number> {
        let whose = self.schema.type_name(ty);
        match self.kind(ty) {
            Kind::Integer(scalar) => integer(text, scalar.integer_range()?, whose, self.diagnostics).map(Number::Int),
            Kind::Length => integer(text, (0, u32::MAX.into()), "a length in bytes", self.diagnostics).map(Number::Int),
            Kind::Float(scalar) => {
                let greatest = if scalar == Scalar::Float32 { f64::from(f32::MAX) } else { f64::MAX };
                let value = text.value.parse::<f64>().ok().filter(|value| value.abs() <= greatest);
                if value.is_none() {
                    let message = format!("{} is outside of the range of {whose}", text.value);
                    self.diagnostics.error(text.span, message);
                }
                // As the value itself is held: 0.1 as a float32 is not above a `max` of 0.1.
                let held = |value| if scalar == Scalar::Float32 { f64::from(value as f32) } else { value };
                value.map(held).map(Number::Float)
            }
            Kind::Neither => None,
        }
    }

    fn kind(&self, ty: Type) -> Kind {
        match ty {
            Type::Enum(id) => Kind::Integer(self.schema[id].base),
            Type::Scalar(scalar @ (Scalar::Float32 | Scalar::Float64)) => Kind::Float(scalar),
            Type::Scalar(Scalar::Bool) | Type::Class(_) => Kind::Neither,
            Type::Scalar(scalar) => Kind::Integer(scalar),
            Type::String | Type::Bytes => Kind::Length,
        }
    }

    fn refuse(&mut self, raw: &Spanned<RawValue>, expected: &str) -> Option<Value> {
        let found = match &raw.value {
            RawValue::Bool(value) => value.to_string(),
            RawValue::Number(text) => text.clone(),
            RawValue::Text(_) => "a string".to_owned(),
            RawValue::List(_) => "a list".to_owned(),
            RawValue::Other => "null or an object".to_owned(),
        };
        self.diagnostics.error(raw.span, format!("{expected}, found {found}"));
        None
    }
}

/// `a <= b`, for two numbers of one kind; false if either is no number.
pub(crate) fn not_above(a: Number, b: Number) -> bool {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a <= b,
        (Number::Float(a), Number::Float(b)) => a <= b,
        (Number::Int(a), Number::Float(b)) => a as f64 <= b,
        (Number::Float(a), Number::Int(b)) => a <= b as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_a_float32_are_rounded_as_its_values_are() {
        let tenth = Some(Number::Float(0.1));
        let meaning = Meaning { min: tenth, max: tenth, ..Meaning::default() };
        let rounded = check_meaning(Type::Scalar(Scalar::Float32), &meaning, Some("0.1")).unwrap();
        assert_eq!(rounded.max, Some(Number::Float(f64::from(0.1f32))));
        assert_eq!(check_meaning(Type::Scalar(Scalar::Float64), &meaning, Some("0.1")), Ok(meaning));
    }

    #[test]
    fn bounds_and_defaults_of_classes_from_elsewhere_are_checked_by_the_same_rules() {
        let check = |ty, min, max, default| {
            let meaning = Meaning { min, max, ..Meaning::default() };
            check_meaning(ty, &meaning, default).map(|_| ())
        };
        let scalar = Type::Scalar;
        let int = |value| Some(Number::Int(value));
        for (ty, min, max, default) in [
            (scalar(Scalar::Int8), int(-129), None, None),
            (scalar(Scalar::Int8), None, Some(Number::Float(1.5)), None),
            (scalar(Scalar::Int8), int(3), int(2), None),
            (scalar(Scalar::Int8), None, int(2), Some("3")),
            (scalar(Scalar::Int8), None, None, Some("1.5")),
            (scalar(Scalar::Int8), None, None, Some("true")),
            (scalar(Scalar::Int8), None, None, Some("007")),
            (scalar(Scalar::Bool), int(0), None, None),
            (scalar(Scalar::Bool), None, None, Some("1")),
            (scalar(Scalar::Float32), None, Some(Number::Float(1e39)), None),
            (scalar(Scalar::Float64), None, Some(Number::Float(f64::INFINITY)), None),
            (scalar(Scalar::Char), None, None, Some("\"ab\"")),
            (Type::String, int(1), None, None),
            (Type::String, None, int(-1), None),
            (Type::String, None, int(2), Some("\"abc\"")),
            (Type::Bytes, None, int(1), Some("[1, 2]")),
            (Type::Bytes, None, None, Some("[256]")),
        ] {
            let found = check(ty, min, max, default);
            assert!(found.is_err(), "{ty:?} {min:?} {max:?} {default:?}");
        }
        for (ty, min, max, default) in [
            (scalar(Scalar::Int8), int(-128), int(127), Some("-128")),
            (scalar(Scalar::Float64), int(0), Some(Number::Float(2.5)), Some("2.5")),
            (scalar(Scalar::Bool), None, None, Some("true")),
            (scalar(Scalar::Char), None, None, Some("\"a\"")),
            (Type::String, None, int(3), Some("\"abc\"")),
            (Type::Bytes, None, int(2), Some("[1, 255]")),
        ] {
            assert_eq!(check(ty, min, max, default), Ok(()), "{ty:?} {min:?} {max:?} {default:?}");
        }
    }
}
