//! [`Page`]: a schema as a template sees it. All decisions are made here, or were made by the layout model before.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::{ExportError, Language};
use crate::canonical;
use crate::expr::Expr;
use crate::model::{self, ClassId, Dim, EnumId, Meaning, Number, PlaceKind, Scalar, Schema, Value};
use crate::wire::{self, Extent, Shape};

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
        let constants = self.constants.iter().map(|it| (it.name.clone(), format!("the constant {}", it.name)));
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

struct Printer<'s> {
    schema: &'s Schema,
    language: &'static dyn Language,
    namespace: &'s [&'s str],
}

impl Printer<'_> {
    fn type_name(&self, name: &str) -> String {
        self.language.type_name_in(self.namespace, name)
    }

    fn enumeration(&self, id: EnumId) -> Enum {
        let (it, language) = (&self.schema[id], self.language);
        let value = |(name, value): &(String, i128)| EnumValue {
            name: language.value_name(name),
            wire_name: name.clone(),
            value: language.number(it.base, Number::Int(*value)),
        };
        Enum {
            name: self.type_name(&it.name),
            wire_name: it.name.clone(),
            docs: lines(it.comment.as_deref()),
            base: language.scalar(it.base).to_owned(),
            scalar: it.base.name(),
            size: it.base.size(),
            values: it.values.iter().map(value).collect(),
        }
    }

    /// `earlier` are the classes before it.
    fn class(&self, id: ClassId, earlier: &[Class]) -> Class {
        let (schema, class) = (self.schema, &self.schema[id]);
        let names = Names::new(self, class);
        let members: Vec<_> =
            (0..class.members.len()).map(|index| self.member(class, index, &names, earlier)).collect();
        let optional_count = members.iter().filter(|member| member.optional).count();
        let presence = class.layout.presence.map(|(offset, count)| Presence {
            name: names.fresh("presence"),
            offset,
            count,
            initial: initial_presence(&members, count),
            last_mask: if optional_count.is_multiple_of(8) { 0xff } else { (1u8 << (optional_count % 8)) - 1 },
        });
        let fields = fields(class, &members, presence.as_ref(), &names);
        let untidy = presence.is_some()
            || fields.iter().any(|field| field.kind == "pad")
            || members.iter().any(|member| member.ty.untidy);
        let mut docs = lines(class.comment.as_deref());
        docs.extend(class.since.as_ref().map(|since| format!("Since {}.", lines(Some(since)).join(" "))));
        docs.extend(class.deprecated.as_ref().map(|why| format!("Deprecated: {}", lines(Some(why)).join(" "))));
        Class {
            name: self.type_name(&class.name),
            wire_name: class.name.clone(),
            docs,
            deprecated: class.deprecated.clone(),
            fixed: class.layout.fixed,
            size: class.layout.size,
            align: class.layout.align,
            fingerprint: class.fingerprint.0.iter().map(|byte| format!("0x{byte:02x}")).collect(),
            fingerprint_text: class.fingerprint.to_string(),
            schema: canonical::of_class(schema, id).lines().map(|line| format!("{line}\n")).collect(),
            bounded: members.iter().any(|member| member.bounded),
            untidy,
            members,
            fields,
            presence,
        }
    }

    fn member(&self, class: &model::Class, index: usize, names: &Names<'_>, earlier: &[Class]) -> Member {
        let (schema, language) = (self.schema, self.language);
        let member = &class.members[index];
        let ty = self.ty(member.ty, earlier);
        let kind = match (schema.shape(member.ty), member.extent()) {
            (Shape::Fixed { .. }, Extent::Computed) => "slice",
            (Shape::Fixed { .. }, _) => "value",
            (Shape::Variable, Extent::One) => "one",
            (Shape::Variable, _) => "list",
        };
        let array = !member.dims.is_empty();
        let meaning = if array { &member.elem_meaning } else { &member.meaning };
        let (min, max, range) = self.range(member.ty, meaning);
        let max_bytes = match (member.ty, meaning.max) {
            (model::Type::String | model::Type::Bytes, Some(Number::Int(max))) => u64::try_from(max).ok(),
            _ => None,
        };
        let paths = operands(member);
        let (presence_byte, presence_mask) = member.presence_bit.map(wire::presence_bit).unwrap_or_default();
        let bounded = match ty.kind {
            "struct" | "class" => ty.bounded,
            "text" | "blob" => false,
            _ => min.is_some() || max.is_some(),
        };
        let mut printed = Member {
            index,
            name: names.member(&member.name),
            wire_name: member.name.clone(),
            docs: docs(member),
            deprecated: member.deprecated.clone(),
            local: names.local(&member.name),
            setter: names.fresh(&language.member_name(&format!("set_{}", member.name))),
            raw: names.fresh(&language.member_name(&format!("raw_{}", member.name))),
            counter: names.fresh(&language.member_name(&format!("count_{}", member.name))),
            has: names.fresh(&language.member_name(&format!("has_{}", member.name))),
            counted: names.fresh(&language.member_name(&format!("{}_count", member.name))),
            kind,
            array,
            dims: member.dims.iter().enumerate().map(|(number, dim)| self.dimension(number, dim, names)).collect(),
            count: match member.extent() {
                Extent::One => Some(1),
                Extent::Constant(count) => Some(count),
                Extent::Computed => None,
            },
            size_text: member.dims.iter().map(Dim::canonical).collect::<Vec<_>>().join(" × "),
            operands: paths.iter().map(|path| self.operand(class, path, names)).collect(),
            parameters: (0..class.members.len())
                .filter(|index| paths.iter().any(|path| path[0] == class.members[*index].name))
                .collect(),
            limits: self.limits(class, &paths, names),
            dimension: class.members.iter().flat_map(operands).any(|path| path[0] == member.name),
            optional: member.presence_bit.is_some(),
            presence_byte,
            presence_mask,
            offset: member.place.map(|place| place.offset),
            size: member.place.map(|place| place.size),
            min,
            max,
            range,
            max_bytes,
            bounded,
            default: member.default.as_ref().map(|value| self.value(value, member.ty, kind == "value")),
            default_count: if array { self.default_count(class, member) } else { 1 },
            ty,
            spelled: BTreeMap::new(),
        };
        printed.spelled = language.spell(&printed).into_iter().collect();
        printed
    }

    fn ty(&self, ty: model::Type, earlier: &[Class]) -> Type {
        let scalar_kind = |scalar| match scalar {
            Scalar::Bool => "bool",
            Scalar::Char => "char",
            Scalar::Float32 | Scalar::Float64 => "float",
            _ => "int",
        };
        let (size, align) = match self.schema.shape(ty) {
            Shape::Fixed { size, align } => (Some(size), Some(align)),
            Shape::Variable => (None, None),
        };
        let fixed = size.is_some();
        let (kind, name, scalar) = match ty {
            model::Type::Scalar(scalar) => (scalar_kind(scalar), self.language.scalar(scalar).to_owned(), Some(scalar)),
            model::Type::Enum(id) => {
                let it = &self.schema[id];
                ("enum", self.type_name(&it.name), Some(it.base))
            }
            model::Type::String => ("text", String::new(), None),
            model::Type::Bytes => ("blob", String::new(), None),
            model::Type::Class(id) => (if fixed { "struct" } else { "class" }, earlier[id.0].name.clone(), None),
        };
        let class = if let model::Type::Class(id) = ty { Some(&earlier[id.0]) } else { None };
        Type {
            kind,
            name,
            scalar: scalar.map(Scalar::name),
            size,
            align,
            bounded: class.is_some_and(|class| class.bounded),
            untidy: kind == "bool" || class.is_some_and(|class| class.untidy),
        }
    }

    /// Literals of the bounds that can fail, and their text.
    fn range(&self, ty: model::Type, meaning: &Meaning) -> (Option<String>, Option<String>, String) {
        let scalar = match ty {
            model::Type::Scalar(scalar) => scalar,
            model::Type::Enum(id) => self.schema[id].base,
            _ => return (None, None, String::new()),
        };
        let text =
            |word: &str, bound: Option<Number>| bound.map(|bound| format!(" {word} {}", number_text(bound, scalar)));
        let can_fail = |bound: &Number, limit: fn((i128, i128)) -> i128| match (scalar.integer_range(), bound) {
            (Some(range), Number::Int(bound)) => limit(range) != *bound,
            _ => true,
        };
        let literal = |bound: Number| self.language.number(scalar, as_kind(bound, scalar));
        let range = text("from", meaning.min).unwrap_or_default() + &text("up to", meaning.max).unwrap_or_default();
        let min = meaning.min.filter(|min| can_fail(min, |range| range.0)).map(literal);
        let max = meaning.max.filter(|max| can_fail(max, |range| range.1)).map(literal);
        (min, max, range)
    }

    fn dimension(&self, number: usize, dim: &Dim, names: &Names<'_>) -> Dimension {
        let literal = |value: u64| self.language.number(Scalar::Uint64, Number::Int(value.into()));
        let expr = match dim {
            Dim::Constant { value, .. } => {
                let code = literal(*value);
                return Dimension { value: Some(*value), result: code.clone(), code, steps: Vec::new() };
            }
            Dim::Expr { expr, .. } => expr,
        };
        let mut steps = Vec::new();
        let result = self.steps(expr, number, names, &mut steps);
        Dimension { value: None, code: self.code(expr, names), steps, result }
    }

    fn code(&self, expr: &Expr, names: &Names<'_>) -> String {
        match expr {
            Expr::Literal(value) => self.language.number(Scalar::Uint64, Number::Int((*value).into())),
            Expr::Member(path) => self.language.size_operand(&self.path(path, names), self.named(names.class, path).1),
            Expr::Binary(op, left, right) => {
                self.language.operation(*op, &self.code(left, names), &self.code(right, names))
            }
        }
    }

    /// The name or literal of the result.
    fn steps(&self, expr: &Expr, number: usize, names: &Names<'_>, steps: &mut Vec<Step>) -> String {
        let code = match expr {
            Expr::Literal(value) => return self.language.number(Scalar::Uint64, Number::Int((*value).into())),
            Expr::Member(_) => self.code(expr, names),
            Expr::Binary(op, left, right) => {
                let left = self.steps(left, number, names, steps);
                let right = self.steps(right, number, names, steps);
                self.language.operation(*op, &left, &right)
            }
        };
        let name = format!("d{number}_{}", steps.len());
        steps.push(Step { name: name.clone(), code });
        name
    }

    fn path(&self, path: &[String], names: &Names<'_>) -> String {
        let inner = path[1..].iter().map(|name| names.member(name));
        let parts: Vec<_> = std::iter::once(names.local(&path[0])).chain(inner).collect();
        self.language.operand(&parts)
    }

    fn operand(&self, class: &model::Class, path: &[String], names: &Names<'_>) -> Operand {
        Operand {
            path: path.join("."),
            names: path.iter().map(|name| names.member(name)).collect(),
            code: self.path(path, names),
            scalar: self.named(class, path).1.name(),
        }
    }

    /// The `max` of everything that is named, by member of the class and then in order of appearance in the class.
    fn limits(&self, class: &model::Class, paths: &[&[String]], names: &Names<'_>) -> Vec<Limit> {
        let mut all: Vec<&[String]> = Vec::new();
        for path in class.members.iter().flat_map(operands) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
        let of_member = |member: &model::Member| {
            all.iter().copied().filter(|path| path[0] == member.name && paths.contains(path)).collect::<Vec<_>>()
        };
        let limit = |path: &[String]| {
            let (member, scalar) = self.named(class, path);
            let Some(Number::Int(max)) = member.meaning.max else { return None };
            let can_fail = scalar.integer_range().is_none_or(|(_, greatest)| greatest != max);
            Some(Limit {
                path: path.join("."),
                code: self.path(path, names),
                scalar: scalar.name(),
                max: can_fail.then(|| self.language.number(scalar, Number::Int(max))),
                max_text: max.to_string(),
            })
        };
        class.members.iter().flat_map(of_member).filter_map(limit).collect()
    }

    /// The integer member that a path names.
    fn named<'a>(&'a self, class: &'a model::Class, path: &[String]) -> (&'a model::Member, Scalar) {
        let position = class.members.iter().position(|member| member.name == path[0]).unwrap_or(0);
        let member = &class.members[position];
        match member.ty {
            model::Type::Class(id) if path.len() > 1 => self.named(&self.schema[id], &path[1..]),
            model::Type::Scalar(scalar) => (member, scalar),
            _ => (member, Scalar::Uint64),
        }
    }

    fn value(&self, value: &Value, ty: model::Type, inline: bool) -> String {
        let language = self.language;
        match (value, ty) {
            (Value::Bool(value), _) => language.bool(*value),
            (Value::Number(number), model::Type::Enum(id)) => {
                let it = &self.schema[id];
                let text = language.number(it.base, *number);
                language.enum_number(&self.type_name(&it.name), &text)
            }
            (Value::Number(Number::Int(code)), model::Type::Scalar(Scalar::Char)) => {
                language.char(u8::try_from(*code).unwrap_or_default())
            }
            (Value::Number(number), model::Type::Scalar(scalar)) => language.number(scalar, as_kind(*number, scalar)),
            (Value::Number(number), _) => number.to_string(),
            (Value::Text(name), model::Type::Enum(id)) => {
                language.enum_value(&self.type_name(&self.schema[id].name), &language.value_name(name))
            }
            (Value::Text(text), _) => language.string(text),
            (Value::List(items), model::Type::Bytes) if items.iter().all(|item| matches!(item, Value::Number(_))) => {
                let byte = |item: &Value| match item {
                    Value::Number(Number::Int(byte)) => u8::try_from(*byte).unwrap_or_default(),
                    _ => 0,
                };
                language.blob(&items.iter().map(byte).collect::<Vec<_>>())
            }
            (Value::List(items), _) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item, ty, inline)).collect();
                language.list(&items, inline)
            }
        }
    }

    /// Elements of a new value, by the defaults of what its size names; 0 where that has no value.
    fn default_count(&self, class: &model::Class, member: &model::Member) -> u64 {
        let dims: Option<Vec<u64>> = member
            .dims
            .iter()
            .map(|dim| match dim {
                Dim::Constant { value, .. } => Some(*value),
                Dim::Expr { expr, .. } => expr
                    .eval(&|path| match self.named(class, path).0.default {
                        Some(Value::Number(Number::Int(value))) => Some(value),
                        _ => Some(0),
                    })
                    .ok(),
            })
            .collect();
        let count = dims.and_then(|dims| wire::element_count(&dims).ok());
        count.filter(|count| *count <= u32::MAX.into()).unwrap_or(0)
    }
}

