//! Pipes, with and without a name: [`PipeIn`] and [`PipeOut`].
//!
//! A named pipe's ends are opened without waiting. Its reader sleeps in `poll`; when the last writer has gone it opens the
//! pipe once more, since `poll` would tell it of that end again and again, and so it does when the name is taken from the
//! pipe (inotify): whoever writes learns then that nobody reads, and opens what has the name too. A writer without a reader
//! sleeps until somebody opens the pipe (inotify). A reader that the kernel lets wait inside of its `open` is told of to
//! nobody, so the writer looks for one each 250 ms, which is the only timed step here.

use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fs::{CWD, FileType, FlockOperation, Mode, OFlags, flock, fstat, mknodat, open};
use rustix::io::Errno;

use super::Fill;
use super::buffer::{Buffer, READ_BYTES};
use super::header::PIPE_BLOCK_BYTES;
use crate::error::{Error, RingName};
use crate::linux::locks::try_lock_for_good;
use crate::linux::poll;
use crate::linux::watch::Watch;

/// How often a writer looks for a reader that waits in its `open`.
const LOOK: Duration = Duration::from_millis(250);

/// The end that is read.
#[derive(Debug)]
pub(super) struct PipeIn {
    name: Arc<RingName>,
    pipe: OwnedFd,
    /// `None` without a name.
    place: Option<Place>,
    /// Whether bytes have come since the last writer went.
    begun: bool,
}

/// Where a pipe that is read has its name.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// That name is taken from it.
    removal: Watch,
    /// An epoll instance over both.
    events: OwnedFd,
}

impl PipeIn {
    pub(super) fn named(name: &Arc<RingName>, path: &Path) -> Result<Self, Error> {
        let (pipe, place) = Self::open(name, path)?;
        lock(name, &pipe)?;
        Ok(Self { name: Arc::clone(name), pipe, place: Some(place), begun: false })
    }

    pub(super) fn unnamed(name: &Arc<RingName>, pipe: OwnedFd) -> Self {
        Self { name: Arc::clone(name), pipe, place: None, begun: false }
    }

    /// Opens the pipe that has that name now.
    fn open(name: &RingName, path: &Path) -> Result<(OwnedFd, Place), Error> {
        let failed = |error: std::io::Error| Error::os(path, "watch the pipe", error);
        loop {
            let pipe = open_named(name, path, OFlags::RDONLY)?.expect("only writers are refused");
            let removal = Watch::removal_of(path).map_err(failed)?;
            if !is_at(path, &pipe).map_err(failed)? {
                // Another one has taken its place since, and is watched instead.
                continue;
            }
            let watch = || {
                let events = epoll::create(CreateFlags::CLOEXEC)?;
                for source in [pipe.as_fd(), removal.as_fd()] {
                    epoll::add(&events, source, EventData::new_u64(0), EventFlags::IN)?;
                }
                Ok(events)
            };
            let events = watch().map_err(|error: Errno| failed(error.into()))?;
            return Ok((pipe, Place { path: path.to_owned(), removal, events }));
        }
    }

    /// Goes over to the pipe that has the name now, be it the same one; false if there is no name.
    fn reopen(&mut self) -> Result<bool, Error> {
        let Some(place) = &self.place else { return Ok(false) };
        // Before the old one is closed, so that the pipe keeps what another writer may have sent by now.
        let (pipe, place) = Self::open(&self.name, &place.path)?;
        // An event loop, or a forked child, may have a duplicate of the old one, which would keep the lock.
        let unlocked = flock(&self.pipe, FlockOperation::Unlock);
        unlocked.map_err(|error| Error::os(&self.name.path, "unlock the pipe", std::io::Error::from(error)))?;
        (self.pipe, self.place) = (pipe, Some(place));
        lock(&self.name, &self.pipe)?;
        Ok(true)
    }

    /// Whether the name has been taken from the pipe since it was opened.
    fn is_removed(&self) -> std::io::Result<bool> {
        let Some(Place { path, removal, .. }) = &self.place else { return Ok(false) };
        Ok(removal.take() && !is_at(path, &self.pipe)?)
    }

    /// Whether writers that have gone can have successors.
    pub(super) fn is_named(&self) -> bool {
        self.place.is_some()
    }

