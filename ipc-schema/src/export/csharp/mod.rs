//! C# 6: a class for each class, over segments of byte arrays.
//!
//! No structs are mapped: without unsafe code none can be laid over bytes, and an inline array could not stand in one.

use super::page::Member;
use super::{Language, Template, c_like, case};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct CSharp;

/// Methods of every object, what every class has, and types that the template names. Keywords are lower case, and no name
/// is here.
const RESERVED: &[&str] = &[
    "Action",
    "ArraySegment",
    "Build",
    "ClassName",
    "Constants",
    "Copy",
    "Deserialize",
    "Dims",
    "Equals",
    "Fill",
    "Finalize",
    "Fingerprint",
    "Finish",
    "FixedSize",
    "FrameException",
    "FrameSize",
    "Func",
    "GetDims",
    "GetHashCode",
    "GetType",
    "IReadOnlyList",
    "Ipc",
    "List",
    "MemberwiseClone",
    "Obsolete",
    "Prepare",
    "ReferenceEquals",
    "SchemaText",
    "Serialize",
    "SerializeInto",
    "System",
    "ToString",
    "Validate",
    "Values",
    "View",
    "Wire",
    "WireKind",
    "Writer",
];

impl Language for CSharp {
    fn name(&self) -> &'static str {
        "csharp"
    }

    fn templates(&self) -> &'static [Template] {
        &[Template { file: "{{ page.stem }}.cs", text: include_str!("classes.cs.jinja"), each_type: false }]
    }

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[("IpcWire.cs", include_str!("IpcWire.cs"))]
    }

    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("macros", include_str!("macros.jinja")),
            ("types", include_str!("types.jinja")),
            ("class", include_str!("class.jinja")),
            ("view", include_str!("view.jinja")),
            ("writer", include_str!("writer.jinja")),
            ("variable", include_str!("variable.jinja")),
        ]
    }

    fn is_reserved(&self, name: &str) -> bool {
        RESERVED.contains(&name)
    }

    fn type_name(&self, name: &str) -> String {
        self.escaped(case::pascal(name))
    }

    fn member_name(&self, name: &str) -> String {
        self.escaped(case::pascal(&case::camel(name)))
    }

    fn local_name(&self, name: &str) -> String {
        format!("_{}", case::camel(name))
    }

    fn mixes_constants_with_types(&self) -> bool {
        false
    }

    fn constant_name(&self, name: &str) -> String {
        self.member_name(name)
    }

    fn value_name(&self, name: &str) -> String {
        self.member_name(name)
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        match scalar {
            Scalar::Int8 => "sbyte",
            Scalar::Int16 => "short",
            Scalar::Int32 => "int",
            Scalar::Int64 => "long",
            Scalar::Uint8 | Scalar::Char => "byte",
            Scalar::Uint16 => "ushort",
            Scalar::Uint32 => "uint",
            Scalar::Uint64 => "ulong",
            Scalar::Float32 => "float",
            Scalar::Float64 => "double",
            Scalar::Bool => "bool",
        }
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        match (scalar, value) {
            (Scalar::Int64, Number::Int(value)) => format!("{value}L"),
            (Scalar::Uint32, Number::Int(value)) => format!("{value}U"),
            (Scalar::Uint64, Number::Int(value)) => format!("{value}UL"),
            (Scalar::Float32, Number::Float(value)) => format!("{:?}F", value as f32),
            (_, Number::Float(value)) => format!("{value:?}"),
            (_, Number::Int(value)) => value.to_string(),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut literal = String::from("\"");
        for unit in text.encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'"') => literal.push_str("\\\""),
                Ok(b'\\') => literal.push_str("\\\\"),
                Ok(b'\n') => literal.push_str("\\n"),
                Ok(byte @ b' '..=b'~') => literal.push(byte.into()),
                _ => literal.push_str(&format!("\\u{unit:04x}")),
            }
        }
        literal.push('"');
        literal
    }

    /// Documentation is XML.
    fn doc(&self, line: &str) -> String {
        line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    /// The items alone, of all dimensions: `spell` says what they make.
    fn list(&self, items: &[String], _inline: bool) -> String {
        items.join(", ")
    }

    fn blob(&self, bytes: &[u8]) -> String {
        format!("new byte[] {{ {} }}", bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "))
    }

    fn enum_value(&self, enum_name: &str, value_name: &str) -> String {
        format!("{enum_name}.{value_name}")
    }

    fn enum_number(&self, enum_name: &str, number: &str) -> String {
        format!("({enum_name})({number})")
    }

    fn spell(&self, member: &Member) -> Vec<(&'static str, String)> {
        let nested = &member.ty.name;
        // Of one: what is owned, what a View gives, what a Writer gives, and what fixes its size.
        let [kind, owned, view, writer, dims] = match member.ty.kind {
            "text" => ["Wire.Utf8Text", "string", "string", "ArraySegment<byte>", "int"].map(String::from),
            "blob" => ["Wire.Blob", "byte[]", "ArraySegment<byte>", "ArraySegment<byte>", "int"].map(String::from),
            "struct" | "class" => [
                format!("{nested}.WireKind"),
                nested.clone(),
                format!("{nested}.View"),
                format!("{nested}.Writer"),
                if member.kind == "value" { nested.clone() } else { format!("{nested}.Dims") },
            ],
            _ => [nested; 5].map(String::from),
        };
        let is_scalar = member.ty.scalar.is_some();
        let is_class = matches!(member.ty.kind, "struct" | "class");
        let many = member.array;
        let list = |of: &str| format!("IReadOnlyList<{of}>");
        let null = |ty: &str, is_value: bool| format!("{ty}{}", if member.optional && is_value { "?" } else { "" });
        let [owned_type, view_type, writer_type] = match (many, is_scalar) {
            (true, true) => [format!("{nested}[]"), format!("Values<{nested}>"), format!("Values<{nested}>")],
            (true, false) => [format!("List<{owned}>"), list(&view), list(&writer)],
            (false, true) => [null(&owned, true), null(&view, true), null(&writer, true)],
            (false, false) => [owned.clone(), null(&view, member.ty.kind == "blob"), null(&writer, !is_class)],
        };
        let dims_type = match member.kind {
            "slice" => "bool".to_owned(),
            "list" => format!("List<{dims}>"),
            _ => null(&dims, is_scalar || !is_class),
        };
        let local = match member.kind {
            "value" if is_scalar => nested.clone(),
            "value" | "one" if is_class => view.clone(),
            "list" => format!("Wire.Elements<{owned}, {view}, {writer}, {dims}>"),
            _ => null("ArraySegment<byte>", true),
        };
        let new = match member.ty.kind {
            "text" => "\"\"".to_owned(),
            "blob" => "new byte[0]".to_owned(),
            _ => format!("new {nested}()"),
        };
        let count = member.count.filter(|_| member.kind == "value").unwrap_or(member.default_count);
        let initial = match &member.default {
            Some(items) if many && is_scalar => format!("new {nested}[] {{ {items} }}"),
            Some(items) if many => format!("new List<{owned}> {{ {items} }}"),
            Some(default) => default.clone(),
            None if member.optional || is_scalar && !many => String::new(),
            None if is_scalar => format!("new {nested}[{count}]"),
            None if many => format!("Wire.Fresh({count}, () => {new})"),
            None => new,
        };
        let dims_initial = match member.kind {
            _ if member.optional || is_scalar => String::new(),
            "list" => format!("new {dims_type}()"),
            "value" | "one" if is_class => format!("new {dims_type}()"),
            _ => String::new(),
        };
        let number = if member.ty.kind == "enum" {
            let base = member.ty.scalar.and_then(Scalar::from_spelling).map_or("long", |scalar| self.scalar(scalar));
            format!("({base})")
        } else {
            String::new()
        };
        let bounds: Vec<_> = [(&member.min, ">="), (&member.max, "<=")]
            .into_iter()
            .filter_map(|(bound, op)| bound.as_ref().map(|bound| format!("{number}$ {op} {bound}")))
            .collect();
        let assigned = |value: &str| if value.is_empty() { String::new() } else { format!(" = {value};") };
        vec![
            ("kind", kind),
            // In Wire.Get… and Wire.Put…, with casts from and to the number of an enum.
            ("name", member.ty.scalar.map(case::pascal).unwrap_or_default()),
            ("from_number", if number.is_empty() { String::new() } else { format!("({nested})") }),
            ("number", number),
            ("owned", owned_type),
            ("view", view_type),
            ("writer", writer_type),
            ("dims", dims_type),
            ("local", local),
            ("initial", assigned(&initial)),
            ("dims_initial", assigned(&dims_initial)),
            ("in_range", bounds.join(" && ")),
            ("max_bytes", member.max_bytes.map_or("Wire.NoMax".to_owned(), |max| format!("{max}L"))),
        ]
    }

    /// A name of its own: the functions that count take each operand by itself.
    fn operand(&self, path: &[String]) -> String {
        path.join("_")
    }

    fn size_operand(&self, code: &str, _scalar: Scalar) -> String {
        format!("Wire.Operand({code})")
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("Wire.{}({left}, {right})", case::pascal(c_like::operation(op)))
    }
}
