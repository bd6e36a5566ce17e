//! Python: a module with a class for each class, over numpy.

use super::page::Member;
use super::{Language, Template, case};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct Python;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What every class has or needs in its scope, so that no member may.
const CLASS_NAMES: &[&str] = &[
    "Dims",
    "Loaned",
    "Reading",
    "Received",
    "View",
    "Writer",
    "Writing",
    "_ipc",
    "bool",
    "build",
    "bytes",
    "class_name",
    "classmethod",
    "copy",
    "dataclass",
    "deserialize",
    "dims",
    "dtype",
    "fill",
    "fingerprint",
    "finish",
    "float",
    "frame_size",
    "int",
    "kind",
    "list",
    "over",
    "property",
    "record",
    "schema",
    "self",
    "serialize",
    "serialize_into",
    "staticmethod",
    "str",
    "tidy",
    "tidy_all",
    "tuple",
    "memoryview",
    "validate",
    "wire",
];

impl Language for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn templates(&self) -> &'static [Template] {
        const FILE: &str = "{{ page.stem|replace('-', '_') }}.py";
        &[Template { file: FILE, text: include_str!("classes.py.jinja"), each_type: false }]
    }

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[("ipc_wire.py", include_str!("ipc_wire.py")), ("py.typed", include_str!("py.typed"))]
    }

    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("macros", include_str!("macros.jinja")),
            ("fixed", include_str!("fixed.jinja")),
            ("variable", include_str!("variable.jinja")),
        ]
    }

    fn is_reserved(&self, name: &str) -> bool {
        KEYWORDS.contains(&name) || CLASS_NAMES.contains(&name)
    }

    fn type_name(&self, name: &str) -> String {
        self.escaped(case::pascal(name))
    }

    fn member_name(&self, name: &str) -> String {
        self.escaped(case::snake(name))
    }

    fn constant_name(&self, name: &str) -> String {
        self.escaped(case::upper_snake(name))
    }

    fn value_name(&self, name: &str) -> String {
        self.escaped(case::upper_snake(name))
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        match scalar {
            Scalar::Int8 => "<i1",
            Scalar::Int16 => "<i2",
            Scalar::Int32 => "<i4",
            Scalar::Int64 => "<i8",
            Scalar::Uint8 | Scalar::Char => "<u1",
            Scalar::Uint16 => "<u2",
            Scalar::Uint32 => "<u4",
            Scalar::Uint64 => "<u8",
            Scalar::Float32 => "<f4",
            Scalar::Float64 => "<f8",
            Scalar::Bool => "?",
        }
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        match (scalar, value) {
            (_, Number::Int(value)) => value.to_string(),
            (Scalar::Float32, Number::Float(value)) => format!("{:?}", f64::from(value as f32)),
            (_, Number::Float(value)) => format!("{value:?}"),
        }
    }

    fn bool(&self, value: bool) -> String {
        if value { "True" } else { "False" }.to_owned()
    }

    fn text(&self, text: &str) -> String {
        // In the quotes that it has fewer of.
        let quote = if text.matches('"').count() > text.matches('\'').count() { '\'' } else { '"' };
        let mut literal = String::from(quote);
        for c in text.chars() {
            match c {
                c if c == quote || c == '\\' => literal.extend(['\\', c]),
                '\n' => literal.push_str("\\n"),
                c if c.is_control() => literal.push_str(&format!("\\x{:02x}", u32::from(c))),
                c => literal.push(c),
            }
        }
        literal.push(quote);
        literal
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let bytes: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("b\"{bytes}\"")
    }

    /// A line of a string in three quotes.
    fn doc(&self, line: &str) -> String {
        line.replace('\\', "\\\\").replace('"', "'")
    }

    fn list(&self, items: &[String], _inline: bool) -> String {
        let after = if items.len() == 1 { "," } else { "" };
        format!("({}{after})", items.join(", "))
    }

    fn enum_value(&self, enum_name: &str, value_name: &str) -> String {
        format!("{enum_name}.{value_name}")
    }

    fn enum_number(&self, _enum_name: &str, number: &str) -> String {
        number.to_owned()
    }

    fn spell(&self, member: &Member) -> Vec<(&'static str, String)> {
        let name = &member.ty.name;
        let scalar = member.ty.scalar.unwrap_or_default();
        // What an element is in numpy, and what an array of them.
        let (dtype, array) = match (member.ty.kind, scalar) {
            ("struct", _) => (format!("{name}.dtype"), "wire.StructArray".to_owned()),
            (_, "char") => (self.text("<u1"), "wire.Uint8Array".to_owned()),
            _ => (self.text(format_of(scalar)), format!("wire.{}Array", case::pascal(scalar))),
        };
        let (read, write, assign) = of_ipc(member, &array);
        // One value: its type, and what makes it of a field.
        let (value, open, close) = match member.ty.kind {
            _ if member.array => (array.clone(), String::new(), ""),
            "int" | "char" => ("int".to_owned(), "int(".to_owned(), ")"),
            "enum" => (name.clone(), format!("{name}(int("), "))"),
            "struct" => (name.clone(), format!("{name}.over("), ")"),
            scalar => (scalar.to_owned(), format!("{scalar}("), ")"),
        };
        // A kind of variable size, its owned value, what a View and a Writer hold of it, and what fixes its size.
        let [kind, owned, view, writer, dims] = match member.ty.kind {
            "text" => ["wire.TEXT", "str", "str", "memoryview", "int"].map(String::from),
            "blob" => ["wire.BLOB", "bytes", "memoryview", "memoryview", "int"].map(String::from),
            _ => [
                format!("{name}.kind()"),
                name.clone(),
                format!("{name}.View"),
                format!("{name}.Writer"),
                format!("{name}.Dims"),
            ],
        };
        let (owned, view, writer, dims) = match member.kind {
            "value" => (value.clone(), value.clone(), value.clone(), value.clone()),
            "slice" => (array.clone(), array.clone(), array, "bool".to_owned()),
            "one" => (owned, view, writer, dims),
            _ => (
                format!("list[{owned}]"),
                format!("wire.Elements[{owned}, {view}]"),
                format!("wire.MutableElements[{owned}, {writer}]"),
                format!("wire.ListOf[{dims}]"),
            ),
        };
        let holds_array = member.kind == "slice" || member.array && member.kind == "value";
        let mut parameter = match member.kind {
            _ if holds_array => "wire.ArrayLike".to_owned(),
            "value" if member.ty.kind == "enum" => "int".to_owned(),
            "list" => owned.replacen("list", "wire.ListOf", 1),
            _ => owned.clone(),
        };
        // A parameter has a value that does not change; without one, `None` stands for a new value.
        let initial = match (&member.default, member.ty.kind, member.kind) {
            (Some(default), ..) => Some(default.clone()),
            (None, ..) if member.optional || holds_array => None,
            (None, "text", "one") => Some("\"\"".to_owned()),
            (None, "blob", "one") => Some("b\"\"".to_owned()),
            (None, "int" | "char" | "enum", "value") => Some("0".to_owned()),
            (None, "float", "value") => Some("0.0".to_owned()),
            (None, "bool", "value") => Some("False".to_owned()),
            _ => None,
        };
        // An enum is set to any number; and an array to anything that numpy makes one of.
        let set = if member.optional { format!("{parameter} | None") } else { parameter.clone() };
        if initial.is_none() || member.optional {
            parameter += " | None";
        }
        let optional = |ty: String| if member.optional { format!("{ty} | None") } else { ty };
        vec![
            ("dtype", dtype),
            ("value", value),
            ("open", open),
            ("close", close.to_owned()),
            ("kind", kind),
            ("owned", optional(owned)),
            ("view", optional(view)),
            ("writer", optional(writer)),
            ("dims", if member.kind == "slice" { dims } else { optional(dims) }),
            ("read", optional(read)),
            ("write", optional(write)),
            ("assign", if member.optional && member.kind == "value" { format!("{assign} | None") } else { assign }),
            ("parameter", parameter),
            ("set", set),
            ("initial", initial.unwrap_or_else(|| "None".to_owned())),
        ]
    }

    fn size_operand(&self, code: &str, _scalar: Scalar) -> String {
        format!("wire.operand({code})")
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("wire.{}({left}, {right})", super::c_like::operation(op))
    }
}

