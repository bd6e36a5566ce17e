//! TypeScript: a module with a class for each class, over typed arrays.

use super::page::Member;
use super::{Language, Template, c_like, case};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct TypeScript;

/// What every class has or inherits, and what a module uses, so that no member or type may have the name.
const CLASS_NAMES: &[&str] = &[
    "Array",
    "Object",
    "Uint8Array",
    "constructor",
    "copy",
    "dims",
    "fill",
    "finish",
    "hasOwnProperty",
    "isPrototypeOf",
    "place",
    "propertyIsEnumerable",
    "serialize",
    "serializeInto",
    "tidy",
    "toLocaleString",
    "toString",
    "validate",
    "valueOf",
    "wire",
];

impl Language for TypeScript {
    fn name(&self) -> &'static str {
        "typescript"
    }

    fn templates(&self) -> &'static [Template] {
        &[Template { file: "{{ page.stem }}.ts", text: include_str!("classes.ts.jinja"), each_type: false }]
    }

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[("ipc_wire.ts", include_str!("ipc_wire.ts"))]
    }

    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("macros", include_str!("macros.jinja")),
            ("fixed", include_str!("fixed.jinja")),
            ("variable", include_str!("variable.jinja")),
        ]
    }

    fn is_reserved(&self, name: &str) -> bool {
        CLASS_NAMES.contains(&name) || name.ends_with("Array") && name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    fn type_name(&self, name: &str) -> String {
        self.escaped(case::pascal(name))
    }

    fn companions(&self) -> &'static [&'static str] {
        &["Dims", "Fixed", "Kind", "View", "Writer"]
    }

    fn member_name(&self, name: &str) -> String {
        self.escaped(case::camel(name))
    }

    fn constant_name(&self, name: &str) -> String {
        self.escaped(case::upper_snake(name))
    }

    fn value_name(&self, name: &str) -> String {
        case::pascal(name)
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        match scalar {
            Scalar::Int64 | Scalar::Uint64 => "bigint",
            Scalar::Bool => "boolean",
            _ => "number",
        }
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        match (scalar, value) {
            (Scalar::Int64 | Scalar::Uint64, Number::Int(value)) => format!("{value}n"),
            (_, Number::Int(value)) => value.to_string(),
            (Scalar::Float32, Number::Float(value)) => format!("{:?}", f64::from(value as f32)),
            (_, Number::Float(value)) => format!("{value:?}"),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut literal = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => literal.extend(['\\', c]),
                '\n' => literal.push_str("\\n"),
                c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                    literal.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => literal.push(c),
            }
        }
        literal.push('"');
        literal
    }

    fn doc(&self, line: &str) -> String {
        line.replace("*/", "* /")
    }

    fn blob(&self, bytes: &[u8]) -> String {
        format!("Uint8Array.of({})", bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "))
    }

    /// Side by side, in any number of dimensions.
    fn list(&self, items: &[String], _inline: bool) -> String {
        let flat = items.iter().map(|item| item.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(item));
        format!("[{}]", flat.collect::<Vec<_>>().join(", "))
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
        // How one value is reached, and what holds several.
        let accessor = if scalar == "char" { "Uint8".to_owned() } else { case::pascal(scalar) };
        let array = match scalar {
            "int64" => "BigInt64Array".to_owned(),
            "uint64" => "BigUint64Array".to_owned(),
            "bool" => "Uint8Array".to_owned(),
            _ => format!("{accessor}Array"),
        };
        let is_struct = member.ty.kind == "struct";
        let (offset, size) = (member.offset.unwrap_or_default(), member.size.unwrap_or_default());
        let count = member.count.unwrap_or_default();
        let place = format!("this.place.part({offset}, {size})");
        let read = match (member.array, is_struct) {
            (false, false) => format!("this.place.get{accessor}({offset})"),
            (false, true) => format!("new {name}({place})"),
            (true, false) => format!("this.place.array({array}, {offset}, {count})"),
            (true, true) => format!("new wire.Structs({name}, {place})"),
        };
        // What a View and a Writer hold of several, what an owned value does, and what it is given as.
        let (several, owned_several, given) = if is_struct {
            (format!("wire.Structs<{name}>"), format!("{name}[]"), format!("Iterable<{name}>"))
        } else {
            (array.clone(), array.clone(), "wire.Values".to_owned())
        };
        // A kind of variable size, its owned value, what a View and a Writer give of it, and what fixes its size.
        let [kind, one, view, writer, dims] = match member.ty.kind {
            "text" => ["wire.TEXT", "string", "string", "Uint8Array", "number"].map(String::from),
            "blob" => ["wire.BLOB", "Uint8Array", "Uint8Array", "Uint8Array", "number"].map(String::from),
            _ => ["Kind", "", "View", "Writer", "Dims"].map(|companion| format!("{name}{companion}")),
        };
        let (owned, view, writer, dims, parameter) = match member.kind {
            "value" if member.array => (several.clone(), several.clone(), several, String::new(), given),
            "value" => (name.clone(), name.clone(), name.clone(), name.clone(), name.clone()),
            "slice" => (owned_several, several.clone(), several, "boolean".to_owned(), given),
            "one" => (one.clone(), view, writer, dims, one),
            _ => (
                format!("{one}[]"),
                format!("wire.Elements<{one}, {view}>"),
                format!("wire.MutableElements<{one}, {writer}>"),
                format!("readonly {dims}[]"),
                format!("Iterable<{one}>"),
            ),
        };
        let held =
            if member.kind == "one" && member.ty.kind == "text" { "Uint8Array".to_owned() } else { view.clone() };
        let make = match member.ty.kind {
            "text" => "\"\"".to_owned(),
            "blob" => "new Uint8Array()".to_owned(),
            _ => format!("new {name}()"),
        };
        let optional = |ty: String| if member.optional { format!("{ty} | undefined") } else { ty };
        vec![
            ("accessor", accessor),
            ("array", array),
            ("read", read),
            ("kind", kind),
            ("make", make),
            ("owned", optional(owned)),
            ("view", optional(view)),
            ("held", optional(held)),
            ("writer", optional(writer)),
            ("dims", dims),
            ("set", optional(parameter.clone())),
            ("parameter", parameter),
        ]
    }

    fn size_operand(&self, code: &str, _scalar: Scalar) -> String {
        format!("wire.operand({code})")
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("wire.{}({left}, {right})", c_like::operation(op))
    }
}
