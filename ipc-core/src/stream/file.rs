//! Files that streams are appended to, and read from while they grow: [`FileIn`] and [`FileOut`].
//!
//! A record is shown when all of it is there. A writer that dies leaves a part of one at most, at the end; the next writer
//! cuts that off before it appends. A reader looks at the length first and reads then, and keeps nothing of a record that is
//! not complete: so what it has read of such a part is read anew, whatever stands there by then.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ipc_schema::json;

use super::buffer::{Buffer, READ_BYTES};
use super::header::{HEADER_BYTES, Header, foreign, shown};
use super::{Fill, Form};
use crate::error::{Error, RingName};
use crate::linux::locks::WholeFile;
use crate::linux::watch::Watch;

/// The end that is read.
#[derive(Debug)]
pub(super) struct FileIn {
    name: Arc<RingName>,
    file: File,
    /// Where in the file the bytes of the buffer end.
    position: u64,
    /// Of a reader that follows.
    grown: Option<Watch>,
}

/// Whether a reader goes on when it has read all that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtEnd {
    /// It ends.
    End,
    /// It waits for more.
    Follow,
}

impl FileIn {
    /// A reader that follows makes the file if it is not there.
    pub(super) fn open(name: &Arc<RingName>, at_end: AtEnd) -> Result<Self, Error> {
        let path = &name.path;
        let follow = at_end == AtEnd::Follow;
        let opened = if follow { open_to_append(path) } else { File::open(path) };
        let file = opened.and_then(refuse_other_than_file).map_err(|error| Error::os(path, "open the file", error))?;
        let grown = follow.then(|| Watch::growing_of(path)).transpose();
        let grown = grown.map_err(|error| Error::os(path, "watch the file", error))?;
        Ok(Self { name: Arc::clone(name), file, position: 0, grown })
    }

    /// Reads on, so that at least `needed` bytes are there. What is in the buffer is read anew.
    pub(super) fn fill(
        &mut self,
        buffer: &mut Buffer,
        needed: usize,
        deadline: Option<Instant>,
    ) -> Result<Fill, Error> {
        let failed = |error| Error::os(&self.name.path, "read the file", error);
        let start = self.position - buffer.clear() as u64;
        self.position = start;
        loop {
            let found = self.file.metadata().map_err(failed)?;
            let there = found.len().checked_sub(start).ok_or_else(|| Error::NotAStream {
                stream: Arc::clone(&self.name),
                reason: format!("the file was cut to {} bytes, before byte {start}", found.len()).into(),
            })?;
            if there >= needed as u64 && there > 0 {
                // Twice as much, since of a line nobody knows its length, and all of it is read anew each time.
                let most = there.min(READ_BYTES.max(needed.saturating_mul(2)) as u64) as usize;
                let count = self.file.read_at(&mut buffer.room(most)[..most], start).map_err(failed)?;
                if count >= needed {
                    buffer.add(count);
                    self.position += count as u64;
                    return Ok(Fill::Bytes);
                }
            }
            let Some(grown) = &self.grown else { return Ok(Fill::End) };
            if found.nlink() == 0 {
                return Err(Error::Replaced(Arc::clone(&self.name)));
            }
            if !grown.wait(deadline).map_err(failed)? {
                return Ok(Fill::Nothing);
            }
        }
    }
}

/// What tells of its growth.
impl AsFd for FileIn {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.grown.as_ref().map_or(self.file.as_fd(), AsFd::as_fd)
    }
}

/// The end that is appended to.
#[derive(Debug)]
pub(super) struct FileOut {
    name: Arc<RingName>,
    file: File,
    form: Form,
    /// Up to here whole records are known to stand.
    whole: u64,
}

impl FileOut {
    pub(super) fn open(name: &Arc<RingName>, form: Form) -> Result<Self, Error> {
        let file = open_to_append(&name.path).and_then(refuse_other_than_file);
        let file = file.map_err(|error| Error::os(&name.path, "open the file", error))?;
        Ok(Self { name: Arc::clone(name), file, form, whole: 0 })
    }