/// What the module `ipc` has of a member in a received frame and in one that is written, and what can be assigned there;
/// nothing can where that is empty.
fn of_ipc(member: &Member, array: &str) -> (String, String, String) {
    let name = &member.ty.name;
    let owned = |one: &str| (one.to_owned(), one.to_owned(), one.to_owned());
    let (read, write, assign) = match (member.ty.kind, member.kind) {
        ("struct", _) if member.array && member.ty.sparse => {
            let assign = if member.kind == "value" { format!("wire.Structs[{name}]") } else { String::new() };
            (format!("wire.Items[{name}.Reading]"), format!("wire.MutableItems[{name}.Writing, {name}]"), assign)
        }
        ("struct", _) if member.array => (array.to_owned(), array.to_owned(), format!("wire.Structs[{name}]")),
        ("struct", _) => (format!("{name}.Reading"), format!("{name}.Writing"), format!("wire.Struct[{name}]")),
        (_, "value" | "slice") if member.array => (array.to_owned(), array.to_owned(), "wire.ArrayLike".to_owned()),
        ("text", "one") => owned("str"),
        ("text", _) => ("wire.Items[str]".to_owned(), "wire.MutableItems[str, str]".to_owned(), String::new()),
        ("blob", "one") => ("wire.Uint8Array".to_owned(), "wire.Uint8Array".to_owned(), "wire.Buffer".to_owned()),
        ("blob", _) => {
            let write = "wire.MutableItems[wire.Uint8Array, wire.Buffer]".to_owned();
            ("wire.Items[wire.Uint8Array]".to_owned(), write, String::new())
        }
        ("class", "one") => (format!("{name}.Reading"), format!("{name}.Writing"), String::new()),
        ("class", _) => (format!("wire.Items[{name}.Reading]"), format!("wire.Items[{name}.Writing]"), String::new()),
        ("char" | "enum", _) => owned("int"),
        (scalar, _) => owned(scalar),
    };
    if member.dimension { (read.clone(), read, String::new()) } else { (read, write, assign) }
}

/// By the name of a scalar.
fn format_of(scalar: &str) -> &'static str {
    Scalar::from_spelling(scalar).map_or("", |scalar| Python.scalar(scalar))
}
