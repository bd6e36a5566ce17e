//! Random schemas and random values, for property tests of this crate and of all that stands on it.
//!
//! Everything is drawn from a list of bytes, [`Choices`]: a property test generates the bytes, so its own shrinking makes
//! schema and value smaller, and a failure is repeated by its bytes.

use crate::model::{Class, ClassId, Dim, Meaning, Member, Number, Scalar, Schema, Type};
use crate::value::DynValue;

/// A finite list of decisions; when it is used up, every further decision is the first possibility.
#[derive(Debug, Clone)]
pub struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    /// Decisions from these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// A number below `count`, which is in 1 … 256.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.bytes.next().copied().unwrap_or(0)) % count.max(1)
    }

    fn one_of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == one_in - 1
    }

    fn bits(&mut self) -> u64 {
        (0..8).fold(0, |bits, _| bits << 8 | self.below(256) as u64)
    }
}

/// Words that are keywords somewhere, or else likely to clash: names must survive them.
const NAMES: [&str; 24] = [
    "a", "n", "rows", "type", "class", "fn", "self", "match", "len", "data", "import", "lambda", "int", "size", "Self",
    "async", "default", "value", "frame", "bytes", "x9", "_private", "min", "max",
];

const SCALARS: [&str; 18] = [
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bool", "char",
    "short", "int", "long", "byte", "float", "double",
];

/// A random description, in the object form, with at least one class; always without error.
///
/// The last class is the outermost one: its name is `C0`, `C1` … with the highest number.
pub fn schema(choices: &mut Choices<'_>) -> String {
    let mut classes: Vec<Drawn> = Vec::new();
    for index in 0..1 + choices.below(4) {
        let class = class(choices, index, &classes);
        classes.push(class);
    }
    let namespace = if choices.chance(2) { "\"namespace\": \"random.test\", " } else { "" };
    let classes: Vec<_> = classes.into_iter().map(|class| class.json).collect();
    format!(
        "{{ {namespace}\"constants\": {{ \"CONSTANT\": 2, \"BIG\": 18446744073709551615 }},\n\
         \"enums\": [{{ \"enumName\": \"Small\", \"base\": \"int8\", \"values\": {{ \"Least\": -128, \"Zero\": 0, \"Most\": 127 }} }},\n\
         {{ \"enumName\": \"Wide\", \"base\": \"uint64\", \"values\": {{ \"Most\": 18446744073709551615, \"Zero\": 0 }} }}],\n\
         \"classes\": [\n{}] }}\n",
        classes.join(",\n")
    )
}

/// What later classes need to know of one that is drawn.
struct Drawn {
    json: String,
    fixed: bool,
    depth: usize,
    /// Members that a size may name, dotted.
    sizes: Vec<String>,
}

fn class(choices: &mut Choices<'_>, index: usize, earlier: &[Drawn]) -> Drawn {
    let mut drawn = Drawn { json: String::new(), fixed: true, depth: 1, sizes: Vec::new() };
    let mut members = Vec::new();
    for position in 0..1 + choices.below(7) {
        let name = format!("{}{}", choices.one_of(&NAMES), ["", "_2", "_3", "_4", "_5", "_6", "_7"][position]);
        members.push(member(choices, &name, earlier, &mut drawn));
    }
    let comment = ["", ", \"comment\": \"a class: \\\"quoted\\\"\"", ", \"since\": \"1.2\""][choices.below(3)];
    drawn.json = format!("{{ \"className\": \"C{index}\"{comment}, \"members\": [\n  {}] }}", members.join(",\n  "));
    drawn
}

