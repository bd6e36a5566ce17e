//! Where a ring lies: in a file that its channel's name leads to, or, as an *isolated* ring, in two pieces of sealed memory
//! without a name, one for preamble, schema and control, the other for the body.

use std::fs::File;
use std::io;
use std::os::fd::RawFd;

use super::mapped::BodyAccess;
use super::preamble::Lengths;
use crate::linux::sealed;

/// The variable by which a controller tells its modules which descriptors they have inherited: `frames=7:8 edges=9:10`, for
/// each isolated channel that of the control part and that of the body.
pub(crate) const VARIABLE: &str = "IPC_ISOLATED";

/// Where a ring lies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In a file.
    File(Access),
    /// In sealed memory that this process has inherited.
    Inherited,
    /// In sealed memory that this process has made.
    Held(&'a RingFiles),
}

/// Who may open a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Processes of the same user: file mode 0600.
    #[default]
    Owner,
    /// Processes of the file's group as well: file mode 0660. Name such a ring by a path, in a directory that the group can
    /// use: the directory of rings without a path is its user's alone.
    Group,
}

/// The open files of a ring.
#[derive(Debug)]
pub(crate) struct RingFiles {
    /// Preamble, schema, control; in a ring that is one file the body as well.
    pub(crate) head: File,
    /// The body of an isolated ring.
    pub(crate) body: Option<File>,
}

impl RingFiles {
    /// Sealed memory for an isolated ring whose parts have these sizes.
    ///
    /// Nobody but who holds a descriptor of it can open it anew, whatever its mode. Each end opens the control part so, for
    /// its lock (rule 9), modules of other users too. The body is written through the descriptor that its producer inherits,
    /// and opened anew for reading alone.
    pub(crate) fn sealed(name: &str, head_bytes: u64, body_bytes: u64) -> io::Result<Self> {
        let head = sealed::make(name, head_bytes, 0o666)?;
        let body = sealed::make(&format!("{name}.body"), body_bytes, 0o400)?;
        Ok(Self { head, body: Some(body) })
    }

    /// What [`VARIABLE`] names for a channel. It is sealed, so its size stays what it is from now on.
    pub(crate) fn inherited(channel: &str) -> Result<Self, String> {
        let numbers = numbers_of(channel)?;
        let [head, body] = numbers.map(|number| {
            let problem = |problem: String| format!("the descriptor {number} that {VARIABLE} names for it: {problem}");
            let file = sealed::inherited(number)
                .map_err(|error| problem(format!("{error}; a program that starts the module's own must pass it on")))?;
            sealed::check(&file).map_err(problem)?;
            // Programs that this module starts are no modules of the channel.
            sealed::close_on_exec(number).map_err(|error| problem(error.to_string()))?;
            Ok::<_, String>(file)
        });
        Ok(Self { head: head?, body: Some(body?) })
    }

    /// The same descriptions by descriptors of their own.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { head: self.head.try_clone()?, body: self.body.as_ref().map(File::try_clone).transpose()? })
    }

    /// Refuses to write a body that was handed over for reading.
    pub(super) fn check_access(&self, access: BodyAccess) -> Result<(), String> {
        let Some(body) = self.body.as_ref().filter(|_| access == BodyAccess::Write) else { return Ok(()) };
        match sealed::is_writable(body) {
            Ok(true) => Ok(()),
            Ok(false) => Err("its body was handed over for reading alone: its producer is another module".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// How long they are.
    pub(super) fn lengths(&self) -> io::Result<Lengths> {
        let body = self.body.as_ref().map(File::metadata).transpose()?;
        Ok(Lengths { head: self.head.metadata()?.len(), body: body.map(|body| body.len()) })
    }

    /// The file that the body lies in.
    pub(crate) fn body(&self) -> &File {
        self.body.as_ref().unwrap_or(&self.head)
    }
}

/// The descriptors of a channel's control part and body.
fn numbers_of(channel: &str) -> Result<[RawFd; 2], String> {
    let value = std::env::var(VARIABLE).unwrap_or_default();
    let found = find(&value, channel)
        .map_err(|entry| format!("{VARIABLE} has {entry:?}: expected descriptors as in `frames=7:8`"))?;
    found.ok_or_else(|| {
        format!(
            "it is isolated, and {VARIABLE} does not name it: its memory is handed to the modules of the channel, so start \
             this program as one of them, by `ipc run`"
        )
    })
}

/// The entry of a channel; the error is an entry of it that cannot be read.
fn find<'a>(value: &'a str, channel: &str) -> Result<Option<[RawFd; 2]>, &'a str> {
    for entry in value.split_ascii_whitespace() {
        let Some(numbers) = entry.strip_prefix(channel).and_then(|rest| rest.strip_prefix('=')) else { continue };
        let number = |text: &str| text.parse::<RawFd>().ok().filter(|&number| number >= 0);
        let numbers = numbers.split_once(':').and_then(|(head, body)| Some([number(head)?, number(body)?]));
        return numbers.map(Some).ok_or(entry);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_channels_descriptors_are_found_by_its_whole_name() {
        let value = "frames=7:8 frames2=9:10";
        assert_eq!(find(value, "frames"), Ok(Some([7, 8])));
        assert_eq!(find(value, "frames2"), Ok(Some([9, 10])));
        assert_eq!(find(value, "frame"), Ok(None));
        assert_eq!(find("", "frames"), Ok(None));
    }

    #[test]
    fn an_entry_that_is_none_is_told() {
        for entry in ["frames=", "frames=7", "frames=7:", "frames=:8", "frames=-1:8", "frames=7:8:9", "frames=a:b"] {
            assert_eq!(find(&format!("edges=3:4 {entry}"), "frames"), Err(entry));
        }
    }
}