/// Names of members, and of what is generated beside them.
struct Names<'a> {
    language: &'static dyn Language,
    class: &'a model::Class,
    types: Vec<String>,
    members: Vec<String>,
}

impl<'a> Names<'a> {
    fn new(printer: &Printer<'_>, class: &'a model::Class) -> Self {
        let classes = printer.schema.classes.iter().map(|class| &class.name);
        let types = classes.chain(printer.schema.enums.iter().map(|it| &it.name));
        let types = types.map(|name| printer.type_name(name)).collect();
        let mut names = Self { language: printer.language, class, types, members: Vec::new() };
        names.members = class.members.iter().map(|member| names.member(&member.name)).collect();
        names
    }

    /// Also escaped if a type has that name: in some languages a member would hide it.
    fn member(&self, name: &str) -> String {
        let mut name = self.language.member_name(name);
        while self.types.contains(&name) {
            name.push('_');
        }
        name
    }

    fn local(&self, name: &str) -> String {
        self.fresh(&self.language.local_name(name))
    }

    /// An underscore follows while a member has the name. No two names become one by this, because members differ in
    /// more than underscores.
    fn fresh(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.members.contains(&name) {
            name.push('_');
        }
        name
    }
}

/// Every byte of the fixed part.
fn fields(class: &model::Class, members: &[Member], presence: Option<&Presence>, names: &Names<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut end = 0;
    let mut push = |kind, name: String, offset: u32, size: u32, member| {
        if offset > end {
            fields.push(Field {
                kind: "pad",
                name: names.fresh(&format!("pad_{end}")),
                offset: end,
                size: offset - end,
                member: None,
            });
        }
        end = offset + size;
        if kind != "end" {
            fields.push(Field { kind, name, offset, size, member });
        }
    };
    for (member, printed) in class.members.iter().zip(members) {
        let Some(place) = member.place else { continue };
        let (kind, name) = match place.kind {
            PlaceKind::Length => ("length", printed.name.clone()),
            PlaceKind::Value if printed.optional => ("value", printed.raw.clone()),
            PlaceKind::Value => ("value", printed.name.clone()),
        };
        push(kind, name, place.offset, place.size, Some(printed.index));
    }
    if let Some(presence) = presence {
        push("presence", presence.name.clone(), presence.offset, presence.count, None);
    }
    push("end", String::new(), class.layout.size, 0, None);
    fields
}

