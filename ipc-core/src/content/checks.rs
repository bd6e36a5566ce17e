//! What a derive cannot see in its tokens, and constants can: whether the types of a class go together, and whether a
//! default is one of its type. Only the compiler runs it.

use ipc_schema::GENERATED_SUFFIXES;
use ipc_schema::desc::{ClassDesc, EnumDesc, TypeDesc};
use ipc_schema::model::Scalar;

use super::mapped::Message;
use crate::__private::equal;

/// Does not compile if two types of a class, however deep, have names that are too alike to stand in one description.
#[track_caller]
pub const fn check_types(desc: &'static ClassDesc) {
    check_within(desc, desc);
}

#[track_caller]
const fn check_within(root: &'static ClassDesc, desc: &ClassDesc) {
    let mut i = 0;
    while i < desc.members.len() {
        let ty = desc.members[i].ty;
        if let (TypeDesc::Enum(_) | TypeDesc::Class(_), Some(other)) = (ty, alike_within(root, ty)) {
            Message::new()
                .text("`")
                .text(name(ty))
                .text("` and `")
                .text(other)
                .text("` are different types of this class, and their names are too alike for one description: rename one")
                .panic()
        }
        if let TypeDesc::Class(nested) = ty {
            check_within(root, nested);
        }
        i += 1;
    }
}

/// The name of another type in or under `desc` that clashes with `ty`.
const fn alike_within(desc: &'static ClassDesc, ty: TypeDesc) -> Option<&'static str> {
    if clashes(TypeDesc::Class(desc), ty) {
        return Some(desc.name);
    }
    let mut i = 0;
    while i < desc.members.len() {
        match desc.members[i].ty {
            TypeDesc::Class(nested) => {
                if let Some(found) = alike_within(nested, ty) {
                    return Some(found);
                }
            }
            TypeDesc::Enum(_) if clashes(desc.members[i].ty, ty) => return Some(name(desc.members[i].ty)),
            _ => {}
        }
        i += 1;
    }
    None
}

const fn clashes(a: TypeDesc, b: TypeDesc) -> bool {
    let mut i = 0;
    while i < GENERATED_SUFFIXES.len() {
        let suffix = GENERATED_SUFFIXES[i];
        if matches!(a, TypeDesc::Class(_)) && alike(name(a), suffix, name(b), "")
            || matches!(b, TypeDesc::Class(_)) && alike(name(b), suffix, name(a), "")
        {
            return true;
        }
        i += 1;
    }
    alike(name(a), "", name(b), "") && !is_same(a, b)
}

const fn is_same(a: TypeDesc, b: TypeDesc) -> bool {
    match (a, b) {
        (TypeDesc::Class(a), TypeDesc::Class(b)) => equal(&a.fingerprint.0, &b.fingerprint.0),
        (TypeDesc::Enum(a), TypeDesc::Enum(b)) => is_same_enum(a, b),
        _ => false,
    }
}

const fn is_same_enum(a: &EnumDesc, b: &EnumDesc) -> bool {
    let mut is_same =
        equal(a.name.as_bytes(), b.name.as_bytes()) && a.base as u8 == b.base as u8 && a.values.len() == b.values.len();
    let mut i = 0;
    while is_same && i < a.values.len() {
        is_same = equal(a.values[i].0.as_bytes(), b.values[i].0.as_bytes()) && a.values[i].1 == b.values[i].1;
        i += 1;
    }
    is_same
}

const fn name(ty: TypeDesc) -> &'static str {
    match ty {
        TypeDesc::Class(desc) => desc.name,
        TypeDesc::Enum(desc) => desc.name,
        _ => "",
    }
}

/// Whether two names, each of two parts, are one after folding case and underscores.
const fn alike(a: &str, a_suffix: &str, b: &str, b_suffix: &str) -> bool {
    let (mut i, mut j) = (0, 0);
    loop {
        let (x, y);
        (x, i) = folded(a, a_suffix, i);
        (y, j) = folded(b, b_suffix, j);
        if x != y {
            return false;
        }
        if x == 0 {
            return true;
        }
    }
}

/// The next byte that counts from `at` on, 0 at the end, and where to go on.
const fn folded(name: &str, suffix: &str, mut at: usize) -> (u8, usize) {
    let (name, suffix) = (name.as_bytes(), suffix.as_bytes());
    while at < name.len() + suffix.len() {
        let byte = if at < name.len() { name[at] } else { suffix[at - name.len()] };
        at += 1;
        if byte != b'_' {
            return (byte.to_ascii_lowercase(), at);
        }
    }
    (0, at)
}

/// Does not compile if a member of this type cannot have that default, in JSON.
#[track_caller]
pub const fn check_default(ty: TypeDesc, member: &str, default: &str) {
    let is_one = match (ty, default.as_bytes()) {
        (TypeDesc::Scalar(Scalar::Bool), [b't' | b'f', ..]) => true,
        (TypeDesc::Scalar(Scalar::Char), [b'"', _, b'"']) => true,
        (TypeDesc::Scalar(scalar), [b'-' | b'0'..=b'9', ..]) => fits(scalar, default),
        (TypeDesc::Enum(desc), [b'-' | b'0'..=b'9', ..]) => fits(desc.base, default),
        (TypeDesc::Enum(desc), [b'"', value @ .., b'"']) => {
            let mut i = 0;
            while i < desc.values.len() && !equal(desc.values[i].0.as_bytes(), value) {
                i += 1;
            }
            i < desc.values.len()
        }
        _ => false,
    };
    if !is_one {
        Message::new().text("member `").text(member).text("`: its type has no default ").text(default).panic()
    }
}

/// Whether a number is one of that type.
const fn fits(scalar: Scalar, number: &str) -> bool {
    match (scalar.integer_range(), i128::from_str_radix(number, 10)) {
        (Some((min, max)), Ok(value)) => min <= value && value <= max,
        (Some(_), Err(_)) => false,
        (None, _) => matches!(scalar, Scalar::Float32 | Scalar::Float64),
    }
}
