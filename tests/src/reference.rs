//! What Rust's own classes make of a frame: every other language must give the same bytes, or refuse it in the same words.

use std::path::PathBuf;

use ipc_core::Class;

/// A class, and what Rust does with its frames.
pub struct Reference {
    /// The description.
    pub schema: PathBuf,
    /// The class's name in it.
    pub class: &'static str,
    /// Reads a frame into a value, and writes that again; or the error's text.
    pub rewrite: fn(&[u8]) -> Result<Vec<u8>, String>,
    /// Writes a new value.
    pub fresh: fn() -> Result<Vec<u8>, String>,
}

impl Reference {
    /// Of a generated class.
    pub fn of<C: Class + Default>(schema: impl Into<PathBuf>, class: &'static str) -> Self {
        let rewrite =
            |frame: &[u8]| C::from_bytes(frame).and_then(|value| value.to_bytes()).map_err(|why| why.to_string());
        let fresh = || C::default().to_bytes().map_err(|why| why.to_string());
        Self { schema: schema.into(), class, rewrite, fresh }
    }
}
