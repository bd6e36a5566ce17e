//! Making shared state and opening it: both end with one whose class, size and owner were checked.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipc_schema::model::Schema;
use zerocopy::IntoBytes;

use super::layout::{Head, LOCK_SETUP, Preamble};
use super::mapped::Mapped;
use super::preamble::Plan;
use crate::error::{Error, RingName, SHARED_STATE};
use crate::linux::{boot_id, files, futex, membarrier};
use crate::raw::RawClass;
use crate::ring::fence::Fence;
use crate::ring::layout::MAX_SCHEMA_BYTES;
use crate::ring::open::default_fence;
use crate::ring::same_class::{Disbelief, believe, mismatch};
use crate::ring::sync::Ordering;
use crate::ring::wait::wake_all;

/// Which shared state; `None` accepts any class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) name: &'a str,
    pub(super) class: Option<&'a RawClass>,
}

impl Wish<'_> {
    /// Opens the state; makes it first, with that value, if it is not there.
    pub(super) fn create_or_open(&self, class: &RawClass, value: &[u8]) -> Result<Mapped, Error> {
        loop {
            match self.open() {
                Err(error) if error.is_not_there() => self.make(class, value)?,
                outcome => return outcome,
            }
        }
    }

    /// Opens state that is there.
    pub(super) fn open(&self) -> Result<Mapped, Error> {
        let (file, plan, preamble) = self.find()?;
        let path = self.path()?;
        if let Some(class) = self.class {
            check_class(&path, &file, &preamble, class)?;
        }
        let state = self.map(file, &plan, &preamble)?;
        let boot = boot_id().map_err(|error| state.os("read the boot id", error))?;
        if plan.boot_id != boot || state.head().line.removed.load(Ordering::Acquire) != 0 {
            // From before the last start-up, so that nothing says whether it is whole; or who removed it died before its name
            // was gone.
            unlink(&state)?;
            return Err(Error::NotThere { ring: state.name, waited: None });
        }
        Ok(state)
    }

    /// The class of the state that is there.
    pub(super) fn class_there(&self) -> Result<RawClass, Error> {
        let (file, _, preamble) = self.find()?;
        let path = self.path()?;
        let schema = believe_file(&path, schema_bytes(&path, &file, &preamble)?, &preamble)?;
        RawClass::from_schema(&schema, &schema.classes.last().expect("believed for its last class").name)
    }

    /// Removes the state, of whatever class it is, and tells all who have it open.
    pub(super) fn remove(&self) -> Result<(), Error> {
        let (file, plan, preamble) = self.find()?;
        unlink(&self.map(file, &plan, &preamble)?)
    }

    /// The file, and what it says of itself; nothing is known of its class yet.
    fn find(&self) -> Result<(File, Plan, Preamble), Error> {
        let path = self.path()?;
        files::prepare_directory(&path).map_err(|error| Error::os(&path, "use the rings' directory", error))?;
        let file = files::open(&path, false).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NotThere { ring: Arc::new(self.state_name(path.clone())), waited: None },
            _ => Error::os(&path, "open the shared state", error),
        })?;
        let (plan, preamble) = read_preamble(&file)
            .map_err(|error| Error::os(&path, "read the shared state's preamble", error))?
            .map_err(|reason| unusable(&path, reason))?;
        Ok((file, plan, preamble))
    }

    /// Makes the state with its first value; returns as well if somebody else has made it meanwhile.
    fn make(&self, class: &RawClass, value: &[u8]) -> Result<(), Error> {
        let path = self.path()?;
        let schema = class.schema();
        if schema.len() as u64 > MAX_SCHEMA_BYTES {
            return Err(self.impossible(format!(
                "the description of its class has {} bytes: expected at most {MAX_SCHEMA_BYTES}; shorten comments, or \
                 split the class",
                schema.len()
            )));
        }
        let boot = boot_id().map_err(|error| Error::os(&path, "read the boot id", error))?;
        let plan = Plan {
            fence: default_fence(),
            value_bytes: value.len() as u64,
            fingerprint: class.fingerprint().0,
            boot_id: boot,
        };
        let preamble = plan.encode(schema.len() as u64);
        let making = |error| Error::os(&path, "make shared state", error);
        let file = files::unnamed(&path, preamble.file_bytes, 0o600).map_err(making)?;
        let first_copy = preamble.state_offset + size_of::<Head>() as u64;
        file.write_all_at(preamble.as_bytes(), 0).map_err(making)?;
        file.write_all_at(schema.as_bytes(), preamble.schema_offset).map_err(making)?;
        file.write_all_at(value, first_copy).map_err(making)?;
        // A power cut must not leave a name with nothing behind it. Costs nothing in memory.
        file.sync_all().map_err(making)?;
        match files::link(&file, &path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Error::os(&path, "name the new shared state", error))
            }
            _ => Ok(()),
        }
    }

    fn map(&self, file: File, plan: &Plan, preamble: &Preamble) -> Result<Mapped, Error> {
        let name = Arc::new(self.state_name(self.path()?));
        if plan.fence == Fence::Asymmetric {
            // Before the first store (rule 8 of the ring).
            membarrier::register().map_err(|error| {
                let doing =
                    "use asymmetric fences (membarrier): remove it, and have it made by a program that cannot either";
                Error::os(&name.path, doing, error)
            })?;
        }
        Mapped::new(file, Arc::clone(&name), plan, preamble)
            .map_err(|error| Error::os(&name.path, "map the shared state (which takes /proc as well)", error))
    }

    fn path(&self) -> Result<PathBuf, Error> {
        files::path_of(self.name, "shared state", "shared").map_err(|problem| self.impossible(problem))
    }

    fn state_name(&self, path: PathBuf) -> RingName {
        let class = self.class.map(|class| class.name().to_owned()).unwrap_or_default();
        RingName { what: SHARED_STATE, class, path, reserved: Vec::new(), isolated: false }
    }

    pub(super) fn impossible(&self, problem: String) -> Error {
        Error::State { name: self.name.into(), problem: problem.into() }
    }
}

