//! The bytes of a frame to a value.

use super::encode::within;
use super::{DynValue, Problem, ValueError};
use crate::expr::Expr;
use crate::model::{Class, Dim, Meaning, Member, Number, PlaceKind, Scalar, Schema, Type};
use crate::wire::{self, Regions, Shape, WireError};

/// The value of a frame.
///
/// Any bytes give a value or an error. Like every reader it enforces `max` of dimensions and lengths before it computes
/// with them, and leaves all other bounds to [`check_bounds`](super::check_bounds).
pub fn decode(schema: &Schema, class: &Class, frame: &[u8]) -> Result<DynValue, ValueError> {
    Decoder { schema }.body(class, frame)
}

struct Decoder<'s> {
    schema: &'s Schema,
}

impl Decoder<'_> {
    fn body(&self, class: &Class, body: &[u8]) -> Result<DynValue, ValueError> {
        let mut regions = Regions::within(class.layout.size, body.len() as u64)?;
        let mut values = Vec::with_capacity(class.members.len());
        for member in &class.members {
            let value = self.member(class, member, body, &mut regions);
            values.push(value.map_err(|error| error.inside(&member.name))?);
        }
        regions.finish()?;
        Ok(DynValue::Class(values))
    }

    fn member(
        &self,
        class: &Class,
        member: &Member,
        body: &[u8],
        regions: &mut Regions,
    ) -> Result<Option<DynValue>, ValueError> {
        let present = is_present(class, member, body);
        let shape = self.schema.shape(member.ty);
        let count = if present { self.count(class, member, body)? } else { 0 };
        let bytes = match (member.place, shape) {
            (Some(place), _) if place.kind == PlaceKind::Value => {
                &body[place.offset as usize..(place.offset + place.size) as usize]
            }
            (Some(place), _) => {
                let len = wire::read_u32(body, place.offset as usize);
                if !present && len > 0 {
                    return Err(WireError::AbsentHasLength { found: len }.into());
                }
                self.length(member, len)?;
                &body[regions.next(len.into())?.range()]
            }
            (None, Shape::Fixed { size, .. }) => &body[regions.next(wire::elements_len(count, size)?)?.range()],
            (None, Shape::Variable) => unreachable!("rule 2: a variable element leaves a hidden length"),
        };
        if !present {
            return Ok(None);
        }
        if member.dims.is_empty() {
            return self.value(member.ty, bytes).map(Some);
        }
        let items = match shape {
            Shape::Fixed { size, .. } => {
                let items = bytes.chunks_exact(size as usize).enumerate();
                items.map(|(index, bytes)| self.element(member, index, bytes)).collect::<Result<_, _>>()?
            }
            Shape::Variable => {
                let align = wire::body_align(matches!(member.ty, Type::Class(_)));
                let mut spans = Vec::new();
                wire::read_bodies(bytes, count, align, |span| spans.push(span))?;
                let items = spans.into_iter().enumerate();
                items
                    .map(|(index, span)| self.element(member, index, &bytes[span.range()]))
                    .collect::<Result<_, _>>()?
            }
        };
        Ok(Some(DynValue::List(items)))
    }

    fn element(&self, member: &Member, index: usize, bytes: &[u8]) -> Result<DynValue, ValueError> {
        let checked = match member.ty {
            Type::String | Type::Bytes => max_of(&member.elem_meaning, bytes.len() as i128),
            _ => Ok(()),
        };
        checked.and_then(|()| self.value(member.ty, bytes)).map_err(|error| error.inside(format!("[{index}]")))
    }

    /// `max` of a string or bytes that is no element.
    fn length(&self, member: &Member, len: u32) -> Result<(), ValueError> {
        match member.ty {
            Type::String | Type::Bytes if member.dims.is_empty() => max_of(&member.meaning, len.into()),
            _ => Ok(()),
        }
    }

    fn value(&self, ty: Type, bytes: &[u8]) -> Result<DynValue, ValueError> {
        Ok(match ty {
            Type::Scalar(scalar) => self::scalar(scalar, bytes),
            Type::Enum(id) => self::scalar(self.schema[id].base, bytes),
            Type::Bytes => DynValue::Bytes(bytes.to_vec()),
            Type::String => match std::str::from_utf8(bytes) {
                Ok(text) => DynValue::Text(text.to_owned()),
                Err(error) => return Err(Problem::Utf8(error.valid_up_to()).into()),
            },
            Type::Class(id) => self.body(&self.schema[id], bytes)?,
        })
    }

    /// Number of elements; 1 for a member that is no array.
    fn count(&self, class: &Class, member: &Member, body: &[u8]) -> Result<u64, ValueError> {
        let mut dims = Vec::with_capacity(member.dims.len());
        for dim in &member.dims {
            dims.push(match dim {
                Dim::Constant { value, .. } => *value,
                Dim::Expr { expr, .. } => self.size(class, expr, body)?,
            });
        }
        Ok(wire::element_count(&dims)?)
    }

    fn size(&self, class: &Class, expr: &Expr, body: &[u8]) -> Result<u64, ValueError> {
        let mut checked = Ok(());
        expr.visit_members(&mut |path| {
            if let (Some((value, member)), Ok(())) = (self.integer(class, path, body), &checked) {
                checked = max_of(&member.meaning, value).map_err(|error| error.inside(path.join(".")));
            }
        });
        checked?;
        let lookup = |path: &[String]| self.integer(class, path, body).map(|(value, _)| value);
        Ok(expr.eval(&lookup).map_err(WireError::Size)?)
    }

    /// Value of a member that a size names, and the member.
    fn integer<'a>(&'a self, class: &'a Class, path: &[String], body: &[u8]) -> Option<(i128, &'a Member)> {
        let (first, rest) = path.split_first()?;
        let member = class.member(first)?;
        let place = member.place?;
        let bytes = body.get(place.offset as usize..(place.offset + place.size) as usize)?;
        match member.ty {
            Type::Class(id) => self.integer(&self.schema[id], rest, bytes),
            Type::Scalar(scalar) => match self::scalar(scalar, bytes) {
                DynValue::Int(value) => Some((value, member)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn is_present(class: &Class, member: &Member, body: &[u8]) -> bool {
    match (member.presence_bit, class.layout.presence) {
        (Some(bit), Some((presence, _))) => {
            let (byte, mask) = wire::presence_bit(bit);
            body[(presence + byte) as usize] & mask != 0
        }
        _ => true,
    }
}

fn max_of(meaning: &Meaning, value: i128) -> Result<(), ValueError> {
    within(Number::Int(value), None, meaning.max)
}

/// The scalar in exactly its bytes.
fn scalar(scalar: Scalar, bytes: &[u8]) -> DynValue {
    let mut low = [0; 8];
    low[..bytes.len()].copy_from_slice(bytes);
    let unsigned = u64::from_le_bytes(low);
    match scalar {
        Scalar::Bool => DynValue::Bool(unsigned != 0),
        Scalar::Float32 => DynValue::Float32(f32::from_bits(unsigned as u32)),
        Scalar::Float64 => DynValue::Float64(f64::from_bits(unsigned)),
        Scalar::Int8 => DynValue::Int((unsigned as i8).into()),
        Scalar::Int16 => DynValue::Int((unsigned as i16).into()),
        Scalar::Int32 => DynValue::Int((unsigned as i32).into()),
        Scalar::Int64 => DynValue::Int((unsigned as i64).into()),
        Scalar::Uint8 | Scalar::Uint16 | Scalar::Uint32 | Scalar::Uint64 | Scalar::Char => {
            DynValue::Int(unsigned.into())
        }
    }
}
