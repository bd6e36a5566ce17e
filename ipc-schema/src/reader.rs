//! What the readers of class descriptions and of topologies share: values of the expected kind, and objects of known keys.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use crate::source::{Diagnostics, Span, Spanned, nearest};

/// Reads one source.
pub(crate) struct Reader<'d> {
    pub(crate) source: usize,
    pub(crate) diagnostics: &'d mut Diagnostics,
}

/// An object's properties by its known keys, in the order of the table.
pub(crate) struct Keys<'v, 'a> {
    known: &'static [&'static str],
    values: Vec<Option<&'v Value<'a>>>,
    pub(crate) span: Span,
}

impl<'v, 'a> Keys<'v, 'a> {
    /// Of a value that is no object.
    pub(crate) fn none(known: &'static [&'static str], span: Span) -> Self {
        Self { known, values: vec![None; known.len()], span }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'v Value<'a>> {
        self.known.iter().position(|known| *known == key).and_then(|index| self.values[index])
    }
}

impl Reader<'_> {
    /// The named values of an object, duplicates kept: the names are declarations, so scopes find them. `None` if it is no
    /// object, which is reported.
    pub(crate) fn named<'v, 'a>(
        &mut self,
        value: Option<&'v Value<'a>>,
        expected: &str,
    ) -> Option<Vec<(Spanned<String>, &'v Value<'a>)>> {
        let object = match value? {
            Value::Object(object) => object,
            other => return self.expected(other, expected),
        };
        let properties = object.properties.iter().filter(|property| !property.name.as_str().starts_with("x-"));
        let named = properties.map(|property| {
            let name = property.name.as_str().to_owned();
            (Spanned { value: name, span: self.range(&property.name) }, &property.value)
        });
        Some(named.collect())
    }

    /// Checks that a value is an object, and its keys: known, and none twice.
    pub(crate) fn object<'v, 'a>(
        &mut self,
        value: &'v Value<'a>,
        expected: &str,
        known: &'static [&'static str],
    ) -> Option<Keys<'v, 'a>> {
        let Value::Object(object) = value else { return self.expected(value, expected) };
        let mut keys = Keys { known, values: vec![None; known.len()], span: self.range(object) };
        let mut first: Vec<Option<Span>> = vec![None; known.len()];
        let mut unknown = Vec::new();
        for property in &object.properties {
            let (key, span) = (property.name.as_str(), self.range(&property.name));
            match known.iter().position(|known| *known == key) {
                Some(index) => match first[index] {
                    Some(earlier) => {
                        let help = format!("it already stands at {}", self.diagnostics.place(earlier));
                        self.diagnostics.error_help(span, format!("the key `{key}` stands here twice"), help);
                    }
                    None => {
                        first[index] = Some(span);
                        keys.values[index] = Some(&property.value);
                    }
                },
                None if key.starts_with("x-") => {}
                None => unknown.push((key, span, &property.value)),
            }
        }
        for (key, span, value) in unknown {
            let near = nearest(key, known.iter().copied());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}; those that begin with `x-` are free", known.join(", ")),
            };
            self.diagnostics.error_help(span, format!("unknown key `{key}`"), help);
            // What is meant is read as such, so that the typo hides no other error and gives none twice.
            if let Some(index) = near.and_then(|near| known.iter().position(|known| *known == near)) {
                keys.values[index].get_or_insert(value);
            }
        }
        Some(keys)
    }

    pub(crate) fn required<'v, 'a>(&mut self, keys: &Keys<'v, 'a>, key: &str, whose: &str) -> Option<&'v Value<'a>> {
        let value = keys.get(key);
        if value.is_none() {
            let open = Span { end: keys.span.start + 1, ..keys.span };
            self.diagnostics.error(open, format!("expected the key `{key}`: {whose} needs it"));
        }
        value
    }

    /// A list whose items declare names.
    pub(crate) fn declarations<'v, 'a>(&mut self, value: Option<&'v Value<'a>>, expected: &str) -> &'v [Value<'a>] {
        let Some(value) = value else { return &[] };
        let list = self.list(value, expected);
        self.diagnostics.names_missing |= list.is_none();
        list.unwrap_or_default()
    }

    pub(crate) fn list<'v, 'a>(&mut self, value: &'v Value<'a>, expected: &str) -> Option<&'v [Value<'a>]> {
        match value {
            Value::Array(list) => Some(&list.elements),
            other => self.expected(other, expected),
        }
    }

    pub(crate) fn each<T>(
        &mut self,
        values: &[Value<'_>],
        mut read: impl FnMut(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Vec<T> {
        values.iter().filter_map(|value| read(self, value)).collect()
    }

    pub(crate) fn text(&mut self, keys: &Keys<'_, '_>, key: &str) -> Option<String> {
        keys.get(key).and_then(|value| self.string(value, "a string")).map(|text| text.value)
    }

    pub(crate) fn string(&mut self, value: &Value<'_>, expected: &str) -> Option<Spanned<String>> {
        match value {
            Value::StringLit(literal) => Some(Spanned { value: literal.value.to_string(), span: self.range(literal) }),
            other => self.expected(other, expected),
        }
    }

    pub(crate) fn expected<T>(&mut self, value: &Value<'_>, expected: &str) -> Option<T> {
        let found = match value {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "true or false",
            Value::Object(_) => "an object",
            Value::Array(_) => "a list",
            Value::NullKeyword(_) => "null",
        };
        self.diagnostics.error(self.span(value), format!("expected {expected}, found {found}"));
        None
    }

    pub(crate) fn span(&self, value: &Value<'_>) -> Span {
        self.range(value)
    }

    pub(crate) fn range(&self, node: &impl Ranged) -> Span {
        Span::at(self.source, node.range().start..node.range().end)
    }
}
