//! [`Layout`]: a class as Python holds it; classes from files and rings.

use std::path::PathBuf;
use std::sync::Arc;

use ipc_core::AlignedBytes;
use ipc_core::raw::RawClass;
use ipc_schema::diff;
use ipc_schema::model::{ClassId, Schema};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyType};

use crate::body::Body;
use crate::errors::{self, exception};
use crate::frame::Frame;
use crate::keeper::{Keeper, Memory};
use crate::plan::Plan;
use crate::prepare::{Prepared, Rooms};
use crate::source::{Need, Source};
use crate::view::{self, Hold, View};
use crate::write::Target;
use crate::{bounds, defaults, errors::Refusal, tidy};

/// A class that is known at run time.
#[pyclass(frozen, module = "ipc")]
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) raw: RawClass,
    pub(crate) plan: Arc<Plan>,
    schema: Arc<Schema>,
    id: ClassId,
}

impl Layout {
    fn of_schema(py: Python<'_>, schema: &Arc<Schema>, name: &str) -> PyResult<Self> {
        let raw = RawClass::from_schema(schema, name).map_err(|error| errors::of(py, error))?;
        let id = schema.class_id(name).expect("RawClass has found it");
        Ok(Self { raw, plan: Plan::of(py, schema, id)?, schema: Arc::clone(schema), id })
    }

    pub(crate) fn from_raw(py: Python<'_>, raw: RawClass) -> PyResult<Self> {
        Self::of_schema(py, &parse(py, raw.schema())?, raw.name())
    }

    /// The layout of a class of Python: one that was exported, or made at run time.
    pub(crate) fn of_class(class: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = class.py();
        if let Ok(layout) = class.cast::<Self>() {
            return Ok(layout.get().clone());
        }
        let text = |name| class.getattr(name).and_then(|text| text.extract::<String>());
        let (Ok(schema), Ok(name)) = (text("schema"), text("class_name")) else {
            return Err(PyTypeError::new_err(format!(
                "expected a class of frames first, found {}: `ipc export --lang python` writes such classes, and ipc.load \
                 makes them",
                class.repr()?
            )));
        };
        Self::of_schema(py, &parse(py, &schema)?, &name)
    }
}

impl Layout {
    /// Whether a value is of this very class, though perhaps loaded or exported another time.
    pub(crate) fn is_of(&self, value: &Bound<'_, PyAny>) -> bool {
        let fingerprint = value.get_type().getattr("fingerprint");
        fingerprint.is_ok_and(|found| found.extract::<&[u8]>().is_ok_and(|found| found == self.raw.fingerprint().0))
    }

    /// A value of another class is a mistake, even if its members have the same names.
    pub(crate) fn check_kind(&self, class: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Result<(), Refusal> {
        let is_one = value.get_type().is(class)
            || value.is_instance_of::<PyDict>()
            || class.cast::<PyType>().is_ok_and(|class| value.is_instance(class).unwrap_or(false))
            || value.is_instance_of::<View>()
            || value.is_instance_of::<Frame>()
            || self.is_of(value);
        if is_one { Ok(()) } else { Err(self.refuse(value)) }
    }

    /// The bytes of a value's frame.
    pub(crate) fn bytes_of(&self, value: &Bound<'_, PyAny>) -> Result<AlignedBytes, Refusal> {
        let (bytes, target) = self.lay_out(value.py(), Source::of(value, &self.plan)?, Need::All)?;
        tidy::tidy(&self.plan, target)?;
        bounds::check(&self.plan, &bytes)?;
        Ok(bytes)
    }

    /// A frame in memory of its own, with the values that there are; and how to write it.
    pub(crate) fn lay_out<'py>(
        &self,
        py: Python<'py>,
        source: Source<'_, 'py>,
        need: Need,
    ) -> Result<(AlignedBytes, Target), Refusal> {
        let frame = Prepared::of(py, &self.plan, source, need)?;
        let mut bytes = AlignedBytes::zeroed(frame.len as usize);
        // SAFETY: a buffer of its own, which goes to the caller together with this.
        let target = unsafe { Target::new(std::ptr::NonNull::from(&mut bytes[..]).cast(), bytes.len()) };
        frame.write(target, Rooms::AsTheyAre)?;
        Ok((bytes, target))
    }

