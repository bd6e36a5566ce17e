//! Which members a size expression may name, and why it may not name others.

use std::collections::HashMap;

use super::Checker;
use crate::expr::ExprError;
use crate::model::{Member, Type};
use crate::parse::RawClass;

/// A member's place in its class, and what stands before it.
#[derive(Clone, Copy)]
pub(super) struct Before<'c, 'r> {
    pub(super) class: &'r RawClass,
    pub(super) index: usize,
    /// The members before it, as far as they are sound.
    pub(super) members: &'c [Option<Member>],
    /// Every member of the class by its name.
    pub(super) positions: &'c HashMap<&'r str, usize>,
}

/// Which members may stand in a size.
pub(super) struct SizeMembers<'c, 'r, 'd> {
    pub(super) checker: &'c Checker<'r, 'd>,
    /// The member whose size it is.
    pub(super) place: Before<'c, 'r>,
}

impl SizeMembers<'_, '_, '_> {
    pub(super) fn check(&self, path: &[String], range: std::ops::Range<usize>) -> Result<(), ExprError> {
        let refuse = |message: String, help: Option<String>| Err(ExprError { range: range.clone(), message, help });
        let first = &path[0];
        let Some(position) = self.place.positions.get(first.as_str()).copied() else {
            // A member or a constant that could not be read may have this name.
            if !self.place.class.is_whole || self.checker.diagnostics.names_missing {
                return Ok(());
            }
            let help = self.checker.diagnostics.suggest(first, || {
                let mut constants: Vec<&str> = self.checker.constants.keys().copied().collect();
                constants.sort_unstable();
                self.place.class.members[..self.place.index]
                    .iter()
                    .map(|member| member.name.value.as_str())
                    .chain(constants)
            });
            return refuse(format!("`{first}` is neither an earlier member nor a constant"), help);
        };
        if position >= self.place.index {
            let help = "a size names members that stand before the array: move it up".to_owned();
            return refuse(format!("the member `{first}` is declared after it is needed"), Some(help));
        }
        // An unsound member has its own error.
        let Some(mut member) = self.place.members[position].as_ref() else { return Ok(()) };
        let mut raw_optional = self.place.class.members[position].optional;
        for (step, name) in path.iter().enumerate() {
            let so_far = path[..=step].join(".");
            if raw_optional {
                return refuse(format!("`{so_far}` is optional, and a size needs a value that is always there"), None);
            }
            if !member.dims.is_empty() {
                return refuse(format!("`{so_far}` is an array, and a size needs one number"), None);
            }
            debug_assert_eq!(*name, member.name);
            match (member.ty, path.get(step + 1)) {
                (Type::Scalar(scalar), None) if scalar.is_integer() => return Ok(()),
                (Type::Class(id), Some(next)) => {
                    let class = &self.checker.schema[id];
                    if !class.layout.fixed {
                        let message = format!("`{so_far}` is of the variable class `{}`", class.name);
                        return refuse(message, Some("a size reaches into fixed classes only".to_owned()));
                    }
                    let Some(inner) = class.member(next) else {
                        let names = || class.members.iter().map(|member| member.name.as_str());
                        let help = self.checker.diagnostics.suggest(next, names);
                        return refuse(format!("the class `{}` has no member `{next}`", class.name), help);
                    };
                    raw_optional = inner.presence_bit.is_some();
                    member = inner;
                }
                (ty, next) => {
                    let name = self.checker.schema.type_name(ty);
                    return match next {
                        Some(next) => {
                            refuse(format!("`{so_far}` is of type {name}, which has no member `{next}`"), None)
                        }
                        None => {
                            refuse(format!("`{so_far}` is of type {name}, and a size needs one of int8 … uint64"), None)
                        }
                    };
                }
            }
        }
        Ok(())
    }
}
