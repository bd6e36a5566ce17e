//! C++17: a struct for each class, in one header.

use super::page::Member;
use super::{Language, Template, c_like};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct Cpp;

/// What every class has, so that no member may.
const CLASS_NAMES: &[&str] = &[
    "Dims",
    "Fixed",
    "View",
    "Writer",
    "build",
    "class_name",
    "copy",
    "deserialize",
    "dims",
    "fill",
    "fingerprint",
    "finish",
    "fixed_",
    "frame_",
    "frame_size",
    "ipc",
    "is_present",
    "presence_",
    "schema",
    "serialize",
    "set_present",
    "std",
    "tidy",
    "validate",
];

impl Language for Cpp {
    fn name(&self) -> &'static str {
        "cpp"
    }

    fn templates(&self) -> &'static [Template] {
        &[Template { file: "{{ page.stem }}.hpp", text: include_str!("classes.hpp.jinja"), each_type: false }]
    }

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[("ipc_wire.hpp", include_str!("ipc_wire.hpp"))]
    }

    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("macros", include_str!("macros.jinja")),
            ("fixed", include_str!("fixed.jinja")),
            ("variable", include_str!("variable.jinja")),
            ("view", include_str!("view.jinja")),
            ("writer", include_str!("writer.jinja")),
        ]
    }

    fn is_reserved(&self, name: &str) -> bool {
        c_like::is_reserved(name) || CLASS_NAMES.contains(&name)
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        match scalar {
            Scalar::Int8 => "std::int8_t",
            Scalar::Int16 => "std::int16_t",
            Scalar::Int32 => "std::int32_t",
            Scalar::Int64 => "std::int64_t",
            Scalar::Uint8 => "std::uint8_t",
            Scalar::Uint16 => "std::uint16_t",
            Scalar::Uint32 => "std::uint32_t",
            Scalar::Uint64 => "std::uint64_t",
            Scalar::Float32 => "float",
            Scalar::Float64 => "double",
            Scalar::Bool => "ipc::Bool",
            Scalar::Char => "char",
        }
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        c_like::number(scalar, value)
    }

    fn char(&self, code: u8) -> String {
        c_like::char(code)
    }

    fn namespace_name(&self, name: &str, is_first: bool) -> String {
        let name = self.type_name(name);
        if is_first && c_like::GLOBAL_FUNCTIONS.contains(&name.as_str()) { format!("{name}_") } else { name }
    }

    fn text(&self, text: &str) -> String {
        c_like::text(text)
    }

    fn doc(&self, line: &str) -> String {
        c_like::doc(line)
    }

    fn list(&self, items: &[String], inline: bool) -> String {
        let items = items.join(", ");
        if inline { format!("{{{{{items}}}}}") } else { format!("{{{items}}}") }
    }

    fn enum_value(&self, enum_name: &str, value_name: &str) -> String {
        format!("{enum_name}::{value_name}")
    }

    fn enum_number(&self, enum_name: &str, number: &str) -> String {
        format!("static_cast<{enum_name}>({number})")
    }

    fn spell(&self, member: &Member) -> Vec<(&'static str, String)> {
        let nested = &member.ty.name;
        // A kind of variable size, its owned value, what a View and a Writer hold of it, and what fixes its size.
        let [kind, owned, view, writer, dims] = match member.ty.kind {
            "text" => {
                ["ipc::wire::Text", "std::string", "ipc::Bytes", "ipc::Span<char>", "std::uint32_t"].map(String::from)
            }
            "blob" => [
                "ipc::wire::Blob",
                "std::vector<std::uint8_t>",
                "ipc::Bytes",
                "ipc::Span<std::uint8_t>",
                "std::uint32_t",
            ]
            .map(String::from),
            _ => [
                format!("ipc::wire::Nested<{nested}>"),
                nested.clone(),
                format!("{nested}::View"),
                format!("{nested}::Writer"),
                format!("{nested}::Dims"),
            ],
        };
        let mapped = (member.dims.iter().rev())
            .fold(nested.clone(), |inner, dim| format!("std::array<{inner}, {}>", dim.value.unwrap_or_default()));
        let value = if member.ty.kind == "bool" && !member.array { "bool".to_owned() } else { mapped.clone() };
        let (owned, view, writer, dims) = match member.kind {
            "value" => (value.clone(), value.clone(), mapped.clone(), value.clone()),
            "slice" => (
                format!("std::vector<{nested}>"),
                format!("ipc::Span<const {nested}>"),
                format!("ipc::Span<{nested}>"),
                "bool".to_owned(),
            ),
            "one" => (owned, view, writer, dims),
            _ => (
                format!("std::vector<{owned}>"),
                format!("ipc::Elements<{kind}>"),
                format!("ipc::MutableElements<{kind}>"),
                format!("std::vector<{dims}>"),
            ),
        };
        let initial = match (&member.default, member.ty.kind) {
            (Some(default), _) => format!(" = {default}"),
            _ if member.optional || member.kind == "one" => String::new(),
            _ if member.kind != "value" && member.default_count == 0 => String::new(),
            _ if member.kind != "value" => format!(" = {owned}({})", member.default_count),
            (None, "int" | "float") if !member.array => " = 0".to_owned(),
            (None, "bool") if !member.array => " = false".to_owned(),
            _ => "{}".to_owned(),
        };
        let optional = |ty: String| if member.optional { format!("std::optional<{ty}>") } else { ty };
        vec![
            ("kind", kind),
            ("mapped", mapped),
            ("value", value),
            ("owned", optional(owned)),
            ("view", optional(view)),
            ("writer", optional(writer)),
            ("dims", if member.kind == "slice" { dims } else { optional(dims) }),
            ("initial", initial),
            ("max_bytes", member.max_bytes.map_or("ipc::wire::no_max".to_owned(), |max| format!("{max}U"))),
        ]
    }

    fn size_operand(&self, code: &str, _scalar: Scalar) -> String {
        format!("ipc::wire::operand({code})")
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("ipc::wire::{}({left}, {right})", c_like::operation(op))
    }
}
