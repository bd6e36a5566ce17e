//! A value to the bytes of a frame.

use super::{DynValue, Problem, ValueError};
use crate::bounds::not_above;
use crate::model::{Class, Dim, Meaning, Member, Number, PlaceKind, Scalar, Schema, Type};
use crate::wire::{self, Bodies, Regions, Shape, WireError};

/// The frame of a value: refused if it is of another class, breaks a bound, or does not fit.
pub fn encode(schema: &Schema, class: &Class, value: &DynValue) -> Result<Vec<u8>, ValueError> {
    check_bounds(schema, class, value)?;
    Encoder { schema }.body(class, value)
}

/// Checks `min` and `max` of every member. A NaN lies within no bounds.
pub fn check_bounds(schema: &Schema, class: &Class, value: &DynValue) -> Result<(), ValueError> {
    let values = members(class, value)?;
    for (member, value) in class.members.iter().zip(values) {
        let Some(value) = value else { continue };
        member_bounds(schema, member, value).map_err(|error| error.inside(&member.name))?;
    }
    Ok(())
}

fn member_bounds(schema: &Schema, member: &Member, value: &DynValue) -> Result<(), ValueError> {
    if member.dims.is_empty() {
        return value_bounds(schema, member.ty, &member.meaning, value);
    }
    let DynValue::List(items) = value else { return Err(kind("array", value)) };
    for (index, item) in items.iter().enumerate() {
        value_bounds(schema, member.ty, &member.elem_meaning, item)
            .map_err(|error| error.inside(format!("[{index}]")))?;
    }
    Ok(())
}

fn value_bounds(schema: &Schema, ty: Type, meaning: &Meaning, value: &DynValue) -> Result<(), ValueError> {
    let number = match value {
        DynValue::Int(value) => Number::Int(*value),
        DynValue::Float32(value) => Number::Float((*value).into()),
        DynValue::Float64(value) => Number::Float(*value),
        DynValue::Text(text) => Number::Int(text.len() as i128),
        DynValue::Bytes(bytes) => Number::Int(bytes.len() as i128),
        DynValue::Class(_) => match ty {
            Type::Class(id) => return check_bounds(schema, &schema[id], value),
            _ => return Err(kind(schema.type_name(ty), value)),
        },
        DynValue::Bool(_) | DynValue::List(_) => return Ok(()),
    };
    within(number, meaning.min, meaning.max)
}

/// Checks a number or a length against its bounds.
pub(super) fn within(number: Number, min: Option<Number>, max: Option<Number>) -> Result<(), ValueError> {
    let outside = |side, bound: Number| Problem::Bounds { found: number.to_string(), side, bound: bound.to_string() };
    if let Some(min) = min.filter(|min| !not_above(*min, number)) {
        return Err(outside("below `min`", min).into());
    }
    if let Some(max) = max.filter(|max| !not_above(number, *max)) {
        return Err(outside("above `max`", max).into());
    }
    Ok(())
}

struct Encoder<'s> {
    schema: &'s Schema,
}