fn member(choices: &mut Choices<'_>, name: &str, earlier: &[Drawn], drawn: &mut Drawn) -> String {
    let optional = choices.chance(4);
    let shallow: Vec<usize> = (0..earlier.len()).filter(|index| earlier[*index].depth < 3).collect();
    let mut fixed = true;
    let mut bounds = "";
    let mut nested = None;
    let ty = match choices.below(8) {
        0..=3 => {
            let ty = *choices.one_of(&SCALARS);
            let integer = Scalar::from_spelling(ty).is_some_and(Scalar::is_integer);
            if integer && choices.chance(3) {
                bounds = ", \"min\": 0, \"max\": 7";
            } else if ty.starts_with("float") && choices.chance(3) {
                bounds = ", \"min\": -1.5, \"max\": 2e3";
            }
            ty.to_owned()
        }
        4 => (*choices.one_of(&["Small", "Wide"])).to_owned(),
        5 => {
            fixed = false;
            if choices.chance(3) {
                bounds = ", \"max\": 5";
            }
            (*choices.one_of(&["string", "bytes"])).to_owned()
        }
        _ if shallow.is_empty() => "uint16".to_owned(),
        _ => {
            let index = *choices.one_of(&shallow);
            drawn.depth = drawn.depth.max(earlier[index].depth + 1);
            fixed = earlier[index].fixed;
            nested = Some(index);
            format!("C{index}")
        }
    };
    let extras = ["", ", \"unit\": \"m/s\"", ", \"comment\": \"what it is\"", ", \"x-note\": [1]"][choices.below(4)];
    let presence = if optional { ", \"optional\": true" } else { "" };
    if choices.chance(3) {
        let (size, computed) = size(choices, &drawn.sizes);
        drawn.fixed &= fixed && !computed;
        return format!(
            "{{ \"name\": \"{name}\", \"type\": \"array\", \"size\": [{size}], \"elem\": {{ \"type\": \"{ty}\"{bounds} }}{extras}{presence} }}"
        );
    }
    drawn.fixed &= fixed;
    if !optional {
        if Scalar::from_spelling(&ty).is_some_and(Scalar::is_integer) {
            drawn.sizes.push(name.to_owned());
        }
        if let Some(inner) = nested.map(|index| &earlier[index]).filter(|inner| inner.fixed) {
            drawn.sizes.extend(inner.sizes.iter().map(|path| format!("{name}.{path}")));
        }
    }
    format!("{{ \"name\": \"{name}\", \"type\": \"{ty}\"{bounds}{extras}{presence} }}")
}

/// Dimensions, and whether they name a member. Small members give small sizes, and none underflows.
fn size(choices: &mut Choices<'_>, members: &[String]) -> (String, bool) {
    let constants = ["1", "2, \"CONSTANT\"", "\"CONSTANT * 2 - 1\"", "\"min(3, BIG)\""];
    if members.is_empty() || choices.chance(3) {
        return ((*choices.one_of(&constants)).to_owned(), false);
    }
    let (n, m) = (choices.one_of(members).clone(), choices.one_of(members).clone());
    let text = match choices.below(7) {
        0 => format!("\"{n}\""),
        1 => format!("\"{n} * {m}\""),
        2 => format!("\"{n}\", 2, \"{m}\""),
        3 => format!("\"({n} + CONSTANT) / 2\""),
        4 => format!("\"max({n}, {m}) - min({n}, {m})\""),
        5 => format!("\"{n} % 2 + 1\""),
        _ => format!("2, \"{n}\""),
    };
    (text, true)
}

/// A random value of a class, within all its bounds. Members that sizes name are small.
pub fn value(choices: &mut Choices<'_>, schema: &Schema, class: ClassId) -> DynValue {
    class_value(choices, schema, &schema[class], &[])
}

/// `small` are the paths of members of this class that sizes outside of it name.
fn class_value(choices: &mut Choices<'_>, schema: &Schema, class: &Class, small: &[Vec<String>]) -> DynValue {
    let mut small = small.to_vec();
    for dim in class.members.iter().flat_map(|member| &member.dims) {
        if let Dim::Expr { expr, .. } = dim {
            expr.visit_members(&mut |path| small.push(path.to_vec()));
        }
    }
    let mut values: Vec<Option<DynValue>> = Vec::new();
    for member in &class.members {
        let below =
            small.iter().filter(|path| path[0] == member.name).map(|path| path[1..].to_vec()).collect::<Vec<_>>();
        let value = (member.presence_bit.is_none() || choices.chance(2)).then(|| {
            if member.dims.is_empty() {
                return single(choices, schema, member.ty, &member.meaning, &below);
            }
            let count = count(schema, class, &values, member);
            let items = (0..count).map(|_| single(choices, schema, member.ty, &member.elem_meaning, &[]));
            DynValue::List(items.collect())
        });
        values.push(value);
    }
    DynValue::Class(values)
}

