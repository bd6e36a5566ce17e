//! Classes in other languages, printed from the layout model.
//!
//! [`page`] turns a [`Schema`] into what a template sees: names in the language's spelling, wire types, offsets, sizes
//! as code, texts of errors. A [`Language`] says how its names, types and literals are spelled; its template holds the
//! rest, and its support file the checks that every class shares. No language computes an offset. How one is added:
//! `README.md` beside this file.

mod c;
mod c_like;
mod case;
mod cpp;
mod csharp;
mod java;
mod language;
mod page;
mod python;
mod typescript;

pub use language::{Language, Template};
pub use page::{
    Class, Constant, Dimension, Enum, EnumValue, Field, Limit, Member, Operand, Page, Presence, Step, Type,
};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::model::Schema;

/// Every language, in the order in which people are told of them.
pub static LANGUAGES: &[&dyn Language] =
    &[&c::C, &cpp::Cpp, &java::Java, &csharp::CSharp, &python::Python, &typescript::TypeScript];

/// The language of that name.
pub fn language(name: &str) -> Option<&'static dyn Language> {
    LANGUAGES.iter().copied().find(|language| language.name() == name)
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, in the folder that is exported to.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Why a schema has no form in a language.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Two names that differ in a description are one in that language.
    #[error("{language}: `{name}` would be generated twice, for {first} and for {second}: rename one of them")]
    NameTwice {
        /// The language.
        language: &'static str,
        /// The generated name.
        name: String,
        /// What has it.
        first: String,
        /// What has it too.
        second: String,
    },
    /// A fault of a template.
    #[error("{language}: its template cannot be printed: {why}")]
    Template {
        /// The language.
        language: &'static str,
        /// What the template engine says, from the outermost template to the one that fails.
        why: String,
    },
}

/// The files of a schema in a language, the support file last. `stem` names those that are not named after a class.
///
/// The same schema gives the same files.
///
/// ```
/// use ipc_schema::{Schema, export};
///
/// let text = r#"[{ "className": "Pose", "members": [{ "name": "x", "type": "double", "unit": "m" }] }]"#;
/// let schema = Schema::from_text(text, "pose.json")?;
/// let files = export::export(&schema, "pose", export::language("cpp").unwrap())?;
/// assert_eq!(files[0].name, "pose.hpp");
/// assert!(files[0].text.contains("double x = 0;"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn export(schema: &Schema, stem: &str, language: &'static dyn Language) -> Result<Vec<File>, ExportError> {
    let page = Page::new(schema, stem, language)?;
    let mut environment = minijinja::Environment::new();
    let fault = |error: minijinja::Error| {
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        let why = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        ExportError::Template { language: language.name(), why }
    };
    // A line that holds nothing but a tag leaves nothing behind.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(fault)?);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("text", move |text: String| language.text(&text));
    environment.add_filter("doc", move |text: String| language.doc(&text));
    for (name, text) in language.parts() {
        environment.add_template(name, text).map_err(fault)?;
    }
    let mut files = Vec::new();
    let page_value = Value::from(Serde(&page));
    for template in language.templates() {
        let mut render = |page: Value| {
            let name = environment.render_str(template.file, &page).map_err(fault)?;
            if name.is_empty() {
                return Ok(());
            }
            let text = environment.render_named_str(template.file, template.text, &page).map_err(fault)?;
            files.push(File { name, text });
            Ok(())
        };
        if template.each_type {
            for class in &page.classes {
                let class = Value::from(Serde(class));
                render(context! { page => page_value.clone(), class => class, this => "class" })?;
            }
            for enumeration in &page.enums {
                let enumeration = Value::from(Serde(enumeration));
                render(context! { page => page_value.clone(), enum => enumeration, this => "enum" })?;
            }
        } else {
            render(context! { page => page_value.clone() })?;
        }
    }
    files.extend(language.support().iter().map(|(name, text)| File { name: (*name).into(), text: (*text).into() }));
    Ok(files)
}
