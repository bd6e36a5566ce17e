//! Naming rules: what a name is, and when two names are too alike for some target language.

use std::collections::HashMap;

use crate::model::Scalar;
use crate::source::{Diagnostics, Span, Spanned};

/// Suffixes of the names that are generated for a class `C`: `CRef`, `CMut`, `CDims`. No other type may have such a name.
pub const GENERATED_SUFFIXES: [&str; 3] = ["Ref", "Mut", "Dims"];

/// Whether a name is an ASCII identifier with at least one letter or digit.
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
        && name.bytes().any(|b| b != b'_')
}

/// The form in which names are compared: without case and underscores, since languages write names in their own style.
pub fn fold(name: &str) -> String {
    name.bytes().filter(|b| *b != b'_').map(|b| char::from(b.to_ascii_lowercase())).collect()
}

const IDENTIFIER: &str = "a name is an ASCII identifier: letters, digits and `_`, no digit first, and not `_` alone";

/// What a namespace is, as help.
pub(crate) const NAMESPACE: &str = "a namespace is one ASCII identifier, or several with dots between";

/// Whether a member, constant or enum value may have this name; the error says why not.
pub fn check_identifier(name: &str) -> Result<(), String> {
    if is_identifier(name) { Ok(()) } else { Err(format!("`{name}` is no name: {IDENTIFIER}")) }
}

/// Whether a class or an enum may have this name; the error says why not.
pub fn check_type_name(name: &str) -> Result<(), String> {
    if Scalar::BUILT_IN_NAMES.contains(&name) {
        return Err(format!("`{name}` is a built-in type, and cannot be declared"));
    }
    check_identifier(name)
}

/// Whether a class may be in this namespace, the empty one included; the error says why not.
pub fn check_namespace(namespace: &str) -> Result<(), String> {
    if namespace.is_empty() || namespace.split('.').all(is_identifier) {
        return Ok(());
    }
    Err(format!("`{namespace}` is no namespace: {NAMESPACE}"))
}

/// The names of one scope.
pub(crate) struct Scope {
    /// What the scope holds, for messages: "a type".
    what: &'static str,
    names: HashMap<String, (String, Span)>,
}

impl Scope {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, names: HashMap::new() }
    }

    /// Declares a name; false, and an error, if it is no identifier or taken.
    pub(crate) fn declare(&mut self, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> bool {
        if !is_identifier(&name.value) {
            let message = format!("`{}` cannot name {}", name.value, self.what);
            diagnostics.error_help(name.span, message, IDENTIFIER);
            return false;
        }
        let folded = fold(&name.value);
        if let Some((earlier, span)) = self.names.get(&folded) {
            let place = diagnostics.place(*span);
            let message = format!("{} named `{}` is declared already, at {place}", self.what, name.value);
            if *earlier == name.value {
                diagnostics.error(name.span, message);
            } else {
                let message = format!("`{}` is too like `{earlier}`, declared at {place}", name.value);
                let help =
                    "names must differ in more than case and underscores, which languages write in their own style";
                diagnostics.error_help(name.span, message, help);
            }
            return false;
        }
        self.names.insert(folded, (name.value.clone(), name.span));
        true
    }

    /// The declared name that folds to the same form.
    pub(crate) fn like(&self, name: &str) -> Option<&(String, Span)> {
        self.names.get(&fold(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_classes_from_elsewhere_are_checked_by_the_same_rules() {
        assert_eq!(check_identifier("rows_2"), Ok(()));
        for name in ["", "_", "7x", "größe", "a b", "a.b"] {
            assert!(check_identifier(name).unwrap_err().contains("ASCII identifier"), "{name}");
        }
        assert_eq!(check_type_name("Cloud"), Ok(()));
        assert_eq!(check_type_name("double").unwrap_err(), "`double` is a built-in type, and cannot be declared");
        assert_eq!((check_namespace(""), check_namespace("robot.arm_2")), (Ok(()), Ok(())));
        for namespace in ["robot.", ".", "a b", "9", "robot::arm"] {
            assert!(check_namespace(namespace).unwrap_err().contains("with dots between"), "{namespace}");
        }
    }
}