/// Tells all who have the state open that it was removed, and takes its name away if it still has it.
fn unlink(state: &Mapped) -> Result<(), Error> {
    let path = &state.name.path;
    // One remover at a time, so that the second sees that the name is gone, or leads to newer state.
    state.locks.lock(LOCK_SETUP).map_err(|error| state.os("lock the shared state", error))?;
    // Pairs with the load in Mapped::check(). First, so that a remover which dies in between leaves state that the next opener
    // removes.
    state.head().line.removed.store(1, Ordering::Release);
    let removed = match files::is_at(&state.file, path) {
        Ok(true) => std::fs::remove_file(path),
        other => other.map(drop),
    };
    wake_all(&state.head().wait, futex::wake_all);
    state.locks.unlock(LOCK_SETUP).map_err(|error| state.os("unlock the shared state", error))?;
    removed.map_err(|error| state.os("remove the shared state", error))
}

/// Compares the state's class with ours.
fn check_class(path: &Path, file: &File, preamble: &Preamble, ours: &RawClass) -> Result<(), Error> {
    let theirs = believe_file(path, schema_bytes(path, file, preamble)?, preamble)?;
    let class = theirs.classes.last().expect("believed for its last class");
    if class.fingerprint != ours.fingerprint() {
        let place = format!("{SHARED_STATE} {}", path.display());
        return Err(mismatch(&place, "remove the shared state if it is from an older one", ours, &theirs, class));
    }
    if u64::from(class.layout.size) != preamble.value_bytes || !class.layout.fixed {
        return Err(unusable(path, format!("its value has {} bytes, which its class has not", preamble.value_bytes)));
    }
    Ok(())
}

fn schema_bytes(path: &Path, file: &File, preamble: &Preamble) -> Result<Vec<u8>, Error> {
    files::read_at(file, preamble.schema_offset, preamble.schema_bytes as usize)
        .map_err(|error| Error::os(path, "read the shared state's schema", error))
}

fn believe_file(path: &Path, bytes: Vec<u8>, preamble: &Preamble) -> Result<Schema, Error> {
    believe(bytes, &preamble.fingerprint).map_err(|reason| match reason {
        Disbelief::NoSchema(reason) => unusable(path, reason),
        Disbelief::OtherFingerprint => {
            unusable(path, "its schema was overwritten: it does not give the state's fingerprint".to_owned())
        }
    })
}

/// Reads the preamble; the inner error says why the file is no shared state.
fn read_preamble(file: &File) -> io::Result<Result<(Plan, Preamble), String>> {
    let file_bytes = file.metadata()?.len();
    let most = size_of::<Preamble>();
    let region = files::read_at(file, 0, most.min(usize::try_from(file_bytes).unwrap_or(most)))?;
    Ok(Plan::decode(&region, file_bytes))
}

fn unusable(path: &Path, reason: String) -> Error {
    Error::NotARing { path: path.to_owned(), what: "shared state", reason: reason.into() }
}
