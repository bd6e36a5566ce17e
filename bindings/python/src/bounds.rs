//! `min` and `max` of every member of a frame: what writers enforce when they publish, and readers when they are asked to.

use ipc_schema::model::{Number, Scalar};
use ipc_schema::wire;

use crate::errors::Refusal;
use crate::locate::{align, check_max, locate};
use crate::plan::{ArrayElem, Content, Elem, MemberPlan, Place, Plan};
use crate::scalars;

/// Checks a body, member by member.
pub(crate) fn check(plan: &Plan, body: &[u8]) -> Result<(), Refusal> {
    if !plan.bounded {
        return Ok(());
    }
    let spans = locate(plan, body)?;
    for member in plan.members.iter().filter(|member| member.is_present(body)) {
        let bytes = match &member.place {
            Place::Fixed(place) => &body[place.clone()],
            Place::Region { index, .. } => &body[spans[*index].range()],
        };
        check_member(member, body, bytes).map_err(|error| error.inside(&member.name))?;
    }
    Ok(())
}

fn check_member(member: &MemberPlan, body: &[u8], bytes: &[u8]) -> Result<(), Refusal> {
    let is_bounded = member.min.is_some() || member.max.is_some();
    match &member.content {
        Content::Scalar(scalar) => within(number(*scalar, bytes), member),
        Content::Text | Content::Bytes => check_max(member.max, bytes.len() as u32),
        Content::Class(plan) => check(plan, bytes),
        Content::Array { elem: ArrayElem::Scalar(scalar), elem_size, .. } if is_bounded => {
            each(bytes, *elem_size, |bytes| within(number(*scalar, bytes), member))
        }
        Content::Array { elem: ArrayElem::Class(plan), elem_size, .. } if plan.bounded => {
            each(bytes, *elem_size, |bytes| check(plan, bytes))
        }
        Content::Array { .. } => Ok(()),
        Content::Sequence { elem: Elem::Class(plan), .. } if !plan.bounded => Ok(()),
        Content::Sequence { elem: Elem::Class(plan), .. } if plan.fixed => {
            each(bytes, plan.size, |bytes| check(plan, bytes))
        }
        Content::Sequence { elem, dims } => {
            let (mut index, mut outcome) = (0, Ok(()));
            wire::read_bodies(bytes, dims.count(body)?, align(elem), |span| {
                if outcome.is_ok() {
                    let checked = match elem {
                        Elem::Class(plan) => check(plan, &bytes[span.range()]),
                        Elem::Text | Elem::Bytes => check_max(member.max, span.len()),
                    };
                    outcome = checked.map_err(|error| error.at(index));
                }
                index += 1;
            })?;
            outcome
        }
    }
}

fn each(bytes: &[u8], size: u32, check: impl Fn(&[u8]) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let mut elements = bytes.chunks_exact(size as usize).enumerate();
    elements.try_for_each(|(index, bytes)| check(bytes).map_err(|error| error.at(index)))
}

fn number(scalar: Scalar, bytes: &[u8]) -> Number {
    match scalars::float(scalar, bytes) {
        Some(float) => Number::Float(float),
        None => Number::Int(scalars::integer(scalar, bytes)),
    }
}

/// A NaN lies within no bounds.
fn within(number: Number, member: &MemberPlan) -> Result<(), Refusal> {
    let not_above = |a: Number, b: Number| match (a, b) {
        (Number::Int(a), Number::Int(b)) => a <= b,
        (Number::Float(a), Number::Float(b)) => a <= b,
        (Number::Int(a), Number::Float(b)) => a as f64 <= b,
        (Number::Float(a), Number::Int(b)) => a <= b as f64,
    };
    let is_within =
        member.min.is_none_or(|min| not_above(min, number)) && member.max.is_none_or(|max| not_above(number, max));
    if is_within {
        return Ok(());
    }
    let text = |number| match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => value.to_string(),
    };
    let min = member.min.map(|min| format!(" from {}", text(min))).unwrap_or_default();
    let max = member.max.map(|max| format!(" up to {}", text(max))).unwrap_or_default();
    Err(Refusal::new(format!("expected a value{min}{max}, found {}", text(number))))
}
