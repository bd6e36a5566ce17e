//! Canonical JSON: the text of a class and all it uses, which a ring carries so that any tool can decode it.
//!
//! Types come in dependency order, keys in one order, constants by value, scalars by their one spelling; a line holds one
//! enum, one class's head or one member. Read back by [`Schema::from_untrusted`], it gives the same fingerprints.
//!
//! A class from another namespace than the outermost class says so by a key of its own, `namespace`, which a hand-written
//! description rarely needs: there each file has its namespace, but this text is one file.

use crate::desc::{ClassDesc, DimDesc, EnumDesc, MeaningDesc, MemberDesc, TypeDesc};
use crate::model::{ClassId, Enum, EnumId, Meaning, Member, Schema, Type, Value};

/// The text for a class of a schema.
pub fn of_class(schema: &Schema, class: ClassId) -> String {
    let mut text = Text::new(&schema[class].namespace);
    text.model_class(schema, class, &mut Seen::default());
    text.finish()
}

/// The text for a class that is known as a constant.
pub fn of_desc(class: &ClassDesc) -> String {
    let mut text = Text::new(class.namespace);
    text.constant_class(class, &mut Vec::new(), &mut Vec::new());
    text.finish()
}

/// A default value, as JSON writes it.
pub fn of_value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(of_value).collect::<Vec<_>>().join(",")),
    }
}

/// A string, as JSON writes it.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\u{0}'..='\u{1f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What was written already.
#[derive(Default)]
struct Seen {
    enums: Vec<EnumId>,
    classes: Vec<ClassId>,
}

/// The one writer: the model and the constants are turned into these parts.
struct Text {
    namespace: String,
    enums: Vec<String>,
    classes: Vec<String>,
}

struct ClassHead<'a> {
    namespace: &'a str,
    name: &'a str,
    comment: Option<&'a str>,
    since: Option<&'a str>,
    deprecated: Option<&'a str>,
}

struct MemberText<'a> {
    name: &'a str,
    ty: &'a str,
    dims: Vec<String>,
    optional: bool,
    meaning: MeaningText<'a>,
    elem_meaning: MeaningText<'a>,
    default: Option<String>,
    since: Option<&'a str>,
    deprecated: Option<&'a str>,
}

struct MeaningText<'a> {
    comment: Option<&'a str>,
    unit: Option<&'a str>,
    min: Option<String>,
    max: Option<String>,
}

impl Text {
    fn new(namespace: &str) -> Self {
        Self { namespace: namespace.to_owned(), enums: Vec::new(), classes: Vec::new() }
    }

    fn finish(self) -> String {
        let mut top = Object::default();
        top.text("namespace", Some(&*self.namespace).filter(|namespace| !namespace.is_empty()));
        if !self.enums.is_empty() {
            top.json("enums", Some(lines(&self.enums)));
        }
        top.json("classes", Some(lines(&self.classes)));
        top.finish() + "\n"
    }

    fn model_class(&mut self, schema: &Schema, id: ClassId, seen: &mut Seen) {
        if seen.classes.contains(&id) {
            return;
        }
        let class = &schema[id];
        for member in &class.members {
            match member.ty {
                Type::Class(id) => self.model_class(schema, id, seen),
                Type::Enum(id) if !seen.enums.contains(&id) => {
                    seen.enums.push(id);
                    let Enum { name, comment, base, values } = &schema[id];
                    let values = values.iter().map(|(name, value)| (name.as_str(), *value));
                    self.enumeration(name, comment.as_deref(), base.name(), values);
                }
                _ => {}
            }
        }
        seen.classes.push(id);
        let head = ClassHead {
            namespace: &class.namespace,
            name: &class.name,
            comment: class.comment.as_deref(),
            since: class.since.as_deref(),
            deprecated: class.deprecated.as_deref(),
        };
        self.class(head, class.members.iter().map(|member| MemberText::of_model(schema, member)));
    }

    fn constant_class(&mut self, class: &ClassDesc, classes: &mut Vec<ClassDesc>, enums: &mut Vec<EnumDesc>) {
        let same = |seen: &ClassDesc| seen.name == class.name && seen.fingerprint == class.fingerprint;
        if classes.iter().any(same) {
            return;
        }
        for member in class.members {
            match member.ty {
                TypeDesc::Class(class) => self.constant_class(class, classes, enums),
                TypeDesc::Enum(desc)
                    if !enums.iter().any(|seen| (seen.name, seen.values) == (desc.name, desc.values)) =>
                {
                    enums.push(*desc);
                    self.enumeration(desc.name, desc.comment, desc.base.name(), desc.values.iter().copied());
                }
                _ => {}
            }
        }
        classes.push(*class);
        let ClassDesc { namespace, name, comment, since, deprecated, .. } = *class;
        let head = ClassHead { namespace, name, comment, since, deprecated };
        self.class(head, class.members.iter().map(MemberText::of_desc));
    }

