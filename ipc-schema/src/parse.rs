//! From JSON to raw declarations: which keys exist, and what kind of value each takes. Names are not resolved here.

use jsonc_parser::ast::Value;

use crate::names::{NAMESPACE, check_namespace};
use crate::reader::{Keys, Reader};
use crate::source::{Diagnostics, Span, Spanned};

/// The keys of each kind of object. Keys that begin with `x-` are free everywhere.
pub(crate) const FILE_KEYS: &[&str] = &["$schema", "namespace", "import", "constants", "enums", "classes"];
pub(crate) const ENUM_KEYS: &[&str] = &["enumName", "comment", "base", "values"];
pub(crate) const CLASS_KEYS: &[&str] = &["className", "namespace", "comment", "since", "deprecated", "members"];
pub(crate) const MEMBER_KEYS: &[&str] =
    &["name", "type", "size", "elem", "optional", "comment", "unit", "default", "min", "max", "since", "deprecated"];
pub(crate) const ELEM_KEYS: &[&str] = &["type", "comment", "unit", "min", "max"];

/// The declarations of one file.
#[derive(Debug, Default)]
pub(crate) struct RawFile {
    pub(crate) namespace: String,
    pub(crate) imports: Vec<Spanned<String>>,
    pub(crate) constants: Vec<RawConstant>,
    pub(crate) enums: Vec<RawEnum>,
    pub(crate) classes: Vec<RawClass>,
}

#[derive(Debug)]
pub(crate) struct RawConstant {
    pub(crate) name: Spanned<String>,
    pub(crate) value: Option<Spanned<String>>,
}

#[derive(Debug)]
pub(crate) struct RawEnum {
    pub(crate) name: Spanned<String>,
    pub(crate) comment: Option<String>,
    pub(crate) base: Option<Spanned<String>>,
    /// `None` if they are missing, which is reported.
    pub(crate) values: Option<Vec<RawConstant>>,
}

#[derive(Debug)]
pub(crate) struct RawClass {
    pub(crate) name: Spanned<String>,
    pub(crate) namespace: String,
    pub(crate) comment: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) members: Vec<RawMember>,
    /// Whether all its members are there: one without a name could be the one that a size names.
    pub(crate) is_whole: bool,
}

#[derive(Debug)]
pub(crate) struct RawMember {
    pub(crate) name: Spanned<String>,
    /// Type of the member, or of an element.
    pub(crate) ty: Option<Spanned<String>>,
    /// The dimensions, for an array; none if they could not be read.
    pub(crate) dims: Option<Vec<Spanned<RawDim>>>,
    pub(crate) optional: bool,
    pub(crate) meaning: RawMeaning,
    pub(crate) elem_meaning: RawMeaning,
    pub(crate) default: Option<Spanned<RawValue>>,
    pub(crate) since: Option<String>,
    pub(crate) deprecated: Option<String>,
}

#[derive(Debug)]
pub(crate) enum RawDim {
    /// A JSON number, as its text.
    Number(String),
    /// An expression.
    Text(String),
    /// Neither, which is reported.
    Other,
}

#[derive(Debug, Default)]
pub(crate) struct RawMeaning {
    pub(crate) comment: Option<String>,
    pub(crate) unit: Option<String>,
    /// A JSON number, as its text.
    pub(crate) min: Option<Spanned<String>>,
    pub(crate) max: Option<Spanned<String>>,
}

#[derive(Debug)]
pub(crate) enum RawValue {
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<RawValue>>),
    /// `null` or an object, which no default is.
    Other,
}

/// What `type`, `size` and `elem` say together.
#[derive(Default)]
struct RawType {
    name: Option<Spanned<String>>,
    dims: Option<Vec<Spanned<RawDim>>>,
    elem_meaning: RawMeaning,
}

/// Reads a value alone, as a default is written.
pub(crate) fn value(value: &Value<'_>, source: usize, diagnostics: &mut Diagnostics) -> Spanned<RawValue> {
    Reader { source, diagnostics }.value(value)
}

/// Reads the declarations of one source.
pub(crate) fn file(root: &Value<'_>, source: usize, diagnostics: &mut Diagnostics) -> RawFile {
    Reader { source, diagnostics }.file(root)
}

