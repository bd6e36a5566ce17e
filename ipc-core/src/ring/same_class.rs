//! Whether a ring is for the class that this program has: by fingerprint, with a readable difference if not.

use std::fs::File;
use std::path::Path;

use ipc_schema::Limits;
use ipc_schema::canonical;
use ipc_schema::desc::ClassDesc;
use ipc_schema::diff;
use ipc_schema::model::Schema;

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
    let our_schema = Schema::from_untrusted(&our_text, LIMITS).expect("a class's own canonical text is a schema");
    let our_class = our_schema.classes.last().expect("it holds the class");
    let differences = diff::diff(&our_schema, our_class, &theirs, class);
    Err(Error::Mismatch(
        format!(
            "the ring {} is for another class than this program's:\n  expected {} ({})\n  found    {} ({})\n{}\nbuild \
             both programs from the same description, or remove the ring if it is from an older one",
            path.display(),
            our_class.name,
            our_class.fingerprint,
            class.name,
            class.fingerprint,
            diff::render(&differences)
        )
        .into(),
    ))
}