    fn enumeration<'v>(
        &mut self,
        name: &str,
        comment: Option<&str>,
        base: &str,
        values: impl Iterator<Item = (&'v str, i128)>,
    ) {
        let mut entries = Object::default();
        values.for_each(|(name, value)| entries.json(name, Some(value.to_string())));
        let mut object = Object::default();
        object.text("enumName", Some(name));
        object.text("comment", comment);
        object.text("base", Some(base));
        object.json("values", Some(entries.finish()));
        self.enums.push(object.finish());
    }

    fn class<'m>(&mut self, head: ClassHead<'_>, members: impl Iterator<Item = MemberText<'m>>) {
        let mut object = Object::default();
        object.text("className", Some(head.name));
        object.text("namespace", Some(head.namespace).filter(|namespace| **namespace != self.namespace));
        object.text("comment", head.comment);
        object.text("since", head.since);
        object.text("deprecated", head.deprecated);
        object.json("members", Some(lines(&members.map(MemberText::json).collect::<Vec<_>>())));
        self.classes.push(object.finish());
    }
}

impl<'a> MemberText<'a> {
    fn of_model(schema: &'a Schema, member: &'a Member) -> Self {
        Self {
            name: &member.name,
            ty: schema.type_name(member.ty),
            dims: member.dims.iter().map(|dim| dim.canonical().to_owned()).collect(),
            optional: member.presence_bit.is_some(),
            meaning: MeaningText::of_model(&member.meaning),
            elem_meaning: MeaningText::of_model(&member.elem_meaning),
            default: member.default.as_ref().map(of_value),
            since: member.since.as_deref(),
            deprecated: member.deprecated.as_deref(),
        }
    }

    fn of_desc(member: &MemberDesc) -> Self {
        let dim = |dim: &DimDesc| match dim {
            DimDesc::Constant(value) => value.to_string(),
            DimDesc::ConstantExpr { canonical, .. } | DimDesc::Expr(canonical) => (*canonical).to_owned(),
        };
        Self {
            name: member.name,
            ty: match member.ty {
                TypeDesc::Scalar(scalar) => scalar.name(),
                TypeDesc::String => "string",
                TypeDesc::Bytes => "bytes",
                TypeDesc::Enum(desc) => desc.name,
                TypeDesc::Class(desc) => desc.name,
            },
            dims: member.dims.iter().map(dim).collect(),
            optional: member.optional,
            meaning: MeaningText::of_desc(&member.meaning),
            elem_meaning: MeaningText::of_desc(&member.elem_meaning),
            default: member.default.map(str::to_owned),
            since: member.since,
            deprecated: member.deprecated,
        }
    }

    fn json(self) -> String {
        let mut object = Object::default();
        object.text("name", Some(self.name));
        if self.dims.is_empty() {
            object.text("type", Some(self.ty));
        } else {
            let dim = |dim: &String| if dim.bytes().all(|b| b.is_ascii_digit()) { dim.clone() } else { quoted(dim) };
            object.text("type", Some("array"));
            object.json("size", Some(format!("[{}]", self.dims.iter().map(dim).collect::<Vec<_>>().join(","))));
            let mut elem = Object::default();
            elem.text("type", Some(self.ty));
            elem.meaning(self.elem_meaning);
            object.json("elem", Some(elem.finish()));
        }
        object.json("optional", self.optional.then(|| "true".to_owned()));
        object.meaning(self.meaning);
        object.json("default", self.default);
        object.text("since", self.since);
        object.text("deprecated", self.deprecated);
        object.finish()
    }
}

impl<'a> MeaningText<'a> {
    fn of_model(meaning: &'a Meaning) -> Self {
        Self {
            comment: meaning.comment.as_deref(),
            unit: meaning.unit.as_deref(),
            min: meaning.min.map(|min| min.to_string()),
            max: meaning.max.map(|max| max.to_string()),
        }
    }

    fn of_desc(meaning: &MeaningDesc) -> Self {
        let MeaningDesc { comment, unit, min, max } = *meaning;
        Self { comment, unit, min: min.map(str::to_owned), max: max.map(str::to_owned) }
    }
}

/// A JSON object under way.
#[derive(Default)]
struct Object {
    properties: Vec<String>,
}

impl Object {
    fn json(&mut self, key: &str, json: Option<String>) {
        self.properties.extend(json.map(|json| format!("{}:{json}", quoted(key))));
    }

    fn text(&mut self, key: &str, text: Option<&str>) {
        self.json(key, text.map(quoted));
    }

    fn meaning(&mut self, meaning: MeaningText<'_>) {
        self.text("comment", meaning.comment);
        self.text("unit", meaning.unit);
        self.json("min", meaning.min);
        self.json("max", meaning.max);
    }

    fn finish(self) -> String {
        format!("{{{}}}", self.properties.join(","))
    }
}

/// A JSON list with one item a line.
fn lines(items: &[String]) -> String {
    format!("[\n{}\n]", items.join(",\n"))
}
