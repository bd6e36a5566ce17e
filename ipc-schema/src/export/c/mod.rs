//! C11: structs and functions with the class's name before theirs, in one header.

use super::page::Member;
use super::{Language, Template, c_like};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct C;

impl Language for C {
    fn name(&self) -> &'static str {
        "c"
    }

    fn templates(&self) -> &'static [Template] {
        &[Template { file: "{{ page.stem }}.h", text: include_str!("classes.h.jinja"), each_type: false }]
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

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[("ipc_wire.h", include_str!("ipc_wire.h"))]
    }

    fn is_reserved(&self, name: &str) -> bool {
        // `fixed` and `frame_` stand beside the members of views and writers.
        c_like::is_reserved(name) || ["fixed", "frame_", "presence_"].contains(&name)
    }

    /// A type without a namespace stands beside what C libraries declare.
    fn type_name(&self, name: &str) -> String {
        let name = self.escaped(name.to_owned());
        if c_like::GLOBAL_FUNCTIONS.contains(&name.as_str()) { format!("{name}_") } else { name }
    }

    fn type_name_in(&self, namespace: &[&str], name: &str) -> String {
        if namespace.is_empty() { self.type_name(name) } else { format!("{}_{name}", namespace.join("_")) }
    }

    /// Never alone.
    fn namespace_name(&self, name: &str, _is_first: bool) -> String {
        name.to_owned()
    }

    fn companions(&self) -> &'static [&'static str] {
        &[
            "_fixed",
            "_view",
            "_writer",
            "_fingerprint",
            "_schema",
            "_CLASS_NAME",
            "_init",
            "_serialize",
            "_deserialize",
            "_frame_size",
            "_validate",
            "_tidy",
            "_build",
            "_load",
            "_check_counts",
            "_view_open",
            "_view_validate",
            "_writer_open",
            "_writer_edit",
            "_writer_finish",
        ]
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        match scalar {
            Scalar::Int8 => "int8_t",
            Scalar::Int16 => "int16_t",
            Scalar::Int32 => "int32_t",
            Scalar::Int64 => "int64_t",
            Scalar::Uint8 | Scalar::Bool => "uint8_t",
            Scalar::Uint16 => "uint16_t",
            Scalar::Uint32 => "uint32_t",
            Scalar::Uint64 => "uint64_t",
            Scalar::Float32 => "float",
            Scalar::Float64 => "double",
            Scalar::Char => "char",
        }
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        c_like::number(scalar, value)
    }

    fn char(&self, code: u8) -> String {
        c_like::char(code)
    }

    fn text(&self, text: &str) -> String {
        c_like::text(text)
    }

    fn string(&self, text: &str) -> String {
        format!("{{{}, {}}}", c_like::text(text), text.len())
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
        format!("{{(const uint8_t *)\"{octal}\", {}}}", bytes.len())
    }

    fn doc(&self, line: &str) -> String {
        c_like::doc(line)
    }

    fn list(&self, items: &[String], _inline: bool) -> String {
        format!("{{{}}}", items.join(", "))
    }

    fn enum_value(&self, enum_name: &str, value_name: &str) -> String {
        format!("{enum_name}_{value_name}")
    }

    fn value_name(&self, name: &str) -> String {
        name.to_owned()
    }

    fn enum_number(&self, enum_name: &str, number: &str) -> String {
        format!("(({enum_name}){number})")
    }

    fn spell(&self, member: &Member) -> Vec<(&'static str, String)> {
        let ty = &member.ty;
        let name = &ty.name;
        // A value of variable size, the same in a view, and in a writer.
        let [value, view, writer] = match ty.kind {
            "text" => ["ipc_wire_text", "ipc_wire_text", "ipc_wire_text_place"].map(String::from),
            "blob" => ["ipc_wire_blob", "ipc_wire_blob", "ipc_wire_blob_place"].map(String::from),
            "class" => [name.clone(), format!("{name}_view"), format!("{name}_writer")],
            _ => [name.clone(), format!("const {name} *"), format!("{name} *")],
        };
        let (view, writer) = match member.kind {
            "list" => ("ipc_wire_list".to_owned(), "ipc_wire_list".to_owned()),
            _ => (view, writer),
        };
        let dims: String = member.dims.iter().map(|dim| format!("[{}]", dim.value.unwrap_or_default())).collect();
        let scalar = ty.scalar.unwrap_or_default();
        let (sign, wide) = match ty.kind {
            "float" => ("f", "double"),
            _ if scalar.starts_with('i') => ("i", "int64_t"),
            _ => ("u", "uint64_t"),
        };
        let as_number = if ty.kind == "char" { "(uint8_t)" } else { "" };
        vec![
            ("value", value),
            ("view", view),
            ("writer", writer),
            ("dims", dims),
            ("sign", sign.to_owned()),
            ("wide", wide.to_owned()),
            ("as_number", as_number.to_owned()),
            ("parameter", if ty.kind == "struct" { format!("const {name} *") } else { format!("{name} ") }),
            ("align", if ty.kind == "class" { "8" } else { "1" }.to_owned()),
            ("max_bytes", member.max_bytes.map_or("IPC_WIRE_NO_MAX".to_owned(), |max| format!("{max}U"))),
        ]
    }

    fn operand(&self, path: &[String]) -> String {
        if path.len() == 1 { path[0].clone() } else { format!("{}->{}", path[0], path[1..].join(".")) }
    }

    fn size_operand(&self, code: &str, _scalar: Scalar) -> String {
        format!("ipc_wire_operand(&size, {code})")
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("ipc_wire_{}(&size, {left}, {right})", c_like::operation(op))
    }
}
