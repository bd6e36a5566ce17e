//! Where the regions of a body are, by the wire rules: everything that decides where something is is checked here, once.

use ipc_schema::model::Number;
use ipc_schema::wire::{self, Regions, Span, WireError};

use crate::errors::Refusal;
use crate::plan::{Content, Elem, MemberPlan, Place, Plan};

/// The place of each region of a body, in the order of the members.
pub(crate) fn locate(plan: &Plan, body: &[u8]) -> Result<Box<[Span]>, Refusal> {
    let mut regions = Regions::within(plan.size, body.len() as u64)?;
    let mut spans = Vec::with_capacity(plan.regions);
    for member in &plan.members {
        if let Some(dims) = member.dims()
            && member.is_present(body)
        {
            dims.check_limits(body)?;
        }
        let span = check_member(member, body, &mut regions).map_err(|error| error.inside(&member.name))?;
        spans.extend(span);
    }
    regions.finish()?;
    Ok(spans.into_boxed_slice())
}

/// Checks a member, and gives the place of its region if it has one.
fn check_member(member: &MemberPlan, body: &[u8], regions: &mut Regions) -> Result<Option<Span>, Refusal> {
    let Place::Region { length_at, .. } = member.place else {
        return Ok(None);
    };
    let present = member.is_present(body);
    let count = match &member.content {
        Content::Array { dims, .. } | Content::Sequence { dims, .. } if present => dims.count(body)?,
        _ => 0,
    };
    let len_bytes = match (length_at, &member.content) {
        (Some(at), _) => {
            let len = wire::read_u32(body, at);
            if !present && len > 0 {
                return Err(WireError::AbsentHasLength { found: len }.into());
            }
            len.into()
        }
        (None, Content::Array { elem_size, .. }) => wire::elements_len(count, *elem_size)?,
        (None, Content::Sequence { elem: Elem::Class(plan), .. }) => wire::elements_len(count, plan.size)?,
        (None, _) => unreachable!("rule 2: only arrays of fixed elements leave no length"),
    };
    let span = regions.next(len_bytes)?;
    if let Content::Text | Content::Bytes = member.content {
        check_max(member.max, span.len())?;
    }
    if present {
        check_region(member, &body[span.range()], count)?;
    }
    Ok(Some(span))
}

/// Checks what is inside of a region.
fn check_region(member: &MemberPlan, region: &[u8], count: u64) -> Result<(), Refusal> {
    match &member.content {
        Content::Class(plan) => locate(plan, region).map(drop),
        Content::Sequence { elem: Elem::Class(plan), .. } if plan.fixed => Ok(()),
        Content::Sequence { elem, .. } => {
            let (mut index, mut outcome) = (0, Ok(()));
            wire::read_bodies(region, count, align(elem), |span| {
                if outcome.is_ok() {
                    let checked = match elem {
                        Elem::Class(plan) => locate(plan, &region[span.range()]).map(drop),
                        Elem::Text | Elem::Bytes => check_max(member.max, span.len()),
                    };
                    outcome = checked.map_err(|error| error.at(index));
                }
                index += 1;
            })?;
            outcome
        }
        _ => Ok(()),
    }
}

/// Alignment of the bodies of such elements.
pub(crate) fn align(elem: &Elem) -> u32 {
    wire::body_align(matches!(elem, Elem::Class(_)))
}

/// Checks the `max` of a text or bytes.
pub(crate) fn check_max(max: Option<Number>, len: u32) -> Result<(), Refusal> {
    match max {
        Some(Number::Int(max)) if i128::from(len) > max => {
            Err(Refusal::new(format!("expected at most {max} bytes (its max), found {len}")))
        }
        _ => Ok(()),
    }
}
