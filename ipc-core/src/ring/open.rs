//! Making a ring and opening one: both end with a ring whose class, sizes and owner were checked.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipc_schema::topology::RingLimits;

use super::doorbell::Bells;
use super::fence::Fence;
use super::layout::{LOCK_SETUP, MAX_RESERVED, MAX_SCHEMA_BYTES, NAME_BYTES, Preamble, SLOT_ACTIVE, STATE_REPLACED};
use super::mapped::{BodyAccess, Mapped};
use super::place::{Access, Place, RingFiles};
use super::preamble::Plan;
use super::reboot;
use super::same_class;
use super::stop::{self, Stop};
use super::sync::Ordering;
use super::wait::wake_all;
use crate::error::{Error, RingName};
use crate::linux::{boot_id, files, futex, membarrier, watch::Watch};
use crate::raw::RawClass;

/// What a channel states about its ring; `None` accepts what is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) name: &'a str,
    pub(crate) class: Option<&'a RawClass>,
    pub(crate) capacity: Option<u64>,
    pub(crate) reserved: Option<&'a [&'a str]>,
    pub(crate) dynamic_slots: Option<u32>,
    pub(crate) fence: Option<Fence>,
    pub(crate) place: Place<'a>,
}

/// What a ring is made from, and what is written into it at first.
struct Draft {
    plan: Plan,
    preamble: Preamble,
    region: Vec<u8>,
    schema: String,
}

const DEFAULT_CAPACITY: u64 = RingLimits::DEFAULT_CAPACITY;
const DEFAULT_DYNAMIC_SLOTS: u32 = RingLimits::DEFAULT_DYNAMIC_SLOTS;