    /// Why a value of another class is refused, even if its class has the same name.
    #[cold]
    pub(crate) fn refuse(&self, value: &Bound<'_, PyAny>) -> Refusal {
        let (ours, class) = (&self.raw, value.get_type());
        if class.name().is_ok_and(|name| name != ours.name()) {
            return Refusal::kind(ours.name(), value);
        }
        let Ok(other) = Self::of_class(&class) else {
            let module = class.module().map(|module| module.to_string()).unwrap_or_default();
            return Refusal::new(format!(
                "expected a value of type {0}, found one of {module}.{0}, which is no class of frames: make it of the class \
                 that the producer was opened with, or send a dict of its members",
                ours.name()
            ));
        };
        Refusal::new(format!(
            "expected a value of {} ({}), found one of {} ({}):\n{}",
            ours.name(),
            ours.fingerprint(),
            other.raw.name(),
            other.raw.fingerprint(),
            self.differences(&other)
        ))
    }

    /// What another class has otherwise than this one.
    pub(crate) fn differences(&self, other: &Self) -> String {
        let (ours, theirs) = (&self.schema[self.id], &other.schema[other.id]);
        diff::render(&diff::diff(&self.schema, ours, &other.schema, theirs)).trim_end().to_owned()
    }
}

fn parse(py: Python<'_>, text: &str) -> PyResult<Arc<Schema>> {
    Schema::from_text(text, "schema text")
        .map(Arc::new)
        .map_err(|errors| exception(py, "DescriptionError", errors.to_string()))
}

#[pymethods]
impl Layout {
    /// The class of that name in a JSON text.
    #[staticmethod]
    fn from_json(py: Python<'_>, json: &str, name: &str) -> PyResult<Self> {
        Self::of_schema(py, &parse(py, json)?, name)
    }

    #[getter]
    fn class_name(&self) -> &str {
        self.raw.name()
    }

    #[getter]
    fn fingerprint<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.raw.fingerprint().0)
    }

    #[getter(schema)]
    fn schema_text(&self) -> &str {
        self.raw.schema()
    }

    #[getter]
    fn comment(&self) -> Option<&str> {
        self.schema[self.id].comment.as_deref()
    }

    /// The members of a new value by name: defaults, zeros and nothing.
    pub(crate) fn new_value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        defaults::of_class(py, &self.schema, self.id, &self.plan)
    }

    /// The bytes of a value's frame.
    fn encode<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = value.py();
        let bytes = self.bytes_of(value).map_err(|error| error.raise(py, &self.plan.name))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The members of a frame by name, as values that refer to nothing.
    fn decode(&self, py: Python<'_>, frame: &[u8]) -> PyResult<Py<PyDict>> {
        let bytes = AlignedBytes::copy_of(frame);
        // SAFETY: the keeper has the bytes, and lives to the end of this function.
        let body = unsafe { Body::new(&bytes, &self.plan) };
        let keeper = Keeper::of(py, Memory::Copied(bytes))?;
        let hold = Hold { keeper: &|py| Ok(keeper.clone_ref(py)), writing: None, site: None };
        view::to_dict(py, &body.map_err(|error| error.raise(py, &self.plan.name))?, hold)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Layout of {}>", self.raw.name())
    }
}

/// The classes of a JSON file and of all that it imports, those that others use first; and its enums: name, and names and
/// values.
#[pyfunction]
#[expect(clippy::type_complexity, reason = "it is unpacked where it is called")]
pub(crate) fn read_classes(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<(Vec<Layout>, Vec<(String, Vec<(String, i128)>)>)> {
    let schema = Schema::from_file(path)
        .map(Arc::new)
        .map_err(|errors| exception(py, "DescriptionError", errors.to_string()))?;
    let layouts = schema.classes.iter().map(|class| Layout::of_schema(py, &schema, &class.name));
    let enums = schema.enums.iter().map(|it| (it.name.clone(), it.values.clone()));
    Ok((layouts.collect::<PyResult<_>>()?, enums.collect()))
}
