//! Names in a language: none is a keyword, and none is another's.

use super::printer::Printer;
use crate::export::Language;
use crate::model;

/// Names of members, and of what is generated beside them.
pub(super) struct Names<'a> {
    language: &'static dyn Language,
    pub(super) class: &'a model::Class,
    types: Vec<String>,
    members: Vec<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(printer: &Printer<'_>, class: &'a model::Class) -> Self {
        let classes = printer.schema.classes.iter().map(|class| &class.name);
        let types = classes.chain(printer.schema.enums.iter().map(|it| &it.name));
        let types = types.map(|name| printer.type_name(name)).collect();
        let mut names = Self { language: printer.language, class, types, members: Vec::new() };
        names.members = class.members.iter().map(|member| names.member(&member.name)).collect();
        names
    }

    /// Also escaped if a type has that name: in some languages a member would hide it.
    pub(super) fn member(&self, name: &str) -> String {
        let mut name = self.language.member_name(name);
        while self.types.contains(&name) {
            name.push('_');
        }
        name
    }

    pub(super) fn local(&self, name: &str) -> String {
        self.fresh(&self.language.local_name(name))
    }

    /// An underscore follows while a member has the name. No two names become one by this, because members differ in
    /// more than underscores.
    pub(super) fn fresh(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.members.contains(&name) {
            name.push('_');
        }
        name
    }
}
