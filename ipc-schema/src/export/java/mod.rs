//! Java 11: a class in a file of its own for each class, over little-endian `ByteBuffer`s.

use super::page::Member;
use super::{Language, Template, c_like, case};
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

pub(super) struct Java;

/// Keywords and literals.
const KEYWORDS: &[&str] = &[
    "_",
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
];

/// Methods of every object, what every class has, and what else the template names.
const CLASS_NAMES: &[&str] = &[
    "at",
    "build",
    "bytes",
    "clone",
    "copy",
    "deserialize",
    "dims",
    "equals",
    "fill",
    "finalize",
    "fingerprint",
    "finish",
    "frameSize",
    "getClass",
    "hashCode",
    "ipc",
    "java",
    "javax",
    "notify",
    "notifyAll",
    "serialize",
    "serializeInto",
    "toString",
    "validate",
    "wait",
];

/// Types that the template names, and those of `java.lang` that a class of that name would hide.
const TYPES: &[&str] = &[
    "ArrayList",
    "Boolean",
    "Byte",
    "ByteBuffer",
    "Character",
    "Class",
    "Constants",
    "Deprecated",
    "Dims",
    "Double",
    "DoubleBuffer",
    "Float",
    "FloatBuffer",
    "FrameException",
    "IntBuffer",
    "Integer",
    "KIND",
    "List",
    "Long",
    "LongBuffer",
    "Math",
    "Object",
    "Override",
    "Record",
    "SCHEMA",
    "SIZE",
    "Short",
    "ShortBuffer",
    "String",
    "SuppressWarnings",
    "Thread",
    "View",
    "Wire",
    "Writer",
];

/// A scalar: as a value, boxed, in an array, and the buffer of such an array.
fn types(scalar: &str) -> [&'static str; 4] {
    match scalar {
        "int8" => ["byte", "Byte", "byte", "ByteBuffer"],
        "int16" => ["short", "Short", "short", "ShortBuffer"],
        "int32" => ["int", "Integer", "int", "IntBuffer"],
        "int64" | "uint64" => ["long", "Long", "long", "LongBuffer"],
        "uint8" => ["int", "Integer", "byte", "ByteBuffer"],
        "uint16" => ["int", "Integer", "short", "ShortBuffer"],
        "uint32" => ["long", "Long", "int", "IntBuffer"],
        "float32" => ["float", "Float", "float", "FloatBuffer"],
        "float64" => ["double", "Double", "double", "DoubleBuffer"],
        "bool" => ["boolean", "Boolean", "boolean", "List<Boolean>"],
        _ => ["char", "Character", "byte", "ByteBuffer"],
    }
}

/// What the documentation says of a type that Java does not have.
fn note(member: &Member) -> String {
    let unsigned = match (member.ty.scalar, member.array) {
        (Some("uint64"), false) => "Unsigned, in all 64 bits: see {@link Long#toUnsignedString(long)}.",
        (Some("uint64"), true) => "Each element is unsigned, in all 64 bits: see {@link Long#toUnsignedString(long)}.",
        (Some("uint32"), true) => "Each element is unsigned: see {@link Integer#toUnsignedLong(int)}.",
        (Some("uint16"), true) => "Each element is unsigned: see {@link Short#toUnsignedInt(short)}.",
        (Some("uint8" | "char"), true) => "Each element is unsigned: see {@link Byte#toUnsignedInt(byte)}.",
        _ => "",
    };
    match member.ty.kind {
        "enum" => format!("Values of {{@link {}}}, or others. {unsigned}", member.ty.name).trim_end().to_owned(),
        _ => unsigned.to_owned(),
    }
}

