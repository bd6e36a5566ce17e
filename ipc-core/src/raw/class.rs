//! [`RawClass`]: a class that is known at run time, by name, fingerprint and text.

use std::ops::RangeInclusive;
use std::path::Path;

use ipc_schema::canonical;
use ipc_schema::desc::ClassDesc;
use ipc_schema::model::Schema;
use ipc_schema::{Fingerprint, SchemaErrors};

use crate::error::Error;
use crate::ring::same_class::mismatch;

/// What a ring needs to know of its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawClass {
    name: String,
    fingerprint: Fingerprint,
    schema: String,
    /// Size of the fixed part in bytes.
    size: u32,
    /// Whether the fixed part is the whole frame.
    fixed: bool,
}

impl RawClass {
    /// The class of a Rust type: of its [`Class::DESC`](crate::Class::DESC).
    pub fn of(desc: &ClassDesc) -> Self {
        let ClassDesc { name, fingerprint, size, fixed, .. } = *desc;
        Self { name: name.to_owned(), fingerprint, schema: canonical::of_desc(desc), size, fixed }
    }

    /// A class of a description.
    ///
    /// # Errors
    ///
    /// [`Error::Description`] if there is no such class; so for all that follow.
    pub fn from_schema(schema: &Schema, class: &str) -> Result<Self, Error> {
        let Some(id) = schema.class_id(class) else {
            let known: Vec<_> = schema.classes.iter().map(|class| &class.name).collect();
            return Err(Error::Description(
                format!("the description has no class {class:?}: expected one of {known:?}").into(),
            ));
        };
        let text = canonical::of_class(schema, id);
        let class = &schema[id];
        let (name, fingerprint) = (class.name.clone(), class.fingerprint);
        Ok(Self { name, fingerprint, schema: text, size: class.layout.size, fixed: class.layout.fixed })
    }

    /// A class of a JSON text, which imports nothing; canonical text is one such.
    pub fn from_json(json: &str, class: &str) -> Result<Self, Error> {
        Self::from_schema(&Schema::from_text(json, "schema text").map_err(invalid)?, class)
    }

    /// A class of a JSON file, with all that it imports.
    pub fn from_file(path: impl AsRef<Path>, class: &str) -> Result<Self, Error> {
        Self::from_schema(&Schema::from_file(path).map_err(invalid)?, class)
    }

    /// The class's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Its description and those of all that it uses, as canonical JSON; the last class is this one.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Compares this class, which an application's file gives to the channel of that name, with the one that a program knows.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] with each member that differs.
    pub fn check_known(&self, channel: &str, known: &Self) -> Result<(), Error> {
        if self.fingerprint == known.fingerprint {
            return Ok(());
        }
        let theirs = Schema::from_text(&self.schema, "schema text").map_err(invalid)?;
        let class = theirs.classes.last().expect("canonical text ends with its class");
        Err(mismatch(&format!("the channel {channel:?}"), "change the application's file", known, &theirs, class))
    }

    /// How long its frames can be: all the same if it is fixed.
    pub fn frame_bytes(&self) -> RangeInclusive<u32> {
        self.size..=if self.fixed { self.size } else { u32::MAX }
    }
}

fn invalid(errors: SchemaErrors) -> Error {
    Error::Description(errors.to_string().into())
}