impl Reader<'_> {
    fn file(&mut self, root: &Value<'_>) -> RawFile {
        let mut file = RawFile::default();
        if let Value::Array(classes) = root {
            file.classes = self.each(&classes.elements, |reader, class| reader.class(class, ""));
            return file;
        }
        let Some(keys) = self.object(root, "an array of classes, or an object with `classes`", FILE_KEYS) else {
            self.diagnostics.names_missing = true;
            return file;
        };
        // Tells an editor where the JSON Schema is.
        self.text(&keys, "$schema");
        file.namespace = keys.get("namespace").and_then(|value| self.namespace(value)).unwrap_or_default();
        let imports = self.declarations(keys.get("import"), "a list of file names");
        file.imports = self.each(imports, |reader, name| reader.string(name, "the name of a file to import"));
        file.constants = self.named_numbers(keys.get("constants"), "an object of constants, name to integer");
        let enums = self.declarations(keys.get("enums"), "a list of enums");
        file.enums = self.each(enums, Self::enumeration);
        match keys.get("classes") {
            Some(_) => {
                let classes = self.declarations(keys.get("classes"), "a list of classes");
                let namespace = file.namespace.clone();
                file.classes = self.each(classes, |reader, class| reader.class(class, &namespace));
            }
            None => {
                let open = Span { end: keys.span.start + 1, ..keys.span };
                let help = "every schema has the key `classes`; `\"classes\": []` if it declares none";
                self.diagnostics.error_help(open, "expected the key `classes`", help);
                self.diagnostics.names_missing = true;
            }
        }
        file
    }

    fn enumeration(&mut self, value: &Value<'_>) -> Option<RawEnum> {
        let keys = self.object(value, "an enum: `{ \"enumName\": …, \"base\": …, \"values\": { … } }`", ENUM_KEYS);
        let Some((keys, name)) = keys
            .and_then(|keys| Some((self.required(&keys, "enumName", "an enum")?, keys)))
            .and_then(|(name, keys)| Some((keys, self.string(name, "the enum's name")?)))
        else {
            self.diagnostics.names_missing = true;
            return None;
        };
        let base = self.required(&keys, "base", "an enum").and_then(|base| self.string(base, "an integer type"));
        let values = self.required(&keys, "values", "an enum");
        let values = values.map(|values| self.named_numbers(Some(values), "an object of values, name to integer"));
        Some(RawEnum { name, comment: self.text(&keys, "comment"), base, values })
    }

    fn class(&mut self, value: &Value<'_>, namespace: &str) -> Option<RawClass> {
        let keys = self.object(value, "a class: `{ \"className\": …, \"members\": [ … ] }`", CLASS_KEYS);
        let Some((keys, name)) = keys
            .and_then(|keys| Some((self.required(&keys, "className", "a class")?, keys)))
            .and_then(|(name, keys)| Some((keys, self.string(name, "the class's name")?)))
        else {
            self.diagnostics.names_missing = true;
            return None;
        };
        let namespace = match keys.get("namespace") {
            Some(own) => self.namespace(own).unwrap_or_default(),
            None => namespace.to_owned(),
        };
        let listed = self.required(&keys, "members", "a class");
        let listed = listed.and_then(|members| self.list(members, "a list of members"));
        let members = self.each(listed.unwrap_or_default(), Self::member);
        let is_whole = listed.is_some_and(|listed| listed.len() == members.len());
        let [comment, since, deprecated] = ["comment", "since", "deprecated"].map(|key| self.text(&keys, key));
        Some(RawClass { name, namespace, comment, since, deprecated, members, is_whole })
    }

    fn member(&mut self, value: &Value<'_>) -> Option<RawMember> {
        let keys = self.object(value, "a member: `{ \"name\": …, \"type\": … }`", MEMBER_KEYS)?;
        let name = self.required(&keys, "name", "a member").and_then(|name| self.string(name, "the member's name"));
        let ty = self.required(&keys, "type", "a member").and_then(|ty| self.string(ty, "the name of a type"));
        let RawType { name: ty, dims, elem_meaning } = match ty {
            Some(ty) if ty.value == "array" => self.array(&keys),
            Some(ty) => {
                for key in ["size", "elem"] {
                    if let Some(value) = keys.get(key) {
                        let message = format!("`{key}` belongs to arrays, and this member's type is `{}`", ty.value);
                        let help =
                            format!("write `\"type\": \"array\"` with `\"elem\": {{ \"type\": \"{}\" }}`", ty.value);
                        self.diagnostics.error_help(self.span(value), message, help);
                    }
                }
                RawType { name: Some(ty), ..RawType::default() }
            }
            None => RawType::default(),
        };
        let optional = match keys.get("optional") {
            Some(Value::BooleanLit(literal)) => literal.value,
            Some(other) => self.expected(other, "true or false").unwrap_or_default(),
            None => false,
        };
        let meaning = self.meaning(&keys);
        let default = keys.get("default").map(|value| self.value(value));
        let [since, deprecated] = ["since", "deprecated"].map(|key| self.text(&keys, key));
        Some(RawMember { name: name?, ty, dims, optional, meaning, elem_meaning, default, since, deprecated })
    }

    fn array(&mut self, keys: &Keys<'_, '_>) -> RawType {
        let size = self.required(keys, "size", "an array");
        let dims = size.and_then(|size| self.list(size, "a list of dimensions, numbers or expressions"));
        if let (Some(size), Some([])) = (size, dims) {
            self.diagnostics.error(self.span(size), "expected at least one dimension");
        }
        let dims = self.each(dims.unwrap_or_default(), |reader, dim| {
            let value = match dim {
                Value::NumberLit(literal) => RawDim::Number(literal.value.to_owned()),
                Value::StringLit(literal) => RawDim::Text(literal.value.to_string()),
                other => reader.expected(other, "a number or an expression in a string").unwrap_or(RawDim::Other),
            };
            Some(Spanned { value, span: reader.span(dim) })
        });
        let elem = self.required(keys, "elem", "an array").filter(|elem| !self.is_array(elem));
        let elem = elem.and_then(|elem| self.object(elem, "the element: `{ \"type\": … }`", ELEM_KEYS));
        let Some(elem) = elem else {
            return RawType { name: None, dims: Some(dims), elem_meaning: RawMeaning::default() };
        };
        let ty = self.required(&elem, "type", "an element").and_then(|ty| self.string(ty, "the name of a type"));
        RawType { name: ty, dims: Some(dims), elem_meaning: self.meaning(&elem) }
    }

    /// Whether an element is an array itself, which is reported; its other keys are then no further errors.
    fn is_array(&mut self, elem: &Value<'_>) -> bool {
        let ty = elem.as_object().and_then(|elem| elem.get_string("type")).filter(|ty| ty.value == "array");
        if let Some(ty) = ty {
            let help = "give one array several dimensions, or nest a class that holds the inner array";
            self.diagnostics.error_help(self.range(ty), "an element cannot be an array itself", help);
        }
        ty.is_some()
    }

    fn meaning(&mut self, keys: &Keys<'_, '_>) -> RawMeaning {
        let [comment, unit] = ["comment", "unit"].map(|key| self.text(keys, key));
        let unit = unit.filter(|unit| !unit.is_empty());
        let [min, max] = ["min", "max"].map(|key| match keys.get(key)? {
            Value::NumberLit(literal) => Some(Spanned { value: literal.value.to_owned(), span: self.range(literal) }),
            other => self.expected(other, "a number"),
        });
        RawMeaning { comment, unit, min, max }
    }

    fn value(&mut self, value: &Value<'_>) -> Spanned<RawValue> {
        let span = self.span(value);
        let value = match value {
            Value::BooleanLit(literal) => RawValue::Bool(literal.value),
            Value::NumberLit(literal) => RawValue::Number(literal.value.to_owned()),
            Value::StringLit(literal) => RawValue::Text(literal.value.to_string()),
            Value::Array(list) => RawValue::List(list.elements.iter().map(|value| self.value(value)).collect()),
            Value::Object(_) | Value::NullKeyword(_) => RawValue::Other,
        };
        Spanned { value, span }
    }

    /// `{ "NAME": 1, … }`, duplicates kept: the names are declarations, so the scopes find them.
    fn named_numbers(&mut self, value: Option<&Value<'_>>, expected: &str) -> Vec<RawConstant> {
        let named = self.named(value, expected);
        self.diagnostics.names_missing |= value.is_some() && named.is_none();
        let named = named.unwrap_or_default().into_iter();
        named
            .map(|(name, value)| {
                let value = match value {
                    Value::NumberLit(literal) => {
                        Some(Spanned { value: literal.value.to_owned(), span: self.range(literal) })
                    }
                    other => self.expected(other, "an integer"),
                };
                RawConstant { name, value }
            })
            .collect()
    }

    fn namespace(&mut self, value: &Value<'_>) -> Option<String> {
        let name = self.string(value, "a namespace")?;
        let sound = check_namespace(&name.value).is_ok();
        if !sound {
            self.diagnostics.error_help(name.span, format!("`{}` is no namespace", name.value), NAMESPACE);
        }
        sound.then_some(name.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_schema_knows_the_same_keys() {
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string("class-language.schema.json").unwrap()).unwrap();
        let tables = [
            ("file", FILE_KEYS),
            ("enum", ENUM_KEYS),
            ("class", CLASS_KEYS),
            ("member", MEMBER_KEYS),
            ("elem", ELEM_KEYS),
        ];
        for (object, keys) in tables {
            let properties = schema["$defs"][object]["properties"].as_object().unwrap();
            let mut known: Vec<&str> = properties.keys().map(String::as_str).collect();
            let mut keys = keys.to_vec();
            known.sort_unstable();
            keys.sort_unstable();
            assert_eq!(known, keys, "{object}");
        }
        let built_in = &schema["$defs"]["typeName"]["allOf"][1]["not"]["enum"];
        assert_eq!(*built_in, serde_json::json!(crate::model::Scalar::BUILT_IN_NAMES));
    }
}
