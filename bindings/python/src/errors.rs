//! Errors as exceptions. The family of classes is in `ipc/errors.py`; the texts are those of Rust.

use ipc_core::Error;
use ipc_schema::value::Problem;
use ipc_schema::wire::WireError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// An exception of the family, by the name of its class.
#[cold]
pub(crate) fn exception(py: Python<'_>, class: &str, text: String) -> PyErr {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || PyModule::import(py, "ipc.errors").map(Bound::unbind));
    let class = module.and_then(|module| module.bind(py).getattr(class));
    match class.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, text),
        Err(error) => error,
    }
}

/// The exception of an error of a ring, or of a stream.
#[cold]
pub(crate) fn of(py: Python<'_>, error: Error) -> PyErr {
    let class = match &error {
        Error::Frame(_) => "FrameError",
        Error::Full { .. } | Error::NoRoom { limit: None, .. } => "Full",
        Error::Empty(_) => "Empty",
        Error::TimedOut { .. } | Error::NoRoom { .. } => "TimedOut",
        Error::Closed(_) => "Closed",
        Error::Gone(_) => "Gone",
        Error::NotAStream { .. } => "NotAStream",
        Error::Replaced(_) => "Replaced",
        Error::Mismatch(_) => "Mismatch",
        Error::Differs { .. } => "Differs",
        Error::NotThere { .. } => "NotThere",
        Error::NotARing { .. } => "NotARing",
        Error::Damaged { .. } => "Damaged",
        Error::TooLarge { .. } => "TooLarge",
        Error::ProducerTaken(_) => "ProducerTaken",
        Error::SlotTaken { .. } => "SlotTaken",
        Error::NoSuchSlot { .. } => "NoSuchSlot",
        Error::NoFreeSlot { .. } => "NoFreeSlot",
        Error::Forked(_) => "Forked",
        Error::Description(_) => "DescriptionError",
        Error::Application(_) => "ApplicationError",
        Error::Quit(_) => "Quit",
        Error::NothingReserved(_) => "NothingReserved",
        Error::FrameOpen(_) => "FrameOpen",
        Error::Locked { .. } => "Locked",
        Error::State { .. } => "StateError",
        Error::Channel { .. } => "ChannelError",
        Error::Os { .. } | Error::Control(_) | Error::WaitingForSeveral(_) => "OsError",
        _ => "Error",
    };
    exception(py, class, error.to_string())
}

/// Whether an exception is of that class of the family.
#[cold]
pub(crate) fn is(py: Python<'_>, error: &PyErr, class: &str) -> bool {
    error.is_instance(py, exception(py, class, String::new()).get_type(py).as_any())
}

/// Why a value cannot become a frame, or bytes are no frame: what is wrong, and at which member.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Innermost part first.
    path: Vec<String>,
    problem: String,
    /// What Python said of it.
    cause: Option<PyErr>,
}

impl Refusal {
    #[cold]
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { path: Vec::new(), problem: problem.into(), cause: None }
    }

    /// What Python has refused, in other words.
    #[cold]
    pub(crate) fn caused(cause: PyErr, problem: String) -> Self {
        Self { path: Vec::new(), problem, cause: Some(cause) }
    }

    /// A value of another kind than its type.
    #[cold]
    pub(crate) fn kind(expected: &str, found: &Bound<'_, PyAny>) -> Self {
        let name = found.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
        Self::new(format!("expected a value of type {expected}, found {name}"))
    }

    /// The same, of a member.
    #[cold]
    pub(crate) fn inside(mut self, member: &str) -> Self {
        self.path.push(member.to_owned());
        self
    }

    /// The same, of an element.
    #[cold]
    pub(crate) fn at(mut self, index: usize) -> Self {
        self.path.push(format!("[{index}]"));
        self
    }

    /// The exception, about a frame of this class.
    #[cold]
    pub(crate) fn raise(self, py: Python<'_>, class: &str) -> PyErr {
        let mut path = String::new();
        for part in self.path.iter().rev() {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        let member = if path.is_empty() { "" } else { ", member " };
        let error = exception(py, "FrameError", format!("class {class}{member}{path}: {}", self.problem));
        error.set_cause(py, self.cause);
        error
    }
}

impl From<Problem> for Refusal {
    #[cold]
    fn from(problem: Problem) -> Self {
        Self::new(problem.to_string())
    }
}

impl From<WireError> for Refusal {
    #[cold]
    fn from(error: WireError) -> Self {
        Self::new(error.to_string())
    }
}

/// What Python itself has refused while a value was read.
impl From<PyErr> for Refusal {
    #[cold]
    fn from(error: PyErr) -> Self {
        Self { path: Vec::new(), problem: error.to_string(), cause: Some(error) }
    }
}
