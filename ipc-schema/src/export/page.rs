//! [`Page`]: a schema as a template sees it. All decisions are made on the way here, or were made by the layout model before.
//!
//! The types are here; `printer` fills them, with `sizes`, `names` and `docs`.

mod docs;
mod names;
mod printer;
mod sizes;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{ExportError, Language};
use crate::model::{self, ClassId, EnumId, Number, Scalar, Schema};
use printer::Printer;

/// A schema, for a template.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Names the file.
    pub stem: String,
    /// The namespace of the outermost class, in parts.
    pub namespace: Vec<String>,
    /// Constants by name.
    pub constants: Vec<Constant>,
    /// Enums, in declared order.
    pub enums: Vec<Enum>,
    /// Classes: each stands after those that it uses.
    pub classes: Vec<Class>,
}

/// A constant.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Constant {
    pub name: String,
    pub value: String,
}

/// An enum.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Enum {
    pub name: String,
    /// As the description has it.
    pub wire_name: String,
    pub docs: Vec<String>,
    /// The language's type of its base.
    pub base: String,
    /// `uint8`
    pub scalar: &'static str,
    pub size: u32,
    pub values: Vec<EnumValue>,
}

/// A value of an enum.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct EnumValue {
    pub name: String,
    pub wire_name: String,
    /// A literal.
    pub value: String,
}

/// A class.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Class {
    pub name: String,
    pub wire_name: String,
    pub docs: Vec<String>,
    pub deprecated: Option<String>,
    /// Whether the fixed part is the whole frame.
    pub fixed: bool,
    /// Of the fixed part, in bytes.
    pub size: u32,
    pub align: u32,
    /// Its 16 bytes, `0x2f` each, and all of it as text.
    pub fingerprint: Vec<String>,
    pub fingerprint_text: String,
    /// The canonical text, line by line.
    pub schema: Vec<String>,
    pub members: Vec<Member>,
    /// What stands in the fixed part, every byte of it, in order.
    pub fields: Vec<Field>,
    pub presence: Option<Presence>,
    /// Whether any value of it, or inside it, has `min` or `max`.
    pub bounded: bool,
    /// Whether it has bytes that a writer may leave untidy: bools, padding, absent members, here or inside.
    pub untidy: bool,
    /// Whether a member of it is optional, or one of a class inside it.
    pub sparse: bool,
}

/// The presence bytes.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Presence {
    /// A name that no member has.
    pub name: String,
    pub offset: u32,
    pub count: u32,
    /// The bits of the last byte that are used.
    pub last_mask: u8,
    /// The bytes of a new value: members with a default are there.
    pub initial: Vec<u8>,
}

/// A field of the fixed part.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Field {
    /// `value`, `length` (a hidden `u32`), `presence` or `pad`.
    pub kind: &'static str,
    /// In the struct that is mapped; no member has it if it is hidden.
    pub name: String,
    pub offset: u32,
    pub size: u32,
    /// Index of the member, for `value` and `length`.
    pub member: Option<usize>,
}

/// A member.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Member {
    pub index: usize,
    pub name: String,
    pub wire_name: String,
    pub docs: Vec<String>,
    pub deprecated: Option<String>,
    /// Names that no member has: a local variable or private field, the setter of an optional value, the field of an
    /// optional value, the function that counts elements, whether it is there, how many elements are.
    pub local: String,
    pub setter: String,
    pub raw: String,
    pub counter: String,
    pub has: String,
    pub counted: String,
    /// `value` (in the fixed part), `slice` (a region of fixed elements), `one` (a region of one variable thing) or
    /// `list` (a region of many).
    pub kind: &'static str,
    pub ty: Type,
    pub array: bool,
    pub dims: Vec<Dimension>,
    /// How many elements, if no member says it.
    pub count: Option<u64>,
    /// Its size for an error: `(n*n) × 2`.
    pub size_text: String,
    /// What its size names, each once.
    pub operands: Vec<Operand>,
    /// The members of this class that its size names: what the counting function takes. Indices, in order.
    pub parameters: Vec<usize>,
    /// Types, and what else the language spells for each member: see [`Language::spell`].
    pub spelled: BTreeMap<&'static str, String>,
    /// `max` of what its size names, checked before any arithmetic.
    pub limits: Vec<Limit>,
    /// Whether a size names it, or something inside of it.
    pub dimension: bool,
    pub optional: bool,
    /// If it is optional: which presence byte, and which bit of it.
    pub presence_byte: u32,
    pub presence_mask: u8,
    /// Its place in the fixed part, whatever stands there.
    pub offset: Option<u32>,
    pub size: Option<u32>,
    /// Of a value, or of each element: what can fail, as literals; and what an error says of it, ` from 0 up to 7`.
    pub min: Option<String>,
    pub max: Option<String>,
    pub range: String,
    /// Greatest length in bytes of a string or bytes, or of each element.
    pub max_bytes: Option<u64>,
    /// Whether there is anything to validate.
    pub bounded: bool,
    /// A literal of the owned type.
    pub default: Option<String>,
    /// How many elements a new owned value has.
    pub default_count: u64,
}