fn initial_presence(members: &[Member], count: u32) -> Vec<u8> {
    let mut bytes = vec![0; count as usize];
    for member in members.iter().filter(|member| member.optional && member.default.is_some()) {
        bytes[member.presence_byte as usize] |= member.presence_mask;
    }
    bytes
}

/// The paths that a member's size names, each once.
fn operands(member: &model::Member) -> Vec<&[String]> {
    let mut paths: Vec<&[String]> = Vec::new();
    for dim in &member.dims {
        if let Dim::Expr { expr, .. } = dim {
            expr.visit_members(&mut |path| {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            });
        }
    }
    paths
}

fn docs(member: &model::Member) -> Vec<String> {
    let mut docs = lines(member.meaning.comment.as_deref());
    docs.extend(
        member
            .meaning
            .unit
            .as_ref()
            .filter(|unit| !unit.is_empty())
            .map(|unit| format!("Unit: {}.", lines(Some(unit)).join(" "))),
    );
    for line in lines(member.elem_meaning.comment.as_deref()) {
        docs.push(format!("Each element: {line}"));
    }
    let elem_unit = member.elem_meaning.unit.as_ref().filter(|unit| !unit.is_empty());
    docs.extend(elem_unit.map(|unit| format!("Unit of each element: {}.", lines(Some(unit)).join(" "))));
    if !member.dims.is_empty() {
        let dims: Vec<_> = member.dims.iter().map(Dim::canonical).collect();
        docs.push(format!("Size: {}.", dims.join(" × ")));
    }
    let meaning = if member.dims.is_empty() { &member.meaning } else { &member.elem_meaning };
    let unit = if matches!(member.ty, model::Type::String | model::Type::Bytes) { " bytes" } else { "" };
    let bounds =
        [meaning.min.map(|min| format!("at least {min}")), meaning.max.map(|max| format!("at most {max}{unit}"))];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    if !bounds.is_empty() {
        docs.push(format!("Bounds: {}.", bounds.join(", ")));
    }
    docs.extend(member.since.as_ref().map(|since| format!("Since {}.", lines(Some(since)).join(" "))));
    docs.extend(member.deprecated.as_ref().map(|why| format!("Deprecated: {}", lines(Some(why)).join(" "))));
    docs
}

/// Lines without what would not show, and without empty ones.
fn lines(text: Option<&str>) -> Vec<String> {
    let shown =
        |line: &str| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
    text.unwrap_or_default()
        .split(['\n', '\u{2028}', '\u{2029}', '\r'])
        .map(shown)
        .filter(|line| !line.is_empty())
        .collect()
}

/// A bound as the errors of every language write it: floats in decimal, without an exponent.
fn number_text(number: Number, scalar: Scalar) -> String {
    match as_kind(number, scalar) {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => value.to_string(),
    }
}

/// A float where the type is one.
fn as_kind(number: Number, scalar: Scalar) -> Number {
    match (scalar, number) {
        (Scalar::Float32 | Scalar::Float64, Number::Int(value)) => Number::Float(value as f64),
        _ => number,
    }
}
