//! The one error of this library.

use ipc_schema::desc::ClassDesc;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes that are no frame of the class, or a value that its class refuses.
    #[error(transparent)]
    Frame(Box<FrameError>),
}

/// Bytes that are no frame of the class, or a value that its class refuses: which class, which member, and why.
#[derive(Debug, thiserror::Error)]
#[error("class {class}{}{}: {problem}", if member.is_some() { ", member " } else { "" }, member.unwrap_or(""))]
pub struct FrameError {
    class: &'static str,
    member: Option<&'static str>,
    problem: String,
}

impl FrameError {
    /// Name of the class.
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// Name of the member, if it is about one.
    pub fn member(&self) -> Option<&'static str> {
        self.member
    }
}

impl Error {
    /// An error about a whole frame.
    #[cold]
    pub(crate) fn frame(desc: &'static ClassDesc, problem: String) -> Self {
        Self::Frame(Box::new(FrameError { class: desc.name, member: None, problem }))
    }

    /// An error about the member of that index.
    #[cold]
    pub(crate) fn member(desc: &'static ClassDesc, index: usize, problem: String) -> Self {
        Self::Frame(Box::new(FrameError { class: desc.name, member: Some(desc.members[index].name), problem }))
    }

    /// A frame that cannot be cast to a struct.
    #[cold]
    pub(crate) fn cast(
        desc: &'static ClassDesc,
        found_bytes: usize,
        expected_bytes: usize,
        why: bytemuck::PodCastError,
    ) -> Self {
        Self::frame(desc, format!("expected an aligned frame of {expected_bytes} bytes, found {found_bytes} ({why})"))
    }
}
