//! [`Source`]: where the values of members come from: a dict, the attributes of any object, or nothing.

use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays;
use crate::errors::Refusal;
use crate::plan::{MemberPlan, Plan};

/// Values by the names of members.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a, 'py> {
    /// By keys; a member that has none has no value.
    Dict(&'a Bound<'py, PyDict>),
    /// By attributes: of a class's own values, and of views.
    Object(&'a Bound<'py, PyAny>),
    /// By fields: of an element of an array of numpy.
    Record(&'a Bound<'py, PyAny>),
    /// A part of a frame that is laid out with nothing in it.
    Nothing,
}

/// Whether every member needs a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Of a value that is sent.
    All,
    /// Of a frame that is laid out to be written in place: what fixes its size.
    Dimensions,
    /// Of a value that is not complete yet.
    Nothing,
}

impl<'a, 'py> Source<'a, 'py> {
    /// The values of a frame, or of a class in it.
    pub(crate) fn of(value: &'a Bound<'py, PyAny>, plan: &Plan) -> Result<Self, Refusal> {
        match value.cast::<PyDict>() {
            Ok(dict) => {
                check_names(plan, dict)?;
                Ok(Self::Dict(dict))
            }
            Err(_) if arrays::is_record(value) => Ok(Self::Record(value)),
            Err(_) => Ok(Self::Object(value)),
        }
    }

    /// The value of a member, `None` if there is none.
    #[inline]
    pub(crate) fn get(self, py: Python<'py>, member: &MemberPlan) -> Result<Option<Bound<'py, PyAny>>, Refusal> {
        let found = match self {
            Self::Dict(dict) => match dict.get_item(&member.attribute)? {
                None if !member.attribute.is(&member.key) => dict.get_item(&member.key)?,
                found => found,
            },
            Self::Object(object) => match object.getattr(&member.attribute) {
                Ok(value) => Some(value),
                Err(error) if error.is_instance_of::<PyAttributeError>(py) => None,
                Err(error) => return Err(error.into()),
            },
            Self::Record(record) => field(record, member)?,
            Self::Nothing => None,
        };
        Ok(found.filter(|value| !value.is_none()))
    }
}

/// The field of a record that is a member; of exported classes' records, which say what is there as frames do, `None` for one
/// that is absent.
fn field<'py>(record: &Bound<'py, PyAny>, member: &MemberPlan) -> PyResult<Option<Bound<'py, PyAny>>> {
    let fields = record.getattr("dtype")?.getattr("fields")?;
    if let Some((byte, mask)) = member.presence
        && fields.contains("_presence")?
    {
        let bytes = record.call_method0("tobytes")?;
        if bytes.extract::<&[u8]>()?.get(byte).is_none_or(|bits| bits & mask == 0) {
            return Ok(None);
        }
    }
    for name in [&member.attribute, &member.key] {
        if fields.contains(name)? {
            return record.get_item(name).map(Some);
        }
    }
    Ok(None)
}

/// A name that no member has is a mistake.
fn check_names(plan: &Plan, dict: &Bound<'_, PyDict>) -> Result<(), Refusal> {
    for name in dict.keys() {
        if plan.find(dict.py(), &name)?.is_none() {
            return Err(Refusal::new(format!("no member {name:?}: expected one of {:?}", plan.names())));
        }
    }
    Ok(())
}
