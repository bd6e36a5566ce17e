//! Size expressions over the bytes of a fixed part: names are resolved once, to offsets.

use ipc_schema::expr::{BinaryOp, Expr, operand};
use ipc_schema::model::{Class, Dim, Number, Scalar, Schema, Type};
use ipc_schema::value::Problem;
use ipc_schema::wire::WireError;

use crate::errors::Refusal;
use crate::scalars;

/// A dimension of an array.
#[derive(Debug)]
pub(crate) enum Size {
    /// A constant.
    Constant(u64),
    /// The value of a member.
    Member {
        /// Where it stands in the fixed part.
        offset: usize,
        scalar: Scalar,
        /// What a reader enforces before it calculates.
        max: Option<i128>,
        name: String,
    },
    /// An operation.
    Binary(BinaryOp, Box<Size>, Box<Size>),
}

impl Size {
    /// A dimension of a member of `class`.
    pub(crate) fn of(schema: &Schema, class: &Class, dim: &Dim) -> Self {
        match dim {
            Dim::Constant { value, .. } => Self::Constant(*value),
            Dim::Expr { expr, .. } => Self::of_expr(schema, class, expr),
        }
    }

    fn of_expr(schema: &Schema, class: &Class, expr: &Expr) -> Self {
        match expr {
            Expr::Literal(value) => Self::Constant(*value),
            Expr::Binary(op, left, right) => {
                let side = |side| Box::new(Self::of_expr(schema, class, side));
                Self::Binary(*op, side(left), side(right))
            }
            Expr::Member(path) => Self::of_member(schema, class, path, 0, path.join(".")),
        }
    }

    fn of_member(schema: &Schema, class: &Class, path: &[String], base: u32, name: String) -> Self {
        let found = path.split_first().and_then(|(first, rest)| Some((class.member(first)?, rest)));
        let (member, rest) = found.expect("the model's checks: a size names members that are there");
        let offset = base + member.place.expect("the model's checks: a size names fixed members").offset;
        match member.ty {
            Type::Class(id) => Self::of_member(schema, &schema[id], rest, offset, name),
            Type::Scalar(scalar) => {
                let max = member.meaning.max.and_then(|max| if let Number::Int(max) = max { Some(max) } else { None });
                Self::Member { offset: offset as usize, scalar, max, name }
            }
            _ => unreachable!("the model's checks: a size names integers"),
        }
    }

    /// Its value, if it is a constant.
    pub(crate) fn constant(&self) -> Option<u64> {
        if let Self::Constant(value) = self { Some(*value) } else { None }
    }

    /// Calls `visit` with the name of each member that it is calculated from.
    pub(crate) fn visit_members<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Constant(_) => {}
            Self::Member { name, .. } => visit(name),
            Self::Binary(_, left, right) => {
                left.visit_members(visit);
                right.visit_members(visit);
            }
        }
    }

    /// Its value in a body that begins with a whole fixed part. `max` of every member is checked before.
    pub(crate) fn eval(&self, body: &[u8]) -> Result<u64, Refusal> {
        if let Self::Binary(..) = self {
            self.check_max(body)?;
        }
        self.value(body)
    }

    fn check_max(&self, body: &[u8]) -> Result<(), Refusal> {
        match self {
            Self::Constant(_) => Ok(()),
            Self::Member { offset, scalar, max: Some(max), name } => {
                let value = scalars::integer(*scalar, &body[*offset..]);
                if value <= *max {
                    return Ok(());
                }
                let (found, bound) = (value.to_string(), max.to_string());
                Err(Refusal::from(Problem::Bounds { found, side: "above `max`", bound }).inside(name))
            }
            Self::Member { .. } => Ok(()),
            Self::Binary(_, left, right) => left.check_max(body).and_then(|()| right.check_max(body)),
        }
    }

    fn value(&self, body: &[u8]) -> Result<u64, Refusal> {
        match self {
            Self::Constant(value) => Ok(*value),
            Self::Member { offset, scalar, .. } => {
                self.check_max(body)?;
                Ok(operand(scalars::integer(*scalar, &body[*offset..])).map_err(WireError::Size)?)
            }
            Self::Binary(op, left, right) => {
                Ok(op.apply(left.value(body)?, right.value(body)?).map_err(WireError::Size)?)
            }
        }
    }
}

/// Number of elements of an array with these dimensions.
pub(crate) fn count(dims: &[Size], body: &[u8]) -> Result<u64, Refusal> {
    let mut values = [1; MAX_DIMS];
    for (value, dim) in values.iter_mut().zip(dims) {
        *value = dim.eval(body)?;
    }
    Ok(ipc_schema::wire::element_count(&values[..dims.len()])?)
}

/// The most dimensions of an array that numpy has, in every version.
pub(crate) const MAX_DIMS: usize = 32;