impl Language for Java {
    fn name(&self) -> &'static str {
        "java"
    }

    fn templates(&self) -> &'static [Template] {
        const TYPE: &str = "{% for part in page.namespace %}{{ part }}/{% endfor %}\
                            {{ class.name if this == \"class\" else enum.name }}.java";
        const CONSTANTS: &str = "{% if page.constants %}{% for part in page.namespace %}{{ part }}/{% endfor %}\
                                 Constants.java{% endif %}";
        &[
            Template { file: TYPE, text: include_str!("type.java.jinja"), each_type: true },
            Template { file: CONSTANTS, text: include_str!("constants.java.jinja"), each_type: false },
        ]
    }

    fn support(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("ipc/FrameException.java", include_str!("ipc/FrameException.java")),
            ("ipc/Wire.java", include_str!("ipc/Wire.java")),
        ]
    }

    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("macros", include_str!("macros.jinja")),
            ("class", include_str!("class.jinja")),
            ("view", include_str!("view.jinja")),
            ("writer", include_str!("writer.jinja")),
            ("variable", include_str!("variable.jinja")),
        ]
    }

    fn is_reserved(&self, name: &str) -> bool {
        KEYWORDS.contains(&name) || CLASS_NAMES.contains(&name) || TYPES.contains(&name)
    }

    fn type_name(&self, name: &str) -> String {
        self.escaped(case::pascal(name))
    }

    fn member_name(&self, name: &str) -> String {
        self.escaped(case::camel(name))
    }

    fn namespace_name(&self, name: &str, _is_first: bool) -> String {
        self.escaped(name.to_ascii_lowercase())
    }

    fn mixes_constants_with_types(&self) -> bool {
        false
    }

    fn constant_name(&self, name: &str) -> String {
        self.escaped(case::upper_snake(name))
    }

    fn value_name(&self, name: &str) -> String {
        self.escaped(case::upper_snake(name))
    }

    fn scalar(&self, scalar: Scalar) -> &'static str {
        types(scalar.name())[0]
    }

    fn number(&self, scalar: Scalar, value: Number) -> String {
        match (scalar, value) {
            (Scalar::Uint64, Number::Int(value)) if value > i64::MAX.into() => format!("0x{value:x}L"),
            (Scalar::Int64 | Scalar::Uint32 | Scalar::Uint64, Number::Int(value)) => format!("{value}L"),
            (Scalar::Float32, Number::Float(value)) => format!("{:?}F", value as f32),
            (_, Number::Float(value)) => format!("{value:?}"),
            (_, Number::Int(value)) => value.to_string(),
        }
    }

    fn char(&self, code: u8) -> String {
        c_like::char(code)
    }

    fn text(&self, text: &str) -> String {
        let mut literal = String::from("\"");
        for unit in text.encode_utf16() {
            match u8::try_from(unit) {
                Ok(b'"') => literal.push_str("\\\""),
                Ok(b'\\') => literal.push_str("\\\\"),
                Ok(b'\n') => literal.push_str("\\n"),
                Ok(byte @ b' '..=b'~') => literal.push(byte.into()),
                Ok(byte) if byte.is_ascii() => literal.push_str(&format!("\\{byte:03o}")),
                _ => literal.push_str(&format!("\\u{unit:04x}")),
            }
        }
        literal.push('"');
        literal
    }

    /// Javadoc is HTML, and in all of a file `\u` begins a character by its number.
    fn doc(&self, line: &str) -> String {
        let shown = |c: char| match c {
            '&' | '<' | '>' | '@' | '\\' => format!("&#{};", u32::from(c)),
            c if !c.is_ascii() => format!("&#{};", u32::from(c)),
            c => c.to_string(),
        };
        line.replace("*/", "* /").chars().map(shown).collect()
    }

    /// The items alone, of all dimensions: `spell` says what they make.
    fn list(&self, items: &[String], _inline: bool) -> String {
        items.join(", ")
    }

    fn blob(&self, bytes: &[u8]) -> String {
        format!("Wire.bytes({})", bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "))
    }

    fn enum_value(&self, enum_name: &str, value_name: &str) -> String {
        format!("{enum_name}.{value_name}")
    }

    fn enum_number(&self, _enum_name: &str, number: &str) -> String {
        number.to_owned()
    }

    fn spell(&self, member: &Member) -> Vec<(&'static str, String)> {
        let nested = &member.ty.name;
        let scalar = member.ty.scalar.map(types);
        let [value, boxed, element, buffer] = scalar.unwrap_or_default();
        // Of one: what is owned, what a View gives, what a Writer gives, what fixes its size, and what that is of an element.
        let [kind, owned, view, writer, dims, dims_of_element] = match member.ty.kind {
            "text" => ["Wire.TEXT", "String", "String", "ByteBuffer", "int", "Integer"].map(String::from),
            "blob" => ["Wire.BLOB", "byte[]", "ByteBuffer", "ByteBuffer", "int", "Integer"].map(String::from),
            "struct" | "class" => [
                format!("{nested}.KIND"),
                nested.clone(),
                format!("{nested}.View"),
                format!("{nested}.Writer"),
                if member.kind == "value" { nested.clone() } else { format!("{nested}.Dims") },
                format!("{nested}.Dims"),
            ],
            _ => [value; 6].map(String::from),
        };
        let elements = format!("Wire.Elements<{owned}, {view}, {writer}, {dims_of_element}>");
        let list = |of: &str| format!("List<{of}>");
        let is_scalar = scalar.is_some();
        let many = member.array || member.kind == "slice";
        let [owned_type, view_type, writer_type] = match (many, is_scalar) {
            (true, true) => [format!("{element}[]"), buffer.to_owned(), buffer.to_owned()],
            (true, false) => [list(&owned), list(&view), list(&writer)],
            (false, true) if member.optional => [boxed.to_owned(), boxed.to_owned(), boxed.to_owned()],
            (false, _) => [owned.clone(), view.clone(), writer.clone()],
        };
        let dims_type = match member.kind {
            "slice" => "boolean".to_owned(),
            "list" => list(&dims_of_element),
            "one" if member.optional => dims_of_element,
            _ => dims,
        };
        let local = match member.kind {
            "value" if is_scalar => value.to_owned(),
            "value" | "one" if matches!(member.ty.kind, "struct" | "class") => view,
            "list" => elements,
            _ => "ByteBuffer".to_owned(),
        };
        let new = match member.ty.kind {
            "text" => "() -> \"\"".to_owned(),
            "blob" => "() -> new byte[0]".to_owned(),
            _ => format!("{nested}::new"),
        };
        let count = member.count.filter(|_| member.kind == "value").unwrap_or(member.default_count);
        let initial = match &member.default {
            Some(items) if many => match (element, member.ty.scalar) {
                (_, None) => format!("Wire.listOf({items})"),
                ("byte", _) => format!("Wire.bytes({items})"),
                ("short", _) => format!("Wire.shorts({items})"),
                ("int", Some("uint32")) => format!("Wire.ints({items})"),
                _ => format!("new {element}[] {{{items}}}"),
            },
            Some(default) => default.clone(),
            None if member.optional || is_scalar && !many => String::new(),
            None if is_scalar => format!("new {element}[{count}]"),
            None if many => format!("Wire.fresh({count}, {new})"),
            None => match member.ty.kind {
                "text" => "\"\"".to_owned(),
                "blob" => "new byte[0]".to_owned(),
                _ => format!("new {nested}()"),
            },
        };
        let dims_initial = match member.kind {
            _ if member.optional || is_scalar => "",
            "list" => "new ArrayList<>()",
            "value" | "one" if matches!(member.ty.kind, "struct" | "class") => &format!("new {dims_type}()"),
            _ => "",
        };
        let compared = |bound: &String, op: &str| match member.ty.scalar {
            Some("uint64") => format!("Long.compareUnsigned($, {bound}) {op} 0"),
            _ => format!("$ {op} {bound}"),
        };
        let bounds: Vec<_> = [(&member.min, ">="), (&member.max, "<=")]
            .into_iter()
            .filter_map(|(bound, op)| bound.as_ref().map(|bound| compared(bound, op)))
            .collect();
        let assigned = |value: &str| if value.is_empty() { String::new() } else { format!(" = {value}") };
        vec![
            ("kind", kind),
            ("scalar", value.to_owned()),
            ("name", member.ty.scalar.map(case::pascal).unwrap_or_default()),
            ("owned", owned_type),
            ("view", view_type),
            ("writer", writer_type),
            ("dims", dims_type),
            ("local", local),
            ("initial", assigned(&initial)),
            ("dims_initial", assigned(dims_initial)),
            ("buffer", buffer.to_owned()),
            ("in_range", bounds.join(" && ")),
            ("text", if member.ty.scalar == Some("uint64") { "unsigned" } else { "text" }.to_owned()),
            ("note", note(member)),
            ("max_bytes", member.max_bytes.map_or("Wire.NO_MAX".to_owned(), |max| format!("{max}L"))),
        ]
    }

    /// A name of its own: the functions that count take each operand by itself.
    fn operand(&self, path: &[String]) -> String {
        path.join("_")
    }

    fn size_operand(&self, code: &str, scalar: Scalar) -> String {
        match scalar {
            Scalar::Int8 | Scalar::Int16 | Scalar::Int32 | Scalar::Int64 => format!("Wire.operand({code})"),
            _ => code.to_owned(),
        }
    }

    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String {
        format!("Wire.{}({left}, {right})", c_like::operation(op))
    }
}
