//! Rust names for names of a description.

use proc_macro2::{Ident, Span};

/// Names that Rust has for other things, and that a generated type would shadow or break.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f16", "f32", "f64", "f128",
];

/// Keywords of every edition: the macros serve crates of all of them. (`syn` does not know `gen`.)
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that cannot be raw identifiers.
const NEVER_RAW: &[&str] = &["self", "Self", "super", "crate", "_"];

/// A member: a keyword becomes raw (`r#type`), or gets an underscore where that is not possible (`self_`).
pub(crate) fn member(name: &str) -> Ident {
    ident(name)
}

/// A class or an enum: as a member, and a primitive's name gets an underscore too.
pub(crate) fn item(name: &str) -> Ident {
    if PRIMITIVES.contains(&name) { Ident::new(&format!("{name}_"), Span::call_site()) } else { ident(name) }
}

/// An enum's value, or a constant: `InFlight`, `inFlight` and `IN_FLIGHT` all become `IN_FLIGHT`.
pub(crate) fn constant(name: &str) -> Ident {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        let ends_acronym =
            i > 0 && chars[i - 1].is_ascii_uppercase() && chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (after_lower || ends_acronym) {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    ident(&out)
}

/// A variant of an enum: `time_stamp` and `timeStamp` both become `TimeStamp`, and one that is taken gets an underscore.
pub(crate) fn variant(name: &str, taken: &[&str]) -> Ident {
    let mut out = String::new();
    for word in name.split('_') {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    // A name of underscores and digits.
    if !out.starts_with(|first: char| first.is_ascii_alphabetic()) {
        out.insert(0, '_');
    }
    if taken.contains(&out.as_str()) {
        out.push('_');
    }
    ident(&out)
}

fn ident(name: &str) -> Ident {
    if NEVER_RAW.contains(&name) {
        Ident::new(&format!("{name}_"), Span::call_site())
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_rust_names() {
        assert_eq!(member("stamp").to_string(), "stamp");
        assert_eq!(member("type").to_string(), "r#type");
        assert_eq!(member("gen").to_string(), "r#gen");
        assert_eq!(member("self").to_string(), "self_");
        assert_eq!(item("u8").to_string(), "u8_");
        assert_eq!(constant("InFlight").to_string(), "IN_FLIGHT");
        assert_eq!(constant("HTTPError2").to_string(), "HTTP_ERROR2");
        assert_eq!(constant("Idle").to_string(), "IDLE");
        assert_eq!(constant("IN_FLIGHT").to_string(), "IN_FLIGHT");
        assert_eq!(variant("time_stamp", &[]).to_string(), "TimeStamp");
        assert_eq!(variant("rawFrames", &[]).to_string(), "RawFrames");
        assert_eq!(variant("_2", &[]).to_string(), "_2");
        assert_eq!(variant("self", &[]).to_string(), "Self_");
        assert_eq!(variant("closed", &["Closed"]).to_string(), "Closed_");
    }
}
