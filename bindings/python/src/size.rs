//! [`Dims`]: the size of an array, from the bytes of a fixed part. Names are resolved once, to offsets.

use ipc_schema::expr::{BinaryOp, Expr, operand};
use ipc_schema::model::{Class, Dim, Member, Number, Scalar, Schema, Type};
use ipc_schema::wire::{self, WireError};
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::Refusal;
use crate::scalars;

/// The dimensions of an array.
#[derive(Debug)]
pub(crate) struct Dims {
    pub(crate) sizes: Vec<Size>,
    /// As errors show them: `(n*n) × 2`.
    text: String,
    /// The members that they name, each once.
    operands: Vec<Operand>,
}

/// A dimension.
#[derive(Debug)]
pub(crate) enum Size {
    Constant(u64),
    /// The value of an operand.
    Member(usize),
    Binary(BinaryOp, Box<Size>, Box<Size>),
}

/// A member that dimensions name.
#[derive(Debug)]
pub(crate) struct Operand {
    /// Its path, dotted through nested classes.
    pub(crate) name: String,
    /// Where it stands in the fixed part.
    offset: usize,
    scalar: Scalar,
    /// What a reader enforces before it calculates.
    max: Option<i128>,
}

impl Dims {
    /// The dimensions of a member of `class`.
    pub(crate) fn of(schema: &Schema, class: &Class, member: &Member) -> Self {
        let mut dims = Self { sizes: Vec::new(), text: String::new(), operands: Vec::new() };
        dims.text = member.dims.iter().map(Dim::canonical).collect::<Vec<_>>().join(" × ");
        for dim in &member.dims {
            let size = match dim {
                Dim::Constant { value, .. } => Size::Constant(*value),
                Dim::Expr { expr, .. } => dims.size(schema, class, expr),
            };
            dims.sizes.push(size);
        }
        dims
    }

    fn size(&mut self, schema: &Schema, class: &Class, expr: &Expr) -> Size {
        match expr {
            Expr::Literal(value) => Size::Constant(*value),
            Expr::Binary(op, left, right) => {
                let left = Box::new(self.size(schema, class, left));
                Size::Binary(*op, left, Box::new(self.size(schema, class, right)))
            }
            Expr::Member(path) => {
                let operand = operand_at(schema, class, path, 0, path.join("."));
                let known = self.operands.iter().position(|known| known.name == operand.name);
                Size::Member(known.unwrap_or_else(|| {
                    self.operands.push(operand);
                    self.operands.len() - 1
                }))
            }
        }
    }

    /// The members that they name.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.operands.iter()
    }

    /// The `max` of every member that they name, which a reader enforces before it calculates with them.
    pub(crate) fn check_limits(&self, body: &[u8]) -> Result<(), Refusal> {
        for operand in &self.operands {
            let value = operand.value(body);
            if let Some(max) = operand.max.filter(|max| value > *max) {
                let refusal = Refusal::new(format!("expected a value up to {max}, found {value}"));
                return Err(refusal.inside(&operand.name));
            }
        }
        Ok(())
    }

    /// Number of elements.
    pub(crate) fn count(&self, body: &[u8]) -> Result<u64, Refusal> {
        let mut values = [1; MAX_DIMS];
        self.shape(body, &mut values)?;
        wire::element_count(&values[..self.sizes.len()]).map_err(|why| self.no_size(why, body))
    }

    /// The value of each dimension.
    pub(crate) fn shape(&self, body: &[u8], values: &mut [u64; MAX_DIMS]) -> Result<(), Refusal> {
        for (value, size) in values.iter_mut().zip(&self.sizes) {
            *value = self.eval(size, body).map_err(|why| self.no_size(why, body))?;
        }
        Ok(())
    }

    fn eval(&self, size: &Size, body: &[u8]) -> Result<u64, WireError> {
        match size {
            Size::Constant(value) => Ok(*value),
            Size::Member(index) => Ok(operand(self.operands[*index].value(body))?),
            Size::Binary(op, left, right) => Ok(op.apply(self.eval(left, body)?, self.eval(right, body)?)?),
        }
    }

    /// Compares the number of elements that there are with what the dimensions say.
    pub(crate) fn check_count(&self, expected: u64, found: u64, body: &[u8]) -> Result<(), Refusal> {
        if expected == found {
            return Ok(());
        }
        let because = if self.operands.is_empty() {
            String::new()
        } else {
            format!(", because its size is {}", self.text_with_values(body))
        };
        Err(Refusal::new(format!("expected {expected} elements{because}, found {found}")))
    }

    /// Compares the shape of an array of several dimensions with theirs: one that is transposed is a mistake. A flat one, of
    /// as many elements, is none.
    pub(crate) fn check_shape(&self, value: &Bound<'_, PyAny>, body: &[u8]) -> Result<(), Refusal> {
        let Ok(array) = value.cast::<PyUntypedArray>() else { return Ok(()) };
        if self.sizes.len() < 2 || array.ndim() < 2 {
            return Ok(());
        }
        let mut shape = [0; MAX_DIMS];
        self.shape(body, &mut shape)?;
        let (expected, found) = (&shape[..self.sizes.len()], array.shape());
        if found.iter().map(|dim| *dim as u64).eq(expected.iter().copied()) {
            return Ok(());
        }
        Err(Refusal::new(format!("expected an array of shape {expected:?}, found one of shape {found:?}")))
    }

    #[cold]
    fn no_size(&self, why: WireError, body: &[u8]) -> Refusal {
        Refusal::new(format!("its size is {}: {why}", self.text_with_values(body)))
    }

    fn text_with_values(&self, body: &[u8]) -> String {
        let values = self.operands.iter().map(|operand| format!("{} = {}", operand.name, operand.value(body)));
        format!("{} with {}", self.text, values.collect::<Vec<_>>().join(", "))
    }
}

impl Size {
    /// Its value, if it is a constant.
    pub(crate) fn constant(&self) -> Option<u64> {
        if let Self::Constant(value) = self { Some(*value) } else { None }
    }
}

impl Operand {
    fn value(&self, body: &[u8]) -> i128 {
        scalars::integer(self.scalar, &body[self.offset..])
    }
}

fn operand_at(schema: &Schema, class: &Class, path: &[String], base: u32, name: String) -> Operand {
    let found = path.split_first().and_then(|(first, rest)| Some((class.member(first)?, rest)));
    let (member, rest) = found.expect("the model's checks: a size names members that are there");
    let offset = base + member.place.expect("the model's checks: a size names fixed members").offset;
    match member.ty {
        Type::Class(id) => operand_at(schema, &schema[id], rest, offset, name),
        Type::Scalar(scalar) => {
            let max = member.meaning.max.and_then(|max| if let Number::Int(max) = max { Some(max) } else { None });
            Operand { name, offset: offset as usize, scalar, max }
        }
        _ => unreachable!("the model's checks: a size names integers"),
    }
}

/// The most dimensions of an array that numpy has, in every version.
pub(crate) const MAX_DIMS: usize = 32;
