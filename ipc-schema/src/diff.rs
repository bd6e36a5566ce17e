//! Differences between two classes: why a program and a ring do not fit together.

use std::collections::HashSet;
use std::fmt;

use crate::canonical;
use crate::model::{Class, ClassId, EnumId, Member, Number, PlaceKind, Schema, Type};

/// One thing that differs. What does not count on the wire (comments, defaults, bounds) is no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `Cloud`, or `Cloud.points.x`.
    pub path: String,
    /// What differs there: "type".
    pub aspect: &'static str,
    /// The first class's side.
    pub expected: String,
    /// The second class's side.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: expected {}, found {}", self.path, self.aspect, self.expected, self.found)
    }
}

/// Every difference of two classes, nested ones included; empty exactly if their fingerprints are equal.
pub fn diff(expected_schema: &Schema, expected: &Class, found_schema: &Schema, found: &Class) -> Vec<Difference> {
    let mut differ =
        Differ { expected: expected_schema, found: found_schema, seen: HashSet::new(), differences: Vec::new() };
    differ.classes(&expected.name, expected, found);
    differ.differences
}

/// What differs in the meaning of members, and does not count on the wire: bounds, defaults, comments. Nested classes are
/// classes of their own.
pub fn meaning(expected: &Class, found: &Class) -> Vec<Difference> {
    let mut differences = Vec::new();
    let none = || "none".to_owned();
    for member in &expected.members {
        let Some(other) = found.member(&member.name) else { continue };
        for ((aspect, expected_text), (_, found_text)) in meanings(member).into_iter().zip(meanings(other)) {
            if expected_text != found_text {
                differences.push(Difference {
                    path: format!("{}.{}", expected.name, member.name),
                    aspect,
                    expected: expected_text.unwrap_or_else(none),
                    found: found_text.unwrap_or_else(none),
                });
            }
        }
    }
    differences
}

/// Every aspect in the same order.
fn meanings(member: &Member) -> [(&'static str, Option<String>); 9] {
    let number = |number: &Number| number.to_string();
    let text = |text: &Option<String>| text.as_deref().map(canonical::quoted);
    let Member { meaning, elem_meaning, default, since, deprecated, .. } = member;
    [
        ("min", meaning.min.as_ref().map(number)),
        ("max", meaning.max.as_ref().map(number)),
        ("min of elements", elem_meaning.min.as_ref().map(number)),
        ("max of elements", elem_meaning.max.as_ref().map(number)),
        ("default", default.as_ref().map(canonical::of_value)),
        ("comment", text(&meaning.comment)),
        ("comment of elements", text(&elem_meaning.comment)),
        ("since", text(since)),
        ("deprecated", text(deprecated)),
    ]
}

/// The differences as text, a line each.
pub fn render(differences: &[Difference]) -> String {
    differences.iter().map(|difference| format!("  {difference}\n")).collect()
}

struct Differ<'s> {
    expected: &'s Schema,
    found: &'s Schema,
    /// Nested pairs that were compared: once is enough.
    seen: HashSet<(Type, Type)>,
    differences: Vec<Difference>,
}