impl Wish<'_> {
    /// The ring's file; for an isolated ring what the kernel says in its place, where it lists open files.
    pub(crate) fn path(&self) -> Result<PathBuf, Error> {
        let path = files::path_of(self.name, "a channel", "ring").map_err(|problem| self.impossible(problem))?;
        match self.place {
            Place::File(_) => Ok(path),
            _ if self.name.contains('/') => {
                Err(self.impossible("an isolated ring has no path, only a name".to_owned()))
            }
            _ => Ok(PathBuf::from(format!("memfd:{}", self.name))),
        }
    }

    /// Opens the ring; makes it first if it is not there.
    pub(crate) fn create_or_open(&self, access: BodyAccess) -> Result<Mapped, Error> {
        loop {
            match (self.open(access), self.class, self.place) {
                (Err(error), Some(class), Place::File(access)) if error.is_not_there() => self.make(class, access)?,
                (outcome, ..) => return outcome,
            }
        }
    }

    /// Opens a ring that is there, after at most `limit` of waiting for its file.
    pub(crate) fn open_within(&self, access: BodyAccess, limit: Duration) -> Result<Mapped, Error> {
        match self.open(access) {
            Err(error) if error.is_not_there() => {}
            outcome => return outcome,
        }
        let path = self.path()?;
        let watching = |error| Error::os(&path, "watch the ring's directory", error);
        let deadline = Instant::now().checked_add(limit);
        loop {
            // Watch first, then look: a ring that appears in between is seen by one of the two.
            let watch = Watch::directory_of(&path).map_err(watching)?;
            match self.open(access) {
                Err(error) if error.is_not_there() => {}
                outcome => return outcome,
            }
            if !watch.wait(deadline).map_err(watching)? {
                return Err(Error::NotThere { ring: Arc::new(self.ring_name(path)), waited: Some(limit) });
            }
        }
    }

    /// Opens a ring that is there.
    pub(crate) fn open(&self, access: BodyAccess) -> Result<Mapped, Error> {
        let (files, plan, preamble) = self.find()?;
        let path = self.path()?;
        files.check_access(access).map_err(|problem| self.impossible(problem))?;
        if let Some(class) = self.class {
            same_class::check(&path, &files.head, &preamble, class)?;
        }
        let name = Arc::new(RingName { reserved: plan.reserved.clone(), ..self.ring_name(path) });
        self.check_sizes(&plan)
            .map_err(|difference| Error::Differs { ring: Arc::clone(&name), difference: difference.into() })?;
        register(&plan, &name)?;
        let ring = map(files, name, &plan, &preamble, access)?;
        reboot::prepare(&ring, preamble.body_offset)?;
        if ring.control().head.state.state.load(Ordering::Acquire) == STATE_REPLACED {
            if plan.isolated {
                return Err(Error::Replaced(ring.name));
            }
            // Whoever removed it died before its name was gone.
            unlink(&ring)?;
            return Err(Error::NotThere { ring: ring.name, waited: None });
        }
        Ok(ring)
    }

    /// The class of the ring that is there.
    pub(crate) fn class_there(&self) -> Result<RawClass, Error> {
        let (files, _, preamble) = self.find()?;
        same_class::read(&self.path()?, &files.head, &preamble)
    }

    /// The ring's files, and what they say of themselves; nothing is known of its class yet.
    fn find(&self) -> Result<(RingFiles, Plan, Preamble), Error> {
        let path = self.path()?;
        let files = match self.place {
            Place::File(access) => RingFiles { head: self.find_file(&path, access)?, body: None },
            Place::Inherited => RingFiles::inherited(self.name).map_err(|problem| self.impossible(problem))?,
            Place::Held(files) => files.try_clone().map_err(|error| Error::os(&path, "open the ring", error))?,
        };
        let (plan, preamble) = read_preamble(&files)
            .map_err(|error| Error::os(&path, "read the ring's preamble", error))?
            .map_err(|reason| match self.place {
                Place::File(_) => Error::NotARing { path: path.clone(), what: "ring", reason: reason.into() },
                _ => self.impossible(format!("the memory that was handed over is no usable ring: {reason}")),
            })?;
        Ok((files, plan, preamble))
    }

    fn find_file(&self, path: &Path, access: Access) -> Result<File, Error> {
        files::prepare_directory(path).map_err(|error| Error::os(path, "use the rings' directory", error))?;
        files::open(path, access == Access::Group).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Error::NotThere { ring: Arc::new(self.ring_name(path.to_owned())), waited: None }
            }
            _ => Error::os(path, "open the ring", error),
        })
    }

    /// Makes the ring in a file; returns as well if somebody else has made it meanwhile.
    fn make(&self, class: &RawClass, access: Access) -> Result<(), Error> {
        let path = self.path()?;
        let draft = self.draft(class)?;
        files::prepare_directory(&path).map_err(|error| Error::os(&path, "use the rings' directory", error))?;
        let mode = if access == Access::Group { 0o660 } else { 0o600 };
        let file = files::unnamed(&path, draft.preamble.file_bytes, mode)
            .map_err(|error| Error::os(&path, "make a ring (its full size is allocated at once)", error))?;
        let ring = self.fill(RingFiles { head: file, body: None }, &draft)?;
        // A power cut must not leave a name with nothing behind it. Costs nothing in memory.
        ring.files.head.sync_all().map_err(|error| ring.os("write the new ring to disk", error))?;
        stop::at(Stop::RingUnlinked);
        match files::link(&ring.files.head, &ring.name.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(ring.os("name the new ring", error)),
            _ => Ok(()),
        }
    }

    /// Makes the ring in sealed memory.
    pub(crate) fn make_sealed(&self, class: &RawClass) -> Result<RingFiles, Error> {
        let path = self.path()?;
        let draft = self.draft(class)?;
        let files = RingFiles::sealed(self.name, draft.preamble.file_bytes, draft.plan.body_bytes())
            .map_err(|error| Error::os(&path, "make a ring (its full size is allocated at once)", error))?;
        self.fill(files, &draft).map(|ring| ring.files)
    }

    /// What the ring is made from, checked.
    fn draft(&self, class: &RawClass) -> Result<Draft, Error> {
        let plan = self.plan(class);
        plan.check().map_err(|problem| self.impossible(problem))?;
        let schema = class.schema();
        if schema.len() as u64 > MAX_SCHEMA_BYTES {
            return Err(self.impossible(format!(
                "the description of its class has {} bytes: expected at most {MAX_SCHEMA_BYTES}; shorten comments, or \
                 split the class",
                schema.len()
            )));
        }
        let (preamble, region) = plan.encode(schema.len() as u64);
        Ok(Draft { plan, preamble, region, schema: schema.to_owned() })
    }

    /// Writes into files of zeros what every opener expects there.
    fn fill(&self, files: RingFiles, draft: &Draft) -> Result<Mapped, Error> {
        let Draft { plan, preamble, region, schema } = draft;
        let name = Arc::new(self.ring_name(self.path()?));
        let head = &files.head;
        let written =
            head.write_all_at(region, 0).and_then(|()| head.write_all_at(schema.as_bytes(), preamble.schema_offset));
        written.map_err(|error| Error::os(&name.path, "write the ring's preamble", error))?;
        register(plan, &name)?;
        let ring = map(files, name, plan, preamble, BodyAccess::Read)?;
        let control = ring.control();
        for slot in &control.slots[..plan.reserved.len()] {
            slot.state.store(SLOT_ACTIVE, Ordering::Relaxed);
        }
        let boot = boot_id().map_err(|error| ring.os("read the boot id", error))?;
        control.head.boot.boot_id[0].store(boot[0], Ordering::Relaxed);
        control.head.boot.boot_id[1].store(boot[1], Ordering::Relaxed);
        Ok(ring)
    }

    /// Removes the ring, of whatever class and sizes it is, and tells all who have it open.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        if let Place::Inherited = self.place {
            return Err(self.impossible("an isolated ring is removed by who made it".to_owned()));
        }
        let (files, plan, preamble) = self.find()?;
        unlink(&map(files, Arc::new(self.ring_name(self.path()?)), &plan, &preamble, BodyAccess::Read)?)
    }

    fn plan(&self, class: &RawClass) -> Plan {
        Plan {
            fence: self.fence.unwrap_or_else(default_fence),
            capacity: self.capacity.unwrap_or(DEFAULT_CAPACITY),
            reserved: self.reserved.unwrap_or_default().iter().map(|&name| name.to_owned()).collect(),
            dynamic_slots: self.dynamic_slots.unwrap_or(DEFAULT_DYNAMIC_SLOTS),
            fingerprint: class.fingerprint().0,
            isolated: self.is_isolated(),
        }
    }

    /// Says how the ring there differs from what the channel states.
    fn check_sizes(&self, found: &Plan) -> Result<(), String> {
        if let Some(expected) = self.capacity.filter(|&expected| expected != found.capacity) {
            return Err(format!("expected a capacity of {expected} bytes, found {}", found.capacity));
        }
        if let Some(expected) = self.dynamic_slots.filter(|&expected| expected != found.dynamic_slots) {
            return Err(format!("expected {expected} dynamic slots, found {}", found.dynamic_slots));
        }
        if let Some(expected) = self.fence.filter(|&expected| expected != found.fence) {
            return Err(format!("expected the {expected:?} fence mode, found {:?}", found.fence));
        }
        match self.reserved {
            Some(expected) if expected != found.reserved => {
                Err(format!("expected the reserved consumers {expected:?}, found {:?}", found.reserved))
            }
            _ => Ok(()),
        }
    }

    fn is_isolated(&self) -> bool {
        !matches!(self.place, Place::File(_))
    }

    fn ring_name(&self, path: PathBuf) -> RingName {
        let class = self.class.map(|class| class.name().to_owned()).unwrap_or_default();
        RingName { what: "the ring", class, path, reserved: Vec::new(), isolated: self.is_isolated() }
    }

    fn impossible(&self, problem: String) -> Error {
        Error::Channel { name: self.name.into(), problem: problem.into() }
    }
}

