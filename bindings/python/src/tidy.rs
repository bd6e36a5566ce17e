//! What numpy may leave in a frame and the wire rules do not: padding between the members of a record, which it copies with
//! them or not, and bools that are neither 0 nor 1.

use ipc_schema::model::Scalar;
use ipc_schema::wire;

use crate::errors::Refusal;
use crate::locate::{align, locate};
use crate::plan::{ArrayElem, Content, Elem, Place, Plan};
use crate::write::Target;

/// Tidies a frame that is complete.
pub(crate) fn tidy(plan: &Plan, body: Target) -> Result<(), Refusal> {
    if !plan.untidy {
        return Ok(());
    }
    let spans = if plan.fixed { Box::default() } else { locate(plan, body.bytes())? };
    for member in plan.members.iter().filter(|member| member.is_present(body.bytes())) {
        let part = body.part(match &member.place {
            Place::Fixed(place) => place.clone(),
            Place::Region { index, .. } => spans[*index].range(),
        });
        match &member.content {
            Content::Class(plan) => tidy(plan, part)?,
            Content::Sequence { elem: Elem::Class(plan), .. } if plan.fixed => {
                each(part, plan.size, |part| tidy(plan, part))?;
            }
            Content::Sequence { elem: Elem::Class(plan), dims } if plan.untidy => {
                let count = dims.count(body.bytes())?;
                for index in 0..count {
                    let span = wire::read_body(part.bytes(), count, align(&Elem::Class(plan.clone())), index)?;
                    tidy(plan, part.part(span.range()))?;
                }
            }
            content => tidy_content(content, part),
        }
    }
    Ok(())
}

/// Tidies a record of an array of numpy.
fn tidy_record(plan: &Plan, record: Target) {
    plan.gaps.iter().for_each(|gap| record.part(gap.clone()).zero());
    for member in &plan.members {
        let Place::Fixed(place) = &member.place else { continue };
        tidy_content(&member.content, record.part(place.clone()));
    }
}

fn tidy_content(content: &Content, part: Target) {
    match content {
        Content::Scalar(Scalar::Bool) | Content::Array { elem: ArrayElem::Scalar(Scalar::Bool), .. } => {
            for at in 0..part.bytes().len() {
                if part.bytes()[at] > 1 {
                    part.part(at..at + 1).put(&[1]);
                }
            }
        }
        Content::Class(plan) => tidy_record(plan, part),
        Content::Array { elem: ArrayElem::Class(plan), .. } if plan.is_untidy_record() => {
            let tidied = each(part, plan.size, |part| {
                tidy_record(plan, part);
                Ok(())
            });
            debug_assert!(tidied.is_ok());
        }
        _ => {}
    }
}

fn each(part: Target, size: u32, tidy: impl Fn(Target) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let size = size as usize;
    let count = part.bytes().len() / size;
    (0..count).try_for_each(|index| tidy(part.part(index * size..(index + 1) * size)))
}
