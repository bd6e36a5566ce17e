//! Whether a ring, a stream or shared state is for the class that this program has: by fingerprint, with a readable difference if
//! not.

use std::fs::File;
use std::path::Path;

use ipc_schema::Limits;
use ipc_schema::diff;
use ipc_schema::model::{Class, Schema};

use super::layout::{MAX_SCHEMA_BYTES, Preamble};
use crate::error::Error;
use crate::linux::files;
use crate::raw::RawClass;

const LIMITS: Limits = Limits { text_bytes: MAX_SCHEMA_BYTES as usize };

/// Compares the ring's class with ours.
pub(crate) fn check(path: &Path, file: &File, preamble: &Preamble, ours: &RawClass) -> Result<(), Error> {
    let bytes = schema_bytes(path, file, preamble)?;
    if bytes == ours.schema().as_bytes() && preamble.fingerprint == ours.fingerprint().0 {
        return Ok(());
    }
    let theirs = believe_ring(path, bytes, preamble)?;
    let class = theirs.classes.last().expect("believed for its last class");
    if class.fingerprint == ours.fingerprint() {
        return Ok(());
    }
    let place = format!("the ring {}", path.display());
    Err(mismatch(&place, "remove the ring if it is from an older one", ours, &theirs, class))
}

/// The ring's class.
pub(crate) fn read(path: &Path, file: &File, preamble: &Preamble) -> Result<RawClass, Error> {
    let schema = believe_ring(path, schema_bytes(path, file, preamble)?, preamble)?;
    let class = schema.classes.last().expect("believed for its last class");
    RawClass::from_schema(&schema, &class.name)
}

fn schema_bytes(path: &Path, file: &File, preamble: &Preamble) -> Result<Vec<u8>, Error> {
    files::read_at(file, preamble.schema_offset, preamble.schema_bytes as usize)
        .map_err(|error| Error::os(path, "read the ring's schema", error))
}

fn believe_ring(path: &Path, bytes: Vec<u8>, preamble: &Preamble) -> Result<Schema, Error> {
    believe(bytes, &preamble.fingerprint).map_err(|reason| Error::NotARing {
        path: path.to_owned(),
        what: "ring",
        reason: match reason {
            Disbelief::NoSchema(reason) => reason.into(),
            Disbelief::OtherFingerprint => "its schema was overwritten: it does not give the ring's fingerprint".into(),
        },
    })
}

/// Why a schema text is not believed.
pub(crate) enum Disbelief {
    /// It is none.
    NoSchema(String),
    /// Its last class has another fingerprint than was stated.
    OtherFingerprint,
}

/// The schema of this text, whose class is the last one. Its fingerprint is computed anew before the text is believed.
pub(crate) fn believe(bytes: Vec<u8>, fingerprint: &[u8; 16]) -> Result<Schema, Disbelief> {
    let text = String::from_utf8(bytes).map_err(|_| Disbelief::NoSchema("its schema is no UTF-8".to_owned()))?;
    let schema = Schema::from_untrusted(&text, LIMITS)
        .map_err(|errors| Disbelief::NoSchema(format!("its schema is none: {errors}")))?;
    let class = schema.classes.last().ok_or_else(|| Disbelief::NoSchema("its schema has no class".to_owned()))?;
    if class.fingerprint.0 == *fingerprint { Ok(schema) } else { Err(Disbelief::OtherFingerprint) }
}

/// Why a place of frames that is for `class` of `theirs` is none for `ours`.
pub(crate) fn mismatch(place: &str, remedy: &str, ours: &RawClass, theirs: &Schema, class: &Class) -> Error {
    // A class that a struct gave may break rules which its tokens do not show: then it cannot be compared.
    let differences = match Schema::from_untrusted(ours.schema(), LIMITS) {
        Ok(schema) => {
            let of_ours = |our_class| diff::render(&diff::diff(&schema, our_class, theirs, class));
            schema.classes.last().map(of_ours).unwrap_or_default()
        }
        Err(errors) => {
            let errors = errors.to_string().replace('\n', "\n  ");
            format!("  their members cannot be compared: this program's class is no valid description\n  {errors}\n")
        }
    };
    Error::Mismatch(
        format!(
            "{place} is for another class than this program's:\n  expected {} ({})\n  found    {} ({})\n{differences}\
             build both programs from the same description, or {remedy}",
            ours.name(),
            ours.fingerprint(),
            class.name,
            class.fingerprint,
        )
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use ipc_schema::desc::{ClassDesc, MeaningDesc, MemberDesc, TypeDesc};
    use ipc_schema::model::Scalar;

    use super::*;

    const fn member(name: &'static str, ty: TypeDesc) -> MemberDesc {
        MemberDesc {
            name,
            ty,
            dims: &[],
            optional: false,
            meaning: MeaningDesc::NONE,
            elem_meaning: MeaningDesc::NONE,
            default: None,
            since: None,
            deprecated: None,
        }
    }

    static INNER: [MemberDesc; 1] = [member("x", TypeDesc::Scalar(Scalar::Int32))];
    static LEFT: ClassDesc = ClassDesc::new("left", "Vec3", &INNER);
    static RIGHT: ClassDesc = ClassDesc::new("right", "Vec3", &INNER);
    static MEMBERS: [MemberDesc; 2] = [member("a", TypeDesc::Class(&LEFT)), member("b", TypeDesc::Class(&RIGHT))];
    static PAIR: ClassDesc = ClassDesc::new("", "Pair", &MEMBERS);

    #[test]
    fn a_class_of_this_program_that_is_no_description_is_an_error_and_no_panic() {
        let text = r#"[{"className":"Pair","members":[{"name":"a","type":"int"}]}]"#;
        let theirs = Schema::from_text(text, "theirs").unwrap();
        let error = mismatch("the ring pair.ring", "remove it", &RawClass::of(&PAIR), &theirs, &theirs.classes[0]);
        assert!(error.is_mismatch());
        let error = error.to_string();
        assert!(error.contains("the ring pair.ring is for another class than this program's"), "{error}");
        assert!(error.contains("no valid description\n  error: a type named `Vec3` is declared already"), "{error}");
    }
}