impl Encoder<'_> {
    fn body(&self, class: &Class, value: &DynValue) -> Result<Vec<u8>, ValueError> {
        let values = members(class, value)?;
        let mut body = vec![0; class.layout.size as usize];
        let mut regions = Regions::growing(class.layout.size);
        for (member, value) in class.members.iter().zip(values) {
            self.member(class, values, member, value.as_ref(), &mut body, &mut regions)
                .map_err(|error| error.inside(&member.name))?;
        }
        Ok(body)
    }

    fn member(
        &self,
        class: &Class,
        values: &[Option<DynValue>],
        member: &Member,
        value: Option<&DynValue>,
        body: &mut Vec<u8>,
        regions: &mut Regions,
    ) -> Result<(), ValueError> {
        if value.is_none() && member.presence_bit.is_none() {
            return Err(Problem::Missing.into());
        }
        let bytes = match value {
            Some(value) => self.value_or_array(class, values, member, value)?,
            None => Vec::new(),
        };
        if let (Some(_), Some(bit), Some((presence, _))) = (value, member.presence_bit, class.layout.presence) {
            let (byte, mask) = wire::presence_bit(bit);
            body[(presence + byte) as usize] |= mask;
        }
        match member.place {
            Some(place) if place.kind == PlaceKind::Value => {
                let start = place.offset as usize;
                body[start..start + bytes.len()].copy_from_slice(&bytes);
                return Ok(());
            }
            Some(place) => {
                let len = u32::try_from(bytes.len()).map_err(|_| WireError::TooLong)?;
                let start = place.offset as usize;
                body[start..start + size_of::<u32>()].copy_from_slice(&len.to_le_bytes());
            }
            None => {}
        }
        let span = regions.next(bytes.len() as u64)?;
        body.resize(span.start as usize, 0);
        body.extend(bytes);
        Ok(())
    }

    /// Bytes of a member: at its place, or in its region.
    fn value_or_array(
        &self,
        class: &Class,
        values: &[Option<DynValue>],
        member: &Member,
        value: &DynValue,
    ) -> Result<Vec<u8>, ValueError> {
        if member.dims.is_empty() {
            return self.value(member.ty, value);
        }
        let DynValue::List(items) = value else { return Err(kind("array", value)) };
        let mut dims = Vec::new();
        for dim in &member.dims {
            dims.push(match dim {
                Dim::Constant { value, .. } => *value,
                Dim::Expr { expr, .. } => {
                    let lookup = |path: &[String]| self.integer(class, values, path);
                    expr.eval(&lookup).map_err(WireError::Size)?
                }
            });
        }
        let expected = wire::element_count(&dims)?;
        if expected != items.len() as u64 {
            return Err(Problem::Count { expected, found: items.len() as u64 }.into());
        }
        let mut bodies = Vec::new();
        for (index, item) in items.iter().enumerate() {
            bodies.push(self.value(member.ty, item).map_err(|error| error.inside(format!("[{index}]")))?);
        }
        match self.schema.shape(member.ty) {
            Shape::Fixed { size, .. } => {
                wire::elements_len(expected, size)?;
                Ok(bodies.concat())
            }
            Shape::Variable => self.variable_elements(matches!(member.ty, Type::Class(_)), &bodies),
        }
    }

    fn variable_elements(&self, class: bool, bodies: &[Vec<u8>]) -> Result<Vec<u8>, ValueError> {
        let mut places = Bodies::new(bodies.len() as u64, wire::body_align(class))?;
        let mut spans = Vec::new();
        for body in bodies {
            spans.push((places.next(body.len() as u64)?, places.table_entry()));
        }
        let mut region = vec![0; places.region_len() as usize];
        for (index, ((span, end), body)) in spans.iter().zip(bodies).enumerate() {
            let entry = index * wire::LENGTH_BYTES as usize;
            region[entry..entry + size_of::<u32>()].copy_from_slice(&end.to_le_bytes());
            region[span.range()].copy_from_slice(body);
        }
        Ok(region)
    }

    fn value(&self, ty: Type, value: &DynValue) -> Result<Vec<u8>, ValueError> {
        let wrong = || kind(self.schema.type_name(ty), value);
        match (ty, value) {
            (Type::Scalar(scalar), value) => self::scalar(scalar, value).ok_or_else(wrong),
            (Type::Enum(id), value @ DynValue::Int(_)) => self::scalar(self.schema[id].base, value).ok_or_else(wrong),
            (Type::String, DynValue::Text(text)) => Ok(text.as_bytes().to_vec()),
            (Type::Bytes, DynValue::Bytes(bytes)) => Ok(bytes.clone()),
            (Type::Class(id), value) => self.body(&self.schema[id], value),
            _ => Err(wrong()),
        }
    }

    /// Value of a member that a size names.
    fn integer(&self, class: &Class, values: &[Option<DynValue>], path: &[String]) -> Option<i128> {
        let (first, rest) = path.split_first()?;
        let index = class.members.iter().position(|member| member.name == *first)?;
        match (values.get(index)?.as_ref()?, class.members[index].ty) {
            (DynValue::Int(value), Type::Scalar(_)) if rest.is_empty() => Some(*value),
            (DynValue::Class(values), Type::Class(id)) => self.integer(&self.schema[id], values, rest),
            _ => None,
        }
    }
}

/// Little-endian bytes of a scalar; `None` if the value is of another kind, or out of range.
fn scalar(scalar: Scalar, value: &DynValue) -> Option<Vec<u8>> {
    Some(match (scalar, value) {
        (Scalar::Bool, DynValue::Bool(value)) => vec![u8::from(*value)],
        (Scalar::Float32, DynValue::Float32(value)) => value.to_le_bytes().to_vec(),
        (Scalar::Float64, DynValue::Float64(value)) => value.to_le_bytes().to_vec(),
        (integer, DynValue::Int(value)) => {
            let (least, greatest) = integer.integer_range()?;
            (least..=greatest).contains(value).then(|| value.to_le_bytes()[..integer.size() as usize].to_vec())?
        }
        _ => return None,
    })
}

fn members<'v>(class: &Class, value: &'v DynValue) -> Result<&'v [Option<DynValue>], ValueError> {
    match value {
        DynValue::Class(values) if values.len() == class.members.len() => Ok(values),
        other => Err(kind(&class.name, other)),
    }
}

fn kind(expected: &str, found: &DynValue) -> ValueError {
    let found = match found {
        DynValue::Bool(_) => "a bool",
        DynValue::Int(_) => "an integer that it does not hold",
        DynValue::Float32(_) => "a float32",
        DynValue::Float64(_) => "a float64",
        DynValue::Text(_) => "a text",
        DynValue::Bytes(_) => "bytes",
        DynValue::List(_) => "a list",
        DynValue::Class(_) => "a class with other members",
    };
    Problem::Kind { expected: expected.to_owned(), found }.into()
}
