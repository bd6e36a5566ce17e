//! Whether a ring is for the class that this program has: by fingerprint, with a readable difference if not.

use std::fs::File;
use std::path::Path;

use ipc_schema::Limits;
use ipc_schema::canonical;
use ipc_schema::desc::ClassDesc;
use ipc_schema::diff;
use ipc_schema::model::{Class, Schema};

use super::layout::{MAX_SCHEMA_BYTES, Preamble};
use crate::error::Error;
use crate::linux::files;

const LIMITS: Limits = Limits { text_bytes: MAX_SCHEMA_BYTES as usize };

/// Compares the ring's class with ours. The ring's fingerprint is recomputed from its schema text before that text is
/// believed.
pub(crate) fn check(path: &Path, file: &File, preamble: &Preamble, ours: &'static ClassDesc) -> Result<(), Error> {
    let bytes = files::read_at(file, preamble.schema_offset, preamble.schema_bytes as usize)
        .map_err(|error| Error::os(path, "read the ring's schema", error))?;
    let our_text = canonical::of_desc(ours);
    if bytes == our_text.as_bytes() && preamble.fingerprint == ours.fingerprint.0 {
        return Ok(());
    }
    let no_ring = |reason: String| Error::NotARing { path: path.to_owned(), reason: reason.into() };
    let text = String::from_utf8(bytes).map_err(|_| no_ring("its schema is no UTF-8".to_owned()))?;
    let theirs =
        Schema::from_untrusted(&text, LIMITS).map_err(|errors| no_ring(format!("its schema is none: {errors}")))?;
    let class = theirs.classes.last().ok_or_else(|| no_ring("its schema has no class".to_owned()))?;
    if class.fingerprint.0 != preamble.fingerprint {
        return Err(no_ring("its schema was overwritten: it does not give the ring's fingerprint".to_owned()));
    }
    if class.fingerprint == ours.fingerprint {
        return Ok(());
    }
    Err(mismatch(path, ours, &our_text, &theirs, class))
}

/// Why a ring for `class` of `theirs` is none for `ours`.
fn mismatch(path: &Path, ours: &ClassDesc, our_text: &str, theirs: &Schema, class: &Class) -> Error {
    // A class that a struct gave may break rules which its tokens do not show: then it cannot be compared.
    let differences = match Schema::from_untrusted(our_text, LIMITS) {
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
            "the ring {} is for another class than this program's:\n  expected {} ({})\n  found    {} ({})\n{differences}\
             build both programs from the same description, or remove the ring if it is from an older one",
            path.display(),
            ours.name,
            ours.fingerprint,
            class.name,
            class.fingerprint,
        )
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use ipc_schema::desc::{MeaningDesc, MemberDesc, TypeDesc};
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
        let ours = canonical::of_desc(&PAIR);
        let error = mismatch(Path::new("pair.ring"), &PAIR, &ours, &theirs, &theirs.classes[0]);
        assert!(error.is_mismatch());
        let error = error.to_string();
        assert!(error.contains("the ring pair.ring is for another class than this program's"), "{error}");
        assert!(error.contains("no valid description\n  error: a type named `Vec3` is declared already"), "{error}");
    }
}
