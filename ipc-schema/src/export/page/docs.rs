//! What a description says of a member, as lines of a comment.

use crate::model::{self, Dim};

/// All of it, in one order.
pub(super) fn docs(member: &model::Member) -> Vec<String> {
    let mut docs = lines(member.meaning.comment.as_deref());
    docs.extend(
        member
            .meaning
            .unit
            .as_ref()
            .filter(|unit| !unit.is_empty())
            .map(|unit| format!("Unit: {}.", lines(Some(unit)).join(" "))),
    );
    for line in lines(member.elem_meaning.comment.as_deref()) {
        docs.push(format!("Each element: {line}"));
    }
    let elem_unit = member.elem_meaning.unit.as_ref().filter(|unit| !unit.is_empty());
    docs.extend(elem_unit.map(|unit| format!("Unit of each element: {}.", lines(Some(unit)).join(" "))));
    if !member.dims.is_empty() {
        let dims: Vec<_> = member.dims.iter().map(Dim::canonical).collect();
        docs.push(format!("Size: {}.", dims.join(" × ")));
    }
    let meaning = if member.dims.is_empty() { &member.meaning } else { &member.elem_meaning };
    let unit = if matches!(member.ty, model::Type::String | model::Type::Bytes) { " bytes" } else { "" };
    let bounds =
        [meaning.min.map(|min| format!("at least {min}")), meaning.max.map(|max| format!("at most {max}{unit}"))];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    if !bounds.is_empty() {
        docs.push(format!("Bounds: {}.", bounds.join(", ")));
    }
    docs.extend(member.since.as_ref().map(|since| format!("Since {}.", lines(Some(since)).join(" "))));
    docs.extend(member.deprecated.as_ref().map(|why| format!("Deprecated: {}", lines(Some(why)).join(" "))));
    docs
}

/// Lines without what would not show, and without empty ones.
pub(super) fn lines(text: Option<&str>) -> Vec<String> {
    let shown =
        |line: &str| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
    text.unwrap_or_default()
        .split(['\n', '\u{2028}', '\u{2029}', '\r'])
        .map(shown)
        .filter(|line| !line.is_empty())
        .collect()
}