fn single(choices: &mut Choices<'_>, schema: &Schema, ty: Type, meaning: &Meaning, small: &[Vec<String>]) -> DynValue {
    match ty {
        Type::Class(id) => class_value(choices, schema, &schema[id], small),
        Type::Enum(id) => integer(choices, schema[id].base, meaning, false),
        Type::Scalar(Scalar::Bool) => DynValue::Bool(choices.chance(2)),
        Type::Scalar(Scalar::Float32 | Scalar::Float64) if meaning.min.is_some() => {
            let value = choices.below(7) as f64 * 0.5 - 1.5;
            if ty == Type::Scalar(Scalar::Float32) { DynValue::Float32(value as f32) } else { DynValue::Float64(value) }
        }
        Type::Scalar(Scalar::Float32) => DynValue::Float32(f32::from_bits(choices.bits() as u32)),
        Type::Scalar(Scalar::Float64) => DynValue::Float64(f64::from_bits(choices.bits())),
        Type::Scalar(scalar) => integer(choices, scalar, meaning, !small.is_empty()),
        Type::String => {
            let words = ["", "a", "é", "abc", "😀", "ab\0", "longer than a word"];
            let longest = longest(meaning);
            DynValue::Text(words[choices.below(words.len())].to_owned()).filter_text(longest)
        }
        Type::Bytes => {
            let len = choices.below(20).min(longest(meaning));
            DynValue::Bytes((0..len).map(|_| choices.below(256) as u8).collect())
        }
    }
}

fn longest(meaning: &Meaning) -> usize {
    match meaning.max {
        Some(Number::Int(max)) => usize::try_from(max).unwrap_or(usize::MAX),
        _ => usize::MAX,
    }
}

impl DynValue {
    /// A text that is too long becomes the empty one.
    fn filter_text(self, longest: usize) -> Self {
        match self {
            Self::Text(text) if text.len() > longest => Self::Text(String::new()),
            other => other,
        }
    }
}

fn integer(choices: &mut Choices<'_>, scalar: Scalar, meaning: &Meaning, small: bool) -> DynValue {
    let (mut least, mut greatest) = scalar.integer_range().unwrap_or_default();
    if let Some(Number::Int(min)) = meaning.min {
        least = min;
    }
    if let Some(Number::Int(max)) = meaning.max {
        greatest = max;
    }
    let value = match choices.below(4) {
        _ if small => choices.below(3) as i128,
        0 => 0,
        1 => least,
        2 => greatest,
        _ => least + i128::from(choices.bits()) % (greatest - least + 1),
    };
    DynValue::Int(value.clamp(least, greatest))
}

fn count(schema: &Schema, class: &Class, values: &[Option<DynValue>], member: &Member) -> u64 {
    let dims = member.dims.iter().map(|dim| match dim {
        Dim::Constant { value, .. } => *value,
        Dim::Expr { expr, .. } => expr.eval(&|path| lookup(schema, class, values, path)).unwrap_or(0),
    });
    dims.product()
}

fn lookup(schema: &Schema, class: &Class, values: &[Option<DynValue>], path: &[String]) -> Option<i128> {
    let index = class.members.iter().position(|member| member.name == path[0])?;
    match (values.get(index)?.as_ref()?, class.members[index].ty) {
        (DynValue::Int(value), _) => Some(*value),
        (DynValue::Class(values), Type::Class(id)) => lookup(schema, &schema[id], values, &path[1..]),
        _ => None,
    }
}
