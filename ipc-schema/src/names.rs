//! Naming rules: what a name is, and when two names are too alike for some target language.

use std::collections::HashMap;

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
            let help = "a name is an ASCII identifier: letters, digits and `_`, no digit first, and not `_` alone";
            diagnostics.error_help(name.span, message, help);
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