    pub(super) fn fill(&mut self, buffer: &mut Buffer, deadline: Option<Instant>) -> Result<Fill, Error> {
        let name = Arc::clone(&self.name);
        let failed = |error: std::io::Error| Error::os(&name.path, "read the pipe", error);
        loop {
            if poll::ready(&*self, PollFlags::IN, deadline).map_err(failed)?.is_empty() {
                return Ok(Fill::Nothing);
            }
            match rustix::io::read(&self.pipe, buffer.room(READ_BYTES)) {
                Ok(0) => {
                    if !self.reopen()? || std::mem::take(&mut self.begun) {
                        return Ok(Fill::End);
                    }
                }
                Ok(count) => {
                    buffer.add(count);
                    self.begun = true;
                    return Ok(Fill::Bytes);
                }
                Err(Errno::AGAIN) => {
                    // Its writers, if there still are any, learn that nobody reads it, and come to the new one too.
                    if self.is_removed().map_err(failed)? && self.reopen()? && std::mem::take(&mut self.begun) {
                        return Ok(Fill::End);
                    }
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(failed(error.into())),
            }
        }
    }
}

impl AsFd for PipeIn {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.place.as_ref().map_or(self.pipe.as_fd(), |place| place.events.as_fd())
    }
}

/// The end that is written.
#[derive(Debug)]
pub(super) struct PipeOut {
    name: Arc<RingName>,
    /// `None` while nobody has read it yet.
    pipe: Option<OwnedFd>,
    /// `None` without a name.
    named: Option<Named>,
    /// Whether nobody has asked yet who reads it.
    fresh: bool,
    /// Whether the last write found nobody to read it.
    gone: bool,
    /// Whether a write can wait in the kernel: a pipe that somebody else has opened stays as it is.
    blocks: bool,
    /// Whether writes of up to `PIPE_BUF` bytes are whole: not in files and sockets that somebody put in a pipe's place.
    pub(super) is_pipe: bool,
}

/// A pipe with a name.
#[derive(Debug)]
struct Named {
    path: PathBuf,
    opened: Watch,
    turns: Turns,
}

/// How several writers of one pipe keep apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// By what they write.
    Blocks,
    /// One holds it alone.
    Alone,
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Nobody.
    None,
    /// One that may have come since the last call.
    New,
    /// The same as at the last call.
    Same,
}

impl PipeOut {
    pub(super) fn named(name: &Arc<RingName>, path: &Path, turns: Turns) -> Result<Self, Error> {
        make(name, path)?;
        let opened = Watch::opening_of(path).map_err(|error| Error::os(path, "watch the pipe", error))?;
        let named = Some(Named { path: path.to_owned(), opened, turns });
        Ok(Self { name: Arc::clone(name), pipe: None, named, fresh: true, gone: false, blocks: false, is_pipe: true })
    }

    pub(super) fn unnamed(name: &Arc<RingName>, pipe: OwnedFd) -> Result<Self, Error> {
        let found = fstat(&pipe).map_err(|error| Error::os(&name.path, "look at the pipe", error))?;
        let is_pipe = FileType::from_raw_mode(found.st_mode) == FileType::Fifo;
        Ok(Self {
            name: Arc::clone(name),
            pipe: Some(pipe),
            named: None,
            fresh: true,
            gone: false,
            blocks: true,
            is_pipe,
        })
    }

    /// Who reads it; waits for a reader up to the deadline.
    pub(super) fn reader(&mut self, deadline: Option<Instant>) -> Result<Reader, Error> {
        let Self { name, pipe, named, fresh, gone, .. } = self;
        let failed = |error: std::io::Error| Error::os(&name.path, "wait for a reader of the pipe", error);
        let Some(Named { path, opened, turns }) = named else {
            // Nobody comes later.
            return Ok(if std::mem::take(fresh) { Reader::New } else { Reader::Same });
        };
        loop {
            match pipe {
                Some(_) if !*gone => return Ok(if opened.take() { Reader::New } else { Reader::Same }),
                Some(writer) if !is_at(path, &*writer).map_err(failed)? => {
                    // Somebody has removed it: readers to come make another one.
                    make(name, path)?;
                    (*pipe, *opened) = (None, Watch::opening_of(path).map_err(failed)?);
                    continue;
                }
                Some(writer) => {
                    let events = poll::ready(&*writer, PollFlags::empty(), Some(Instant::now())).map_err(failed)?;
                    *gone = events.contains(PollFlags::ERR);
                    if !*gone {
                        opened.take();
                        return Ok(Reader::New);
                    }
                }
                None => {
                    if let Some(writer) = open_named(name, path, OFlags::WRONLY)? {
                        if *turns == Turns::Alone && !try_lock_for_good(&writer).map_err(failed)? {
                            return Err(taken(name, "write lines to"));
                        }
                        *pipe = Some(writer);
                        opened.take();
                        return Ok(Reader::New);
                    }
                }
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(Reader::None);
            }
            let look = now + LOOK;
            opened.wait(Some(deadline.map_or(look, |deadline| deadline.min(look)))).map_err(failed)?;
        }
    }