    /// Appends a record, after the parts of `first` if the file is empty.
    pub(super) fn append(&mut self, first: &[&[u8]], record: &[&[u8]]) -> Result<(), Error> {
        let failed = |error| Error::os(&self.name.path, "append to the file", error);
        let _turn = WholeFile::lock(&self.file).map_err(failed)?;
        let end = self.repair()?;
        let first = if end == 0 { first } else { &[] };
        let mut position = end;
        for part in first.iter().chain(record) {
            if let Err(error) = self.file.write_all_at(part, position) {
                // On a full disk, say. If it fails as well, the next writer cuts it off.
                let _ = self.file.set_len(end);
                return Err(failed(error));
            }
            position += part.len() as u64;
        }
        self.whole = position;
        Ok(())
    }

    /// Cuts off what a writer left that died in the midst of a record, or ends a line that lacks its end alone; gives the end of the file. Under the lock.
    fn repair(&self) -> Result<u64, Error> {
        let failed = |error| Error::os(&self.name.path, "read the file", error);
        let len = self.file.metadata().map_err(failed)?.len();
        let mut whole = if self.whole <= len { self.whole } else { 0 };
        while whole < len {
            let next = match self.form {
                Form::Blocks => self.end_of_block(whole, len)?,
                Form::Lines => match self.end_of_lines(whole, len).map_err(failed)? {
                    None => self.end_last_line(whole, len)?,
                    end => end,
                },
            };
            match next {
                Some(next) => whole = next,
                None => {
                    self.file.set_len(whole).map_err(failed)?;
                    break;
                }
            }
        }
        Ok(whole)
    }

    /// Where the block ends that begins at `start`; `None` if not all of it is there.
    fn end_of_block(&self, start: u64, len: u64) -> Result<Option<u64>, Error> {
        let mut header = [0; HEADER_BYTES];
        let there = (len - start).min(HEADER_BYTES as u64) as usize;
        let read = self.file.read_exact_at(&mut header[..there], start);
        read.map_err(|error| Error::os(&self.name.path, "read the file", error))?;
        if let Some(reason) = foreign(&header[..there]) {
            return Err(self.refused(start, &reason));
        }
        if there < HEADER_BYTES {
            return Ok(None);
        }
        let header = Header::from_bytes(&header).map_err(|reason| self.refused(start, &reason))?;
        let end = start + HEADER_BYTES as u64 + u64::from(header.block_bytes);
        Ok((end <= len).then_some(end))
    }

    /// Nothing is cut off that this library did not write.
    fn refused(&self, start: u64, reason: &str) -> Error {
        Error::NotAStream { stream: Arc::clone(&self.name), reason: format!("at byte {start}, {reason}").into() }
    }

    /// Ends the last line, from `start` on, if only its end is missing: a person has left that out. `None` for a part of a line.
    fn end_last_line(&self, start: u64, len: u64) -> Result<Option<u64>, Error> {
        let failed = |error| Error::os(&self.name.path, "end the file's last line", error);
        let mut line = vec![0; (len - start) as usize];
        self.file.read_exact_at(&mut line, start).map_err(failed)?;
        if line.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
            let found = shown(&line[..line.len().min(16)]);
            return Err(self.refused(start, &format!("expected an object of JSON on a line, found {found}")));
        }
        if !std::str::from_utf8(&line).is_ok_and(|line| json::value(line, "an object").is_ok()) {
            return Ok(None);
        }
        self.file.write_all_at(b"\n", len).map_err(failed)?;
        Ok(Some(len + 1))
    }

    /// Where the last line ends that begins after `start`; `None` if none does.
    fn end_of_lines(&self, start: u64, len: u64) -> std::io::Result<Option<u64>> {
        let mut chunk = [0; 4096];
        let mut end = len;
        while end > start {
            let from = start.max(end.saturating_sub(chunk.len() as u64));
            let bytes = &mut chunk[..(end - from) as usize];
            self.file.read_exact_at(bytes, from)?;
            if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
                return Ok(Some(from + at as u64 + 1));
            }
            end = from;
        }
        Ok(None)
    }
}

/// Opens a file that may not be there yet; it is this user's alone then.
fn open_to_append(path: &Path) -> std::io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn refuse_other_than_file(file: File) -> std::io::Result<File> {
    let is_file = file.metadata()?.is_file();
    is_file.then_some(file).ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"))
}
