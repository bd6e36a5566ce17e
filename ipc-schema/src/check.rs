//! From raw declarations to the model: every rule of the class language, each error once and without followers.
//!
//! A class with an error is *unsound*: it gets no entry in the model, and what refers to it is unsound without an error of
//! its own. Since a schema with any error is no schema, unsound classes never leave this module.

mod sizes;

use std::collections::HashMap;

use self::sizes::{Before, SizeMembers};
use crate::bounds;
use crate::expr::{Expr, parse_expr};
use crate::fingerprint::Canonical;
use crate::model::{Class, ClassId, Constant, Dim, Enum, EnumId, Member, Number, Scalar, Schema, Type, Value};
use crate::names::{GENERATED_SUFFIXES, Scope, check_type_name, is_identifier};
use crate::parse::{RawClass, RawDim, RawEnum, RawFile, RawMember};
use crate::source::{Diagnostics, Span, Spanned};
use crate::wire::{Bodies, Extent, FixedPart, Shape};

/// Classes nest at most this deep, so that no description can exhaust the stack of those who walk it.
pub const MAX_NESTING: usize = 64;

/// A computed array of a new value takes at most this many bytes: more is a mistyped default, and would exhaust memory.
const MAX_DEFAULT_BYTES: u64 = 64 << 20;

/// Checks the declarations of all files, imported files first.
pub(crate) fn check(files: &[RawFile], diagnostics: &mut Diagnostics) -> Schema {
    let mut checker = Checker {
        diagnostics,
        schema: Schema { constants: Vec::new(), enums: Vec::new(), classes: Vec::new(), files: Vec::new() },
        constants: HashMap::new(),
        constant_names: Scope::new("a constant"),
        type_names: Scope::new("a type"),
        types: HashMap::new(),
        classes: files.iter().flat_map(|file| &file.classes).collect(),
        states: Vec::new(),
        path: Vec::new(),
    };
    checker.states = vec![State::New; checker.classes.len()];
    checker.declare_constants(files);
    checker.declare_types(files);
    for index in 0..checker.classes.len() {
        checker.class(index, checker.classes[index].name.span);
    }
    checker.schema
}

struct Checker<'r, 'd> {
    diagnostics: &'d mut Diagnostics,
    schema: Schema,
    constants: HashMap<&'r str, u64>,
    constant_names: Scope,
    type_names: Scope,
    types: HashMap<&'r str, Declared>,
    classes: Vec<&'r RawClass>,
    states: Vec<State>,
    /// Classes whose members are being checked, each nested in the one before.
    path: Vec<usize>,
}

/// What a type name stands for.
#[derive(Clone, Copy)]
enum Declared {
    /// `None` if it is unsound.
    Enum(Option<EnumId>),
    /// Index in `Checker::classes`.
    Class(usize),
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    /// How deep it nests, and its id if it is sound.
    Done(usize, Option<ClassId>),
}