/// Asymmetric where the kernel can, since it costs a publisher nothing.
pub(crate) fn default_fence() -> Fence {
    if membarrier::register().is_ok() { Fence::Asymmetric } else { Fence::Symmetric }
}

/// Maps a ring whose preamble was checked.
fn map(
    files: RingFiles,
    name: Arc<RingName>,
    plan: &Plan,
    preamble: &Preamble,
    access: BodyAccess,
) -> Result<Mapped, Error> {
    Mapped::new(files, Arc::clone(&name), plan, preamble, access)
        .map_err(|error| Error::os(&name.path, "map the ring (which takes /proc as well)", error))
}

/// Tells all who have the ring open that it was removed, and takes its name away if it still has it.
fn unlink(ring: &Mapped) -> Result<(), Error> {
    if ring.files.body.is_some() {
        // Without a name there is nothing to agree on, nor a lock that a module could keep from its controller.
        mark_replaced(ring);
        return Ok(());
    }
    let path = &ring.name.path;
    // One remover at a time, so that the second sees that the name is gone, or leads to a newer ring.
    ring.locks.lock(LOCK_SETUP).map_err(|error| ring.os("lock the ring", error))?;
    // First, so that a remover which dies in between leaves a ring that the next opener removes.
    mark_replaced(ring);
    let removed = match files::is_at(&ring.files.head, path) {
        Ok(true) => std::fs::remove_file(path),
        other => other.map(drop),
    };
    (0..ring.control().slots.len()).for_each(|slot| ring.remove_bell(slot));
    ring.locks.unlock(LOCK_SETUP).map_err(|error| ring.os("unlock the ring", error))?;
    removed.map_err(|error| ring.os("remove the ring", error))
}

/// Tells all who have the ring open that it is over.
fn mark_replaced(ring: &Mapped) {
    let head = ring.control().head;
    // Pairs with the loads in Slot::look, in the observer's, and in Writer::rescan.
    head.state.state.store(STATE_REPLACED, Ordering::Release);
    wake_all(&head.data_wait, |line| Bells::default().wake_all(ring, line));
    wake_all(&head.space_wait, futex::wake_all);
}

/// Registers this process before its first store in an asymmetric ring (rule 8).
fn register(plan: &Plan, name: &Arc<RingName>) -> Result<(), Error> {
    if plan.fence == Fence::Asymmetric {
        membarrier::register().map_err(|error| {
            Error::os(&name.path, "use asymmetric fences (membarrier): make the ring with symmetric ones", error)
        })?;
    }
    Ok(())
}

/// Reads the preamble; the inner error says why the files are no ring.
fn read_preamble(files: &RingFiles) -> io::Result<Result<(Plan, Preamble), String>> {
    let lengths = files.lengths()?;
    let most = size_of::<Preamble>() + MAX_RESERVED as usize * NAME_BYTES;
    let region = files::read_at(&files.head, 0, most.min(usize::try_from(lengths.head).unwrap_or(most)))?;
    Ok(Plan::decode(&region, lengths))
}
