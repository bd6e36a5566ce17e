//! Where classes come from: a description, the canonical text of a class, or a ring, which carries that text.

use std::path::Path;

use ipc_core::raw::RawChannel;
use ipc_schema::Schema;

use crate::Failure;

/// The classes of a file. One that ends in `.ring` is a ring.
pub(crate) fn read(file: &Path) -> Result<Schema, Failure> {
    if file.extension().is_none_or(|extension| extension != "ring") {
        return Ok(Schema::from_file(file)?);
    }
    // A path, not the name of a channel, which would stand in IPC_DIR.
    let path = file.canonicalize().map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let path = path.to_str().ok_or_else(|| format!("the path {} is not UTF-8", path.display()))?;
    let class = RawChannel::untyped(path).class()?;
    Ok(Schema::from_text(class.schema(), path)?)
}