impl Differ<'_> {
    fn classes(&mut self, path: &str, expected: &Class, found: &Class) {
        if expected.fingerprint == found.fingerprint {
            return;
        }
        self.compare(path, "class name", &expected.name, &found.name);
        self.compare(path, "namespace", &named(&expected.namespace), &named(&found.namespace));
        for member in &expected.members {
            let path = format!("{path}.{}", member.name);
            match found.member(&member.name) {
                Some(other) => self.members(&path, member, other),
                None => self.push(&path, "member", &describe(self.expected, member), "no such member"),
            }
        }
        for member in found.members.iter().filter(|member| expected.member(&member.name).is_none()) {
            let path = format!("{path}.{}", member.name);
            self.push(&path, "member", "no such member", &describe(self.found, member));
        }
        let order = |class: &Class, other: &Class| {
            let common = class.members.iter().filter(|member| other.member(&member.name).is_some());
            common.map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        self.compare(path, "order of members", &order(expected, found), &order(found, expected));
    }

    fn members(&mut self, path: &str, expected: &Member, found: &Member) {
        let (expected_type, found_type) = (type_text(self.expected, expected), type_text(self.found, found));
        let (expected_place, found_place) = (place_text(expected), place_text(found));
        let (expected_kind, found_kind) = (named_kind(expected.ty), named_kind(found.ty));
        if expected_type != found_type {
            let side = |ty: &str, place: &str| format!("{ty} {place}");
            self.push(path, "type", &side(&expected_type, &expected_place), &side(&found_type, &found_place));
        } else if expected_kind != found_kind {
            let side = |kind: &str, ty: &str, place: &str| format!("the {kind} {ty} {place}");
            let expected = side(expected_kind, &expected_type, &expected_place);
            self.push(path, "type", &expected, &side(found_kind, &found_type, &found_place));
        } else {
            self.compare(path, "place", &expected_place, &found_place);
        }
        let presence = |member: &Member| if member.presence_bit.is_some() { "optional" } else { "always there" };
        self.compare(path, "presence", presence(expected), presence(found));
        for (aspect, expected, found) in [
            ("unit", &expected.meaning.unit, &found.meaning.unit),
            ("unit of elements", &expected.elem_meaning.unit, &found.elem_meaning.unit),
        ] {
            self.compare(
                path,
                aspect,
                &named(expected.as_deref().unwrap_or("")),
                &named(found.as_deref().unwrap_or("")),
            );
        }
        if !self.seen.insert((expected.ty, found.ty)) {
            return;
        }
        match (expected.ty, found.ty) {
            (Type::Class(expected), Type::Class(found)) => self.nested(path, expected, found),
            (Type::Enum(expected), Type::Enum(found)) => self.enums(path, expected, found),
            _ => {}
        }
    }

    fn nested(&mut self, path: &str, expected: ClassId, found: ClassId) {
        let (expected_schema, found_schema) = (self.expected, self.found);
        let (expected, found) = (&expected_schema[expected], &found_schema[found]);
        if expected.name == found.name {
            self.classes(path, expected, found);
        }
    }

    fn enums(&mut self, path: &str, expected: EnumId, found: EnumId) {
        let (expected_schema, found_schema) = (self.expected, self.found);
        let (expected, found) = (&expected_schema[expected], &found_schema[found]);
        let mut names: Vec<&str> = expected.values.iter().map(|(name, _)| name.as_str()).collect();
        names.extend(
            found.values.iter().map(|(name, _)| name.as_str()).filter(|name| !names.contains(name)).collect::<Vec<_>>(),
        );
        let value = |values: &[(String, i128)], name: &str| {
            let value = values.iter().find(|(known, _)| known == name);
            value.map_or("no such value".to_owned(), |(name, value)| format!("{name} = {value}"))
        };
        let mut pairs = vec![(expected.base.name().to_owned(), found.base.name().to_owned(), "base of enum")];
        for name in names {
            pairs.push((value(&expected.values, name), value(&found.values, name), "value of enum"));
        }
        for (expected, found, aspect) in pairs {
            self.compare(path, aspect, &expected, &found);
        }
    }

    fn compare(&mut self, path: &str, aspect: &'static str, expected: &str, found: &str) {
        if expected != found {
            self.push(path, aspect, expected, found);
        }
    }

    fn push(&mut self, path: &str, aspect: &'static str, expected: &str, found: &str) {
        let (expected, found) = (expected.to_owned(), found.to_owned());
        self.differences.push(Difference { path: path.to_owned(), aspect, expected, found });
    }
}

/// `float32[rows][cols] in a region`.
fn describe(schema: &Schema, member: &Member) -> String {
    format!("{} {}", type_text(schema, member), place_text(member))
}

fn type_text(schema: &Schema, member: &Member) -> String {
    let dims: String = member.dims.iter().map(|dim| format!("[{}]", dim.canonical())).collect();
    format!("{}{dims}", schema.type_name(member.ty))
}

/// What a name of a type stands for: two schemas may use one name for both.
fn named_kind(ty: Type) -> &'static str {
    match ty {
        Type::Class(_) => "class",
        Type::Enum(_) => "enum",
        Type::Scalar(_) | Type::String | Type::Bytes => "type",
    }
}

fn place_text(member: &Member) -> String {
    match member.place {
        Some(place) if place.kind == PlaceKind::Value => format!("at offset {}", place.offset),
        Some(place) => format!("with its length at offset {}", place.offset),
        None => "in a region of computed size".to_owned(),
    }
}

fn named(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { format!("\"{text}\"") }
}
