//! Sizes of arrays as code: the arithmetic, what is checked before it, and what an error tells of it.

use super::names::Names;
use super::printer::Printer;
use super::{Dimension, Limit, Operand, Step};
use crate::expr::Expr;
use crate::model::{self, Dim, Number, Scalar, Value};
use crate::wire;

impl Printer<'_> {
    pub(super) fn dimension(&self, number: usize, dim: &Dim, names: &Names<'_>) -> Dimension {
        let literal = |value: u64| self.language.number(Scalar::Uint64, Number::Int(value.into()));
        let expr = match dim {
            Dim::Constant { value, .. } => {
                let code = literal(*value);
                return Dimension { value: Some(*value), result: code.clone(), code, steps: Vec::new() };
            }
            Dim::Expr { expr, .. } => expr,
        };
        let mut steps = Vec::new();
        let result = self.steps(expr, number, names, &mut steps);
        Dimension { value: None, code: self.code(expr, names), steps, result }
    }

    pub(super) fn code(&self, expr: &Expr, names: &Names<'_>) -> String {
        match expr {
            Expr::Literal(value) => self.language.number(Scalar::Uint64, Number::Int((*value).into())),
            Expr::Member(path) => self.language.size_operand(&self.path(path, names), self.named(names.class, path).1),
            Expr::Binary(op, left, right) => {
                self.language.operation(*op, &self.code(left, names), &self.code(right, names))
            }
        }
    }

    /// The name or literal of the result.
    pub(super) fn steps(&self, expr: &Expr, number: usize, names: &Names<'_>, steps: &mut Vec<Step>) -> String {
        let code = match expr {
            Expr::Literal(value) => return self.language.number(Scalar::Uint64, Number::Int((*value).into())),
            Expr::Member(_) => self.code(expr, names),
            Expr::Binary(op, left, right) => {
                let left = self.steps(left, number, names, steps);
                let right = self.steps(right, number, names, steps);
                self.language.operation(*op, &left, &right)
            }
        };
        let name = format!("d{number}_{}", steps.len());
        steps.push(Step { name: name.clone(), code });
        name
    }

    pub(super) fn path(&self, path: &[String], names: &Names<'_>) -> String {
        let inner = path[1..].iter().map(|name| names.member(name));
        let parts: Vec<_> = std::iter::once(names.local(&path[0])).chain(inner).collect();
        self.language.operand(&parts)
    }

    pub(super) fn operand(&self, class: &model::Class, path: &[String], names: &Names<'_>) -> Operand {
        Operand {
            path: path.join("."),
            names: path.iter().map(|name| names.member(name)).collect(),
            code: self.path(path, names),
            scalar: self.named(class, path).1.name(),
        }
    }

    /// The `max` of everything that is named, by member of the class and then in order of appearance in the class.
    pub(super) fn limits(&self, class: &model::Class, paths: &[&[String]], names: &Names<'_>) -> Vec<Limit> {
        let mut all: Vec<&[String]> = Vec::new();
        for path in class.members.iter().flat_map(operands) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
        let of_member = |member: &model::Member| {
            all.iter().copied().filter(|path| path[0] == member.name && paths.contains(path)).collect::<Vec<_>>()
        };
        let limit = |path: &[String]| {
            let (member, scalar) = self.named(class, path);
            let Some(Number::Int(max)) = member.meaning.max else { return None };
            let can_fail = scalar.integer_range().is_none_or(|(_, greatest)| greatest != max);
            Some(Limit {
                path: path.join("."),
                code: self.path(path, names),
                scalar: scalar.name(),
                max: can_fail.then(|| self.language.number(scalar, Number::Int(max))),
                max_text: max.to_string(),
            })
        };
        class.members.iter().flat_map(of_member).filter_map(limit).collect()
    }

    /// The integer member that a path names.
    pub(super) fn named<'a>(&'a self, class: &'a model::Class, path: &[String]) -> (&'a model::Member, Scalar) {
        let position = class.members.iter().position(|member| member.name == path[0]).unwrap_or(0);
        let member = &class.members[position];
        match member.ty {
            model::Type::Class(id) if path.len() > 1 => self.named(&self.schema[id], &path[1..]),
            model::Type::Scalar(scalar) => (member, scalar),
            _ => (member, Scalar::Uint64),
        }
    }

    /// Elements of a new value, by the defaults of what its size names; 0 where that has no value.
    pub(super) fn default_count(&self, class: &model::Class, member: &model::Member) -> u64 {
        let dims: Option<Vec<u64>> = member
            .dims
            .iter()
            .map(|dim| match dim {
                Dim::Constant { value, .. } => Some(*value),
                Dim::Expr { expr, .. } => expr
                    .eval(&|path| match self.named(class, path).0.default {
                        Some(Value::Number(Number::Int(value))) => Some(value),
                        _ => Some(0),
                    })
                    .ok(),
            })
            .collect();
        let count = dims.and_then(|dims| wire::element_count(&dims).ok());
        count.filter(|count| *count <= u32::MAX.into()).unwrap_or(0)
    }
}

/// The paths that a member's size names, each once.
pub(super) fn operands(member: &model::Member) -> Vec<&[String]> {
    let mut paths: Vec<&[String]> = Vec::new();
    for dim in &member.dims {
        if let Dim::Expr { expr, .. } = dim {
            expr.visit_members(&mut |path| {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            });
        }
    }
    paths
}