impl<'r> Checker<'r, '_> {
    fn declare_constants(&mut self, files: &'r [RawFile]) {
        for constant in files.iter().flat_map(|file| &file.constants) {
            let range = Scalar::Uint64.integer_range().unwrap_or_default();
            let value =
                constant.value.as_ref().and_then(|text| bounds::integer(text, range, "a constant", self.diagnostics));
            let value = value.and_then(|value| u64::try_from(value).ok());
            if self.constant_names.declare(&constant.name, self.diagnostics) {
                // A constant whose value is wrong stands for 1, so that its uses are no further errors.
                self.constants.insert(&constant.name.value, value.unwrap_or(1));
                self.schema.constants.extend(value.map(|value| Constant { name: constant.name.value.clone(), value }));
            }
        }
    }

    fn declare_types(&mut self, files: &'r [RawFile]) {
        let mut class_index = 0;
        for file in files {
            for raw in &file.enums {
                let declared = self.declare_type(&raw.name);
                let id = self.enumeration(raw);
                if declared {
                    self.types.insert(&raw.name.value, Declared::Enum(id));
                }
            }
            for raw in &file.classes {
                if self.declare_type(&raw.name) {
                    self.types.insert(&raw.name.value, Declared::Class(class_index));
                }
                class_index += 1;
            }
        }
        for (index, class) in self.classes.iter().enumerate() {
            // A name that is an error itself has no followers.
            if !matches!(self.types.get(class.name.value.as_str()), Some(Declared::Class(declared)) if *declared == index)
            {
                continue;
            }
            for suffix in GENERATED_SUFFIXES {
                let generated = format!("{}{suffix}", class.name.value);
                if let Some((other, span)) = self.type_names.like(&generated) {
                    let message = format!("`{other}` clashes with the generated type `{generated}`");
                    let help = format!(
                        "a class `C` comes with `CRef`, `CMut` and `CDims`: rename this, or `{}` at {}",
                        class.name.value,
                        self.diagnostics.place(class.name.span)
                    );
                    self.diagnostics.error_help(*span, message, help);
                }
            }
        }
    }

    fn declare_type(&mut self, name: &Spanned<String>) -> bool {
        if let (true, Err(message)) = (is_identifier(&name.value), check_type_name(&name.value)) {
            self.diagnostics.error(name.span, message);
            return false;
        }
        self.type_names.declare(name, self.diagnostics)
    }

    fn enumeration(&mut self, raw: &RawEnum) -> Option<EnumId> {
        let before = self.diagnostics.count();
        let base = raw.base.as_ref().and_then(|base| {
            let scalar = Scalar::from_spelling(&base.value).filter(|scalar| scalar.is_integer());
            if scalar.is_none() {
                let help = self.diagnostics.suggest(&base.value, || {
                    let names = Scalar::BUILT_IN_NAMES.into_iter();
                    names.filter(|name| Scalar::from_spelling(name).is_some_and(Scalar::is_integer))
                });
                let message = format!("expected an integer type as the base of an enum, found `{}`", base.value);
                self.diagnostics.report(base.span, message, help);
            }
            scalar
        });
        let mut names = Scope::new("a value of this enum");
        let mut values: Vec<(String, i128)> = Vec::new();
        let range = base.and_then(Scalar::integer_range).unwrap_or((i128::MIN, i128::MAX));
        let whose = base.map_or("a value", Scalar::name);
        let mut taken: HashMap<i128, &str> = HashMap::new();
        for entry in raw.values.iter().flatten() {
            names.declare(&entry.name, self.diagnostics);
            let Some(text) = &entry.value else { continue };
            let Some(value) = bounds::integer(text, range, whose, self.diagnostics) else { continue };
            if let Some(other) = taken.insert(value, &entry.name.value) {
                let message = format!("`{}` has the same value as `{other}`", entry.name.value);
                self.diagnostics.error_help(text.span, message, "each value of an enum has one name");
            }
            values.push((entry.name.value.clone(), value));
        }
        if raw.values.as_ref().is_some_and(Vec::is_empty) && self.diagnostics.count() == before {
            self.diagnostics.error(raw.name.span, format!("the enum `{}` has no values", raw.name.value));
        }
        let sound = self.diagnostics.count() == before;
        let base = base.filter(|_| sound)?;
        self.schema.enums.push(Enum { name: raw.name.value.clone(), comment: raw.comment.clone(), base, values });
        Some(EnumId(self.schema.enums.len() - 1))
    }

    /// Checks a class unless that is done; `user` is where it is named. `None` if it is unsound.
    fn class(&mut self, index: usize, user: Span) -> Option<ClassId> {
        match self.states[index] {
            State::Done(_, id) => return id,
            State::Open => {
                let start = self.path.iter().position(|open| *open == index).unwrap_or(0);
                let mut names: Vec<_> =
                    self.path[start..].iter().map(|open| &*self.classes[*open].name.value).collect();
                names.push(names[0]);
                let message = format!("a class cannot contain itself: {}", names.join(" → "));
                self.diagnostics.error(user, message);
                return None;
            }
            State::New => {}
        }
        if self.path.len() >= MAX_NESTING {
            self.too_deep(user);
            return None;
        }
        self.states[index] = State::Open;
        self.path.push(index);
        let (class, depth) = self.members(self.classes[index]);
        self.path.pop();
        let class = class.filter(|_| {
            if depth > MAX_NESTING {
                self.too_deep(self.classes[index].name.span);
            }
            depth <= MAX_NESTING
        });
        let id = class.map(|class| {
            self.schema.classes.push(class);
            ClassId(self.schema.classes.len() - 1)
        });
        self.states[index] = State::Done(depth, id);
        id
    }

    fn too_deep(&mut self, span: Span) {
        self.diagnostics.error(span, format!("classes nest more than {MAX_NESTING} deep"));
    }

    /// The class, if it is sound, and how deep it nests.
    fn members(&mut self, raw: &'r RawClass) -> (Option<Class>, usize) {
        let mut depth = 1;
        let mut sound = raw.is_whole;
        let mut names = Scope::new("a member");
        let mut members: Vec<Option<Member>> = Vec::new();
        let mut part = FixedPart::new();
        let mut optional_count = 0;
        let mut positions = HashMap::new();
        for (index, member) in raw.members.iter().enumerate() {
            positions.entry(member.name.value.as_str()).or_insert(index);
        }
        for (index, member) in raw.members.iter().enumerate() {
            sound &= names.declare(&member.name, self.diagnostics) & self.differs_from_constants(&member.name);
            let place = Before { class: raw, index, members: &members, positions: &positions };
            let mut checked = self.member(place, &mut depth);
            if let Some(checked) = &mut checked {
                checked.presence_bit = member.optional.then_some(optional_count);
                (part, checked.place) = part.member(self.schema.shape(checked.ty), checked.extent(), member.optional);
            }
            optional_count += u32::from(member.optional);
            members.push(checked);
        }
        if raw.members.is_empty() && raw.is_whole {
            self.diagnostics.error(raw.name.span, format!("the class `{}` has no members", raw.name.value));
            sound = false;
        }
        let members: Option<Vec<Member>> = members.into_iter().collect();
        let Some(members) = members.filter(|_| sound) else { return (None, depth) };
        let Some(layout) = part.finish() else {
            let message = format!("the fixed part of `{}` reaches 4 GiB", raw.name.value);
            self.diagnostics.error_help(
                raw.name.span,
                message,
                "make its constant arrays smaller, or compute their size",
            );
            return (None, depth);
        };
        let fingerprint = self.fingerprint(raw, &members);
        let class = Class {
            name: raw.name.value.clone(),
            namespace: raw.namespace.clone(),
            comment: raw.comment.clone(),
            since: raw.since.clone(),
            deprecated: raw.deprecated.clone(),
            members,
            layout,
            fingerprint,
        };
        (Some(class), depth)
    }

    fn differs_from_constants(&mut self, name: &Spanned<String>) -> bool {
        let Some((constant, span)) = self.constant_names.like(&name.value) else { return true };
        let message = format!("the member `{}` is named like the constant `{constant}`", name.value);
        let help = format!(
            "sizes could not tell them apart: rename one; the constant stands at {}",
            self.diagnostics.place(*span)
        );
        self.diagnostics.error_help(name.span, message, help);
        false
    }

    fn member(&mut self, place: Before<'_, 'r>, depth: &mut usize) -> Option<Member> {
        let raw = &place.class.members[place.index];
        let ty = raw.ty.as_ref().and_then(|name| self.resolve(name, depth));
        let before = self.diagnostics.count();
        let mut dims = Some(Vec::new()).filter(|_| raw.dims.as_ref().is_none_or(|dims| !dims.is_empty()));
        for dim in raw.dims.iter().flatten() {
            let dim = self.dim(dim, place);
            dims = dims.zip(dim).map(|(mut dims, dim)| {
                dims.push(dim);
                dims
            });
        }
        let ty = ty?;
        let mut bounds = bounds::Bounds { schema: &self.schema, diagnostics: self.diagnostics };
        let meaning = match raw.dims {
            Some(_) => bounds.of_array(&raw.meaning),
            None => bounds.of_value(&raw.meaning, ty),
        };
        let elem_meaning = bounds.of_value(&raw.elem_meaning, ty);
        let mut member = Member {
            name: raw.name.value.clone(),
            ty,
            dims: dims?,
            presence_bit: None,
            meaning,
            elem_meaning,
            default: None,
            since: raw.since.clone(),
            deprecated: raw.deprecated.clone(),
            place: None,
        };
        let mut bounds = bounds::Bounds { schema: &self.schema, diagnostics: self.diagnostics };
        member.default = raw.default.as_ref().and_then(|default| bounds.default(default, &member));
        self.table_of_ends(raw, &member);
        self.default_size(raw, &member, place.members);
        (self.diagnostics.count() == before).then_some(member)
    }

    /// The table of a constant array of variable elements must fit a frame.
    fn table_of_ends(&mut self, raw: &RawMember, member: &Member) {
        if let Extent::Constant(count) = member.extent()
            && self.schema.shape(member.ty) == Shape::Variable
            && Bodies::new(count, 1).is_err()
        {
            let message = format!("an array of {count} elements does not fit a frame, which is shorter than 4 GiB");
            self.diagnostics.error(raw.name.span, message);
        }
    }

    /// A computed array of a new value is as long as the defaults of the members that its size names say.
    fn default_size(&mut self, raw: &RawMember, member: &Member, earlier: &[Option<Member>]) {
        if raw.optional || member.extent() != Extent::Computed {
            return;
        }
        let lookup = |path: &[String]| {
            let mut members: Vec<&Member> = earlier.iter().flatten().collect();
            let (last, outer) = path.split_last()?;
            for name in outer {
                let Type::Class(id) = members.into_iter().find(|member| member.name == *name)?.ty else { return None };
                members = self.schema[id].members.iter().collect();
            }
            match members.into_iter().find(|member| member.name == *last)?.default {
                Some(Value::Number(Number::Int(value))) => Some(value),
                _ => Some(0),
            }
        };
        let mut dims = member.dims.iter().map(|dim| match dim {
            Dim::Constant { value, .. } => Some(*value),
            Dim::Expr { expr, .. } => expr.eval(&lookup).ok(),
        });
        // A size without a value leaves the array of a new value empty.
        let Some(count) = dims.try_fold(1u64, |count, dim| count.checked_mul(dim?)) else { return };
        let elem_bytes = match self.schema.shape(member.ty) {
            Shape::Fixed { size, .. } => size,
            Shape::Variable => size_of::<String>() as u32,
        };
        if count.saturating_mul(elem_bytes.into()) > MAX_DEFAULT_BYTES {
            let message = format!("a new value would have {count} elements here, more than {MAX_DEFAULT_BYTES} bytes");
            let help = "make the defaults of the members that its size names smaller";
            self.diagnostics.error_help(raw.name.span, message, help);
        }
    }

    fn resolve(&mut self, name: &Spanned<String>, depth: &mut usize) -> Option<Type> {
        match name.value.as_str() {
            "string" => return Some(Type::String),
            "bytes" => return Some(Type::Bytes),
            built_in => {
                if let Some(scalar) = Scalar::from_spelling(built_in) {
                    return Some(Type::Scalar(scalar));
                }
            }
        }
        match self.types.get(name.value.as_str()) {
            Some(Declared::Enum(id)) => id.map(Type::Enum),
            Some(Declared::Class(index)) => {
                let index = *index;
                let id = self.class(index, name.span);
                if let State::Done(nested, _) = self.states[index] {
                    *depth = (*depth).max(nested + 1);
                }
                id.map(Type::Class)
            }
            None => {
                if !self.diagnostics.names_missing {
                    let help = self.diagnostics.suggest(&name.value, || {
                        let mut declared: Vec<&str> = self.types.keys().copied().collect();
                        declared.sort_unstable();
                        Scalar::BUILT_IN_NAMES.into_iter().chain(declared)
                    });
                    let help = help.or_else(|| {
                        Some("no class or enum of this name is declared here or in an imported file".to_owned())
                    });
                    self.diagnostics.report(name.span, format!("unknown type `{}`", name.value), help);
                }
                None
            }
        }
    }

    fn dim(&mut self, raw: &Spanned<RawDim>, place: Before<'_, 'r>) -> Option<Dim> {
        let expr = match &raw.value {
            RawDim::Number(text) => {
                let text = Spanned { value: text.clone(), span: raw.span };
                let range = Scalar::Uint64.integer_range().unwrap_or_default();
                let value = bounds::integer(&text, range, "a dimension", self.diagnostics)?;
                Expr::Literal(u64::try_from(value).ok()?)
            }
            RawDim::Other => return None,
            RawDim::Text(text) => {
                let constants = &self.constants;
                let sizes = SizeMembers { checker: self, place };
                let parsed =
                    parse_expr(text, &|name| constants.get(name).copied(), &mut |path, range| sizes.check(path, range));
                match parsed {
                    Ok(expr) => expr,
                    Err(error) => {
                        let span = self.diagnostics.inside_string(raw.span, error.range);
                        self.diagnostics.report(span, error.message, error.help);
                        return None;
                    }
                }
            }
        };
        let canonical = expr.to_string();
        if expr.names_member() {
            return Some(Dim::Expr { expr, canonical });
        }
        match expr.eval(&|_| None) {
            Ok(0) => {
                let help = "a dimension that may be zero at run time names a member";
                self.diagnostics.error_help(raw.span, "a constant dimension cannot be zero", help);
                None
            }
            Ok(value) => Some(Dim::Constant { value, canonical }),
            Err(error) => {
                self.diagnostics.error(raw.span, format!("this size has no value: {error}"));
                None
            }
        }
    }

    fn fingerprint(&self, raw: &RawClass, members: &[Member]) -> crate::fingerprint::Fingerprint {
        let text = Canonical::class(&raw.namespace, &raw.name.value);
        members.iter().fold(text, |text, member| text.model_member(member, &self.schema)).finish()
    }
}
