//! What a channel states, from keyword arguments; and what is done to rings as a whole.

use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use ipc_core::raw::RawChannel;
use ipc_core::{Access, Fence, OnFull, PublishTime, Wait, ZeroRegions};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::layout::Layout;
use crate::{errors, patience};

/// Keyword arguments, beside those of an end's own.
const SETTINGS: [&str; 9] =
    ["capacity", "reserve", "dynamic_slots", "fence", "access", "wait", "on_full", "publish_time", "wait_for_ring"];

/// What a channel states; the defaults are those of [`RawChannel`].
#[derive(Default)]
pub(crate) struct Stated {
    capacity: Option<u64>,
    reserve: Option<Vec<String>>,
    dynamic_slots: Option<u32>,
    fence: Option<Fence>,
    access: Option<Access>,
    wait: Option<Wait>,
    on_full: Option<OnFull>,
    publish_time: Option<PublishTime>,
    pub(crate) wait_for_ring: Option<Duration>,
}

impl Stated {
    pub(crate) fn of(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut stated = Self::default();
        for (key, value) in settings.into_iter().flatten() {
            if value.is_none() {
                continue;
            }
            let key: String = key.extract()?;
            match key.as_str() {
                "capacity" => stated.capacity = Some(expect(&key, &value, "a number of bytes")?),
                "reserve" => stated.reserve = Some(expect(&key, &value, "a list of names")?),
                "dynamic_slots" => stated.dynamic_slots = Some(expect(&key, &value, "a number")?),
                "fence" => {
                    let modes = [("symmetric", Fence::Symmetric), ("asymmetric", Fence::Asymmetric)];
                    stated.fence = Some(one_of(&key, &value, &modes)?);
                }
                "access" => {
                    stated.access = Some(one_of(&key, &value, &[("owner", Access::Owner), ("group", Access::Group)])?);
                }
                "wait" => {
                    let ways = [("spin_then_sleep", Wait::SpinThenSleep), ("spin", Wait::Spin), ("sleep", Wait::Sleep)];
                    stated.wait = Some(one_of(&key, &value, &ways)?);
                }
                "on_full" => {
                    stated.on_full = Some(one_of(&key, &value, &[("wait", OnFull::Wait), ("drop", OnFull::Drop)])?);
                }
                "publish_time" => {
                    stated.publish_time = Some(if value.is_truthy()? { PublishTime::On } else { PublishTime::Off });
                }
                "wait_for_ring" => {
                    let seconds = expect(&key, &value, "a number of seconds")?;
                    stated.wait_for_ring = patience::limit(Some(seconds))?;
                }
                _ => {
                    let text = format!("a channel has no setting {key:?}: expected one of {SETTINGS:?}");
                    return Err(PyTypeError::new_err(text));
                }
            }
        }
        Ok(stated)
    }

    /// Calls `with` with the channel of that name.
    pub(crate) fn with<R>(
        &self,
        name: &str,
        with: impl FnOnce(RawChannel<'_>) -> Result<R, ipc_core::Error>,
    ) -> Result<R, ipc_core::Error> {
        let reserve: Option<Vec<&str>> = self.reserve.as_ref().map(|names| names.iter().map(String::as_str).collect());
        let mut channel = RawChannel::untyped(name)
            .access(self.access.unwrap_or_default())
            .wait(self.wait.unwrap_or_default())
            .on_full(self.on_full.unwrap_or_default())
            .publish_time(self.publish_time.unwrap_or_default())
            // The binding zeroes what it does not write.
            .zero_regions(ZeroRegions::No);
        if let Some(reserve) = &reserve {
            channel = channel.reserve(reserve);
        }
        if let Some(capacity) = self.capacity {
            channel = channel.capacity(capacity);
        }
        if let Some(count) = self.dynamic_slots {
            channel = channel.dynamic_slots(count);
        }
        if let Some(fence) = self.fence {
            channel = channel.fence(fence);
        }
        if let Some(limit) = self.wait_for_ring {
            channel = channel.wait_for_ring(limit);
        }
        with(channel)
    }
}

/// The name of a ring, or its path.
pub(crate) struct RingName(String);

impl Deref for RingName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromPyObject<'_, '_> for RingName {
    type Error = PyErr;

    fn extract(name: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(name) = name.extract::<PathBuf>()
            && let Some(name) = name.to_str()
        {
            return Ok(Self(name.to_owned()));
        }
        let advice = if name.is_instance_of::<PyType>() { ": the class comes first, then the name" } else { "" };
        Err(PyTypeError::new_err(format!("expected the name of a ring, or its path, found {}{advice}", name.repr()?)))
    }
}

fn expect<'py, T: FromPyObjectOwned<'py>>(key: &str, value: &Bound<'py, PyAny>, what: &str) -> PyResult<T> {
    match value.extract() {
        Ok(value) => Ok(value),
        Err(_) => Err(PyTypeError::new_err(format!("expected {key} to be {what}, found {}", value.repr()?))),
    }
}

fn one_of<T: Copy>(key: &str, value: &Bound<'_, PyAny>, known: &[(&str, T)]) -> PyResult<T> {
    let text: String = expect(key, value, "a text")?;
    let found = known.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("expected {key} to be one of {names:?}, found {text:?}"))
    })
}

/// Makes the ring, or compares with the one that is there.
#[pyfunction]
#[pyo3(signature = (class_, name, /, **settings))]
pub(crate) fn create(
    py: Python<'_>,
    class_: &Bound<'_, PyAny>,
    name: RingName,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let layout = Layout::of_class(class_)?;
    Stated::of(settings)?
        .with(&name, |channel| py.detach(|| channel.create_of(&layout.raw)))
        .map_err(|error| errors::of(py, error))
}

/// Removes the ring. Ends that have it open learn so by `Replaced`; its frames are lost.
#[pyfunction]
pub(crate) fn remove(py: Python<'_>, name: RingName) -> PyResult<()> {
    py.detach(|| RawChannel::untyped(&name).remove()).map_err(|error| errors::of(py, error))
}

/// Frees a reserved slot whose consumer will not come back.
#[pyfunction]
pub(crate) fn detach(py: Python<'_>, name: RingName, reserved: &str) -> PyResult<()> {
    py.detach(|| RawChannel::untyped(&name).detach(reserved)).map_err(|error| errors::of(py, error))
}

/// The class of the ring that is there, after a wait for it.
#[pyfunction]
#[pyo3(signature = (name, /, **settings))]
pub(crate) fn class_of(py: Python<'_>, name: RingName, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Layout> {
    let stated = Stated::of(settings)?;
    let class = patience::open(py, &stated, |stated, limit| {
        stated.with(&name, |channel| channel.wait_for_ring(limit).class())
    })?;
    Layout::from_raw(py, class)
}