    /// Writes these parts one after another, and nothing between them; false if the deadline came before their first byte. What
    /// was begun is brought to its end, however long that takes.
    pub(super) fn write(&mut self, parts: &[&[u8]], deadline: Option<Instant>) -> Result<bool, Error> {
        let failed = |error: std::io::Error| Error::os(&self.name.path, "write to the pipe", error);
        let Some(pipe) = &self.pipe else { return Err(Error::Gone(Arc::clone(&self.name))) };
        let mut left: usize = parts.iter().map(|part| part.len()).sum();
        let mut slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let (mut slices, mut deadline) = (&mut slices[..], deadline);
        // A pipe that is there already is asked first, if it may not wait in the kernel.
        let mut ask = self.blocks && deadline.is_some();
        while left > 0 {
            if ask && poll::ready(pipe, PollFlags::OUT, deadline).map_err(failed)?.is_empty() {
                return Ok(false);
            }
            match rustix::io::writev(pipe, slices) {
                Ok(count) => {
                    left -= count;
                    IoSlice::advance_slices(&mut slices, count);
                    (deadline, ask) = (None, false);
                }
                Err(Errno::AGAIN) => ask = true,
                Err(Errno::INTR) => {}
                Err(Errno::PIPE) => {
                    self.gone = true;
                    return Err(Error::Gone(Arc::clone(&self.name)));
                }
                Err(error) => return Err(failed(error.into())),
            }
        }
        Ok(true)
    }

    /// Writes on what was begun, so that it can be left at any byte; false if the deadline came before its end.
    pub(super) fn write_on(
        &mut self,
        bytes: &[u8],
        begun: &mut usize,
        deadline: Option<Instant>,
    ) -> Result<bool, Error> {
        // Of so many bytes a write does not wait in the kernel, once the pipe has said that there is room.
        let most = if self.blocks && deadline.is_some() { PIPE_BLOCK_BYTES } else { bytes.len() };
        while *begun < bytes.len() {
            let part = &bytes[*begun..bytes.len().min(*begun + most)];
            let Some(pipe) = &self.pipe else { return Err(Error::Gone(Arc::clone(&self.name))) };
            let failed = |error: std::io::Error| Error::os(&self.name.path, "write to the pipe", error);
            if poll::ready(pipe, PollFlags::OUT, deadline).map_err(failed)?.is_empty() {
                return Ok(false);
            }
            match rustix::io::write(pipe, part) {
                Ok(count) => *begun += count,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::PIPE) => {
                    self.gone = true;
                    return Err(Error::Gone(Arc::clone(&self.name)));
                }
                Err(error) => return Err(failed(error.into())),
            }
        }
        Ok(true)
    }
}

/// Opens a pipe that may not be there yet; `None` for a writer that has no reader.
fn open_named(name: &RingName, path: &Path, access: OFlags) -> Result<Option<OwnedFd>, Error> {
    let failed = |error: std::io::Error| Error::os(path, "open the pipe", error);
    let flags = access | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let pipe = loop {
        match open(path, flags, Mode::empty()) {
            Ok(pipe) => break pipe,
            Err(Errno::NXIO) => return Ok(None),
            Err(Errno::NOENT) => make(name, path)?,
            Err(error) => return Err(failed(error.into())),
        }
    };
    let found = fstat(&pipe).map_err(|error| failed(error.into()))?;
    check(path, FileType::from_raw_mode(found.st_mode) == FileType::Fifo, found.st_uid)?;
    Ok(Some(pipe))
}

/// Makes the pipe, if it is not there.
fn make(name: &RingName, path: &Path) -> Result<(), Error> {
    match mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => {
            let failed = |error| Error::os(&name.path, "look at the pipe", error);
            let found = std::fs::symlink_metadata(path).map_err(failed)?;
            check(path, FileType::from_raw_mode(found.mode()) == FileType::Fifo, found.uid())
        }
        Err(error) => Err(Error::os(path, "make the pipe", error)),
    }
}

/// Whether this is the file at that path.
fn is_at(path: &Path, file: impl AsFd) -> std::io::Result<bool> {
    let open = fstat(file)?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.st_dev, open.st_ino)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What is in the pipe's place must be one, and this user's: another could put its own there.
fn check(path: &Path, is_pipe: bool, owner: u32) -> Result<(), Error> {
    let myself = rustix::process::geteuid().as_raw();
    let problem = match is_pipe {
        false => "it is there, and is no named pipe: use another path".to_owned(),
        true if owner != myself => format!("it belongs to user {owner}, not to user {myself}: use another path"),
        true => return Ok(()),
    };
    Err(Error::Channel { name: path.display().to_string().into(), problem: problem.into() })
}

/// Takes the reader's place. By another kind of lock than that of writers, which a reader cannot take.
fn lock(name: &RingName, pipe: &OwnedFd) -> Result<(), Error> {
    match flock(pipe, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(taken(name, "read")),
        Err(error) => Err(Error::os(&name.path, "lock the pipe", error)),
    }
}

fn taken(name: &RingName, doing: &str) -> Error {
    Error::Channel {
        name: name.path.display().to_string().into(),
        problem: format!("another end has it open to {doing}: give this one a pipe of its own").into(),
    }
}
