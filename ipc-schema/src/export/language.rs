//! [`Language`]: all that differs between languages outside of their templates.

use super::page::Member;
use crate::expr::BinaryOp;
use crate::model::{Number, Scalar};

/// How a language spells what a [`Page`](super::Page) holds.
pub trait Language: Sync {
    /// What `--lang` calls it.
    fn name(&self) -> &'static str;

    /// What is printed.
    fn templates(&self) -> &'static [Template];

    /// Names and texts of what templates include or import.
    fn parts(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Names and texts of the files that do not depend on the schema.
    fn support(&self) -> &'static [(&'static str, &'static str)];

    /// Whether no member, type or constant may have this name: keywords, and what the template gives every class.
    fn is_reserved(&self, name: &str) -> bool;

    /// The name of a class or an enum.
    fn type_name(&self, name: &str) -> String {
        self.escaped(name.to_owned())
    }

    /// The same where a namespace is a part of the name.
    fn type_name_in(&self, _namespace: &[&str], name: &str) -> String {
        self.type_name(name)
    }

    /// What a class's name is followed by in names that are generated beside it, so that no other type may have them.
    fn companions(&self) -> &'static [&'static str] {
        &[]
    }

    /// The name of a member.
    fn member_name(&self, name: &str) -> String {
        self.escaped(name.to_owned())
    }

    /// The name of a local variable or private field for a member.
    fn local_name(&self, name: &str) -> String {
        self.member_name(&format!("m_{name}"))
    }

    /// A part of the namespace, the first of which stands beside what is global.
    fn namespace_name(&self, name: &str, _is_first: bool) -> String {
        self.type_name(name)
    }

    /// Whether constants stand in the scope of types, so that the two must differ.
    fn mixes_constants_with_types(&self) -> bool {
        true
    }

    /// The name of a constant.
    fn constant_name(&self, name: &str) -> String {
        self.escaped(name.to_owned())
    }

    /// The name of an enum's value.
    fn value_name(&self, name: &str) -> String {
        self.escaped(name.to_owned())
    }

    /// The same name, or one with an underscore after it if it is reserved.
    fn escaped(&self, mut name: String) -> String {
        while self.is_reserved(&name) {
            name.push('_');
        }
        name
    }

    /// The type of a scalar where bytes are mapped.
    fn scalar(&self, scalar: Scalar) -> &'static str;

    /// A number as a literal of a scalar's type.
    fn number(&self, scalar: Scalar, value: Number) -> String;

    /// A char, by its code unit.
    fn char(&self, code: u8) -> String {
        code.to_string()
    }

    /// true or false.
    fn bool(&self, value: bool) -> String {
        value.to_string()
    }

    /// A string literal.
    fn text(&self, text: &str) -> String;

    /// A default of a string.
    fn string(&self, text: &str) -> String {
        self.text(text)
    }

    /// A default of bytes.
    fn blob(&self, bytes: &[u8]) -> String {
        self.list(&bytes.iter().map(u8::to_string).collect::<Vec<_>>(), false)
    }

    /// A line of text that may stand in a comment.
    fn doc(&self, line: &str) -> String;

    /// A default of several: an array that stands in place (`inline`), or a list on the heap.
    fn list(&self, items: &[String], inline: bool) -> String;

    /// A value of an enum.
    fn enum_value(&self, enum_name: &str, value_name: &str) -> String;

    /// A number without a name as a value of an enum.
    fn enum_number(&self, enum_name: &str, number: &str) -> String;

    /// What a template needs of a member beside all that is known of it: the types of its values, views and writers, each
    /// by a key that the language chooses. Templates find them as `member.spelled.owned`.
    fn spell(&self, member: &Member) -> Vec<(&'static str, String)>;

    /// A member that a size names: the name of its local variable, then the names of members within.
    fn operand(&self, path: &[String]) -> String {
        path.join(".")
    }

    /// The same as an operand of a size: an unsigned 64-bit number, or the error that it is negative.
    fn size_operand(&self, code: &str, scalar: Scalar) -> String;

    /// `left op right`, checked. Where a language leaves open which operand comes first, its template prints the steps
    /// (`dim.steps`) one by one, and not the whole (`dim.code`).
    fn operation(&self, op: BinaryOp, left: &str, right: &str) -> String;
}

/// A file that is printed.
#[derive(Debug)]
pub struct Template {
    /// The file's name, itself a template: `{{ page.stem }}.hpp`; none if that is empty.
    pub file: &'static str,
    /// The content.
    pub text: &'static str,
    /// Printed for each class (`class`) and each enum (`enum`), or once for the whole page.
    pub each_type: bool,
}