/// The type of a member, or of its elements.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs)]
pub struct Type {
    /// `int`, `float`, `bool`, `char`, `enum`, `struct` (a fixed class), `text`, `blob` or `class` (a variable one).
    pub kind: &'static str,
    /// In the language; empty for text and blobs.
    pub name: String,
    /// `uint8`, for the scalars, and for an enum its base.
    pub scalar: Option<&'static str>,
    /// In bytes, unless it is variable.
    pub size: Option<u32>,
    pub align: Option<u32>,
    pub bounded: bool,
    pub untidy: bool,
    pub sparse: bool,
}

/// A dimension.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Dimension {
    /// If no member says it.
    pub value: Option<u64>,
    /// The whole, as one expression.
    pub code: String,
    /// The same one operation after the other, each with a name; `result` is the last one's, or a literal.
    pub steps: Vec<Step>,
    pub result: String,
}

/// One operation of a size.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Step {
    pub name: String,
    pub code: String,
}

/// A member that a size names.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Operand {
    /// `head.n`
    pub path: String,
    /// The names of the members on it.
    pub names: Vec<String>,
    pub code: String,
    pub scalar: &'static str,
}

/// The greatest value that a dimension may have.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Limit {
    /// `head.n`
    pub path: String,
    pub code: String,
    pub scalar: &'static str,
    /// A literal; none if every value is below.
    pub max: Option<String>,
    /// For the error.
    pub max_text: String,
}

impl Page {
    /// A schema in the words of a language; `stem` names its file.
    pub fn new(schema: &Schema, stem: &str, language: &'static dyn Language) -> Result<Self, ExportError> {
        let namespace = schema.classes.last().map(|class| class.namespace.as_str()).unwrap_or_default();
        let namespace: Vec<&str> = namespace.split('.').filter(|part| !part.is_empty()).collect();
        let printer = Printer { schema, language, namespace: &namespace };
        let mut classes: Vec<Class> = Vec::new();
        for index in 0..schema.classes.len() {
            let class = printer.class(ClassId(index), &classes);
            classes.push(class);
        }
        let constant = |constant: &model::Constant| Constant {
            name: language.constant_name(&constant.name),
            value: language.number(Scalar::Uint64, Number::Int(constant.value.into())),
        };
        let page = Self {
            stem: stem.to_owned(),
            namespace: (namespace.iter().enumerate())
                .map(|(number, part)| language.namespace_name(part, number == 0))
                .collect(),
            constants: schema.constants.iter().map(constant).collect(),
            enums: (0..schema.enums.len()).map(|index| printer.enumeration(EnumId(index))).collect(),
            classes,
        };
        page.check_names(language)?;
        Ok(page)
    }

    /// Types share one scope with constants in most languages, and styles of spelling may fold names.
    fn check_names(&self, language: &'static dyn Language) -> Result<(), ExportError> {
        let types = self.classes.iter().map(|class| (class.name.clone(), format!("the class {}", class.wire_name)));
        let enums = self.enums.iter().map(|it| (it.name.clone(), format!("the enum {}", it.wire_name)));
        let constants = self.constants.iter().filter(|_| language.mixes_constants_with_types());
        let constants = constants.map(|it| (it.name.clone(), format!("the constant {}", it.name)));
        let companions = self.classes.iter().flat_map(|class| {
            let beside =
                |suffix| (format!("{}{suffix}", class.name), format!("a part of the class {}", class.wire_name));
            language.companions().iter().map(beside)
        });
        let mut seen = HashMap::new();
        for (name, second) in types.chain(enums).chain(constants).chain(companions) {
            if let Some(first) = seen.insert(name.clone(), second.clone()) {
                return Err(ExportError::NameTwice { language: language.name(), name, first, second });
            }
        }
        Ok(())
    }
}
