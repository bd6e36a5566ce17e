//! Values of Python into the memory of a frame.

use std::ops::Range;
use std::ptr::{self, NonNull};

use ipc_schema::value::Problem;
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};

use crate::arrays::{self, Access, Shape};
use crate::body::Body;
use crate::errors::Refusal;
use crate::plan::{ArrayElem, Content, Elem, MemberPlan, Place, Plan};
use crate::scalars;
use crate::source::{Need, Source};

/// Copies of at least so many bytes go past the caches: another core reads them next.
const STREAMED_BYTES: usize = 32 << 10;

/// Memory to write.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    start: NonNull<u8>,
    len: usize,
}

impl Target {
    /// # Safety
    ///
    /// The bytes may be written as long as the target and those made from it are used (invariants 1 and 3).
    pub(crate) unsafe fn new(start: NonNull<u8>, len: usize) -> Self {
        Self { start, len }
    }

    /// A part of it.
    pub(crate) fn part(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.len, "{range:?} of {} bytes", self.len);
        // SAFETY: inside, by the check above.
        Self { start: unsafe { self.start.add(range.start) }, len: range.len() }
    }

    /// Writes its first bytes.
    #[inline]
    pub(crate) fn put(self, bytes: &[u8]) {
        assert!(bytes.len() <= self.len, "{} bytes into {}", bytes.len(), self.len);
        // SAFETY: new() has promised the target, and the source is a reference; they overlap where a frame is assigned to
        // itself.
        unsafe { ptr::copy(bytes.as_ptr(), self.start.as_ptr(), bytes.len()) };
    }

    /// Writes all of it from memory of Python's.
    fn put_all_from(self, from: *const u8) {
        let to = self.start.as_ptr();
        if self.len < STREAMED_BYTES || (from as usize).abs_diff(to as usize) < self.len {
            // SAFETY: as in put(); the caller has compared the lengths.
            return unsafe { ptr::copy(from, to, self.len) };
        }
        // SAFETY: new() has promised these bytes, which do not overlap the source.
        let to = unsafe { std::slice::from_raw_parts_mut(to, self.len) };
        // SAFETY: an array of as many bytes, which nobody writes while the interpreter's lock is held.
        ipc_core::copy_streaming(to, unsafe { std::slice::from_raw_parts(from, to.len()) });
    }

    pub(crate) fn zero(self) {
        // SAFETY: new() has promised these bytes.
        unsafe { ptr::write_bytes(self.start.as_ptr(), 0, self.len) };
    }

    /// All of it. Not to be kept over a call that may run Python code.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: new() has promised these bytes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

/// The error of who writes what can only be read.
#[cold]
pub(crate) fn read_only() -> PyErr {
    PyAttributeError::new_err("a received frame is read-only: copy what you want to change")
}

/// Assigns to a member of a frame that is being written.
pub(crate) fn set(body: &Body, index: usize, value: &Bound<'_, PyAny>, is_writing: bool) -> PyResult<()> {
    if !is_writing {
        return Err(read_only());
    }
    let member = &body.plan.members[index];
    if member.is_dimension {
        return Err(PyAttributeError::new_err(format!(
            "{} fixes the size of this frame: give it when the frame is laid out, loan({0}=…)",
            member.name
        )));
    }
    let range = body.range(&member.place);
    // SAFETY: a frame that is being written, inside of its body, whose keeper the caller holds.
    let whole = unsafe { Target::new(body.address(0), body.bytes().len()) };
    let target = whole.part(range);
    let outcome = match (&member.place, value.is_none(), member.presence) {
        (Place::Fixed(_), true, Some((byte, mask))) => {
            target.zero();
            whole.part(byte..byte + 1).put(&[body.bytes()[byte] & !mask]);
            Ok(())
        }
        (Place::Fixed(_), false, _) => {
            put_fixed(&member.content, target, value, Need::All).map(|()| set_present(whole, member))
        }
        (Place::Region { .. }, false, _) if member.is_present(body.bytes()) => match &member.content {
            Content::Text => put_text(target, value),
            Content::Bytes => put_bytes(target, value),
            Content::Array { dtype, elem_size, elem, dims } => {
                let shaped = dims.check_shape(value, body.bytes());
                shaped.and_then(|()| put_array(target, dtype, *elem_size, elem, value))
            }
            Content::Scalar(_) | Content::Class(_) | Content::Sequence { .. } => {
                Err(Refusal::new("assign to what is in it: its sizes stay as they were laid out"))
            }
        },
        (Place::Region { .. }, false, _) => {
            Err(Refusal::new("it is absent: give it, or its size, when the frame is laid out"))
        }
        (Place::Region { .. }, true, Some(_)) if !member.is_present(body.bytes()) => Ok(()),
        (_, true, _) => Err(Problem::Missing.into()),
    };
    outcome.map_err(|error| error.inside(&member.name).raise(value.py(), &body.plan.name))
}

/// Assigns to an element of a [`Sequence`](crate::view::Sequence), whose bytes these are.
pub(crate) fn set_element(elem: &Elem, bytes: &[u8], value: &Bound<'_, PyAny>) -> Result<(), Refusal> {
    // SAFETY: an element of a frame that is being written, whose keeper the caller holds.
    let target = unsafe { Target::new(NonNull::from(bytes).cast(), bytes.len()) };
    match elem {
        Elem::Text => put_text(target, value),
        Elem::Bytes => put_bytes(target, value),
        Elem::Class(plan) if plan.fixed => put_class(plan, target, value.py(), Source::of(value, plan)?, Need::All),
        Elem::Class(_) => Err(Refusal::new("assign to its members: its sizes stay as they were laid out")),
    }
}

/// Writes a value of a constant size.
pub(crate) fn put_fixed(
    content: &Content,
    target: Target,
    value: &Bound<'_, PyAny>,
    need: Need,
) -> Result<(), Refusal> {
    match content {
        Content::Scalar(scalar) => {
            target.put(&scalars::bytes_of(*scalar, value)?[..scalar.size() as usize]);
            Ok(())
        }
        Content::Class(plan) => put_class(plan, target, value.py(), Source::of(value, plan)?, need),
        Content::Array { dtype, elem_size, elem, dims } => {
            // Its dimensions are constants.
            dims.check_shape(value, &[])?;
            put_array(target, dtype, *elem_size, elem, value)
        }
        Content::Sequence { elem: Elem::Class(plan), .. } => put_each(plan, target, value),
        Content::Text | Content::Bytes | Content::Sequence { .. } => unreachable!("they have regions"),
    }
}

/// Writes the fixed part of a class: zeros where no member has a value.
pub(crate) fn put_class<'py>(
    plan: &Plan,
    target: Target,
    py: Python<'py>,
    source: Source<'_, 'py>,
    need: Need,
) -> Result<(), Refusal> {
    plan.gaps.iter().for_each(|gap| target.part(gap.clone()).zero());
    for member in &plan.members {
        let Place::Fixed(place) = &member.place else { continue };
        let place = target.part(place.clone());
        let outcome = source.get(py, member).and_then(|value| match value {
            Some(value) => put_fixed(&member.content, place, &value, need).map(|()| true),
            None if member.presence.is_none() && is_needed(member, need) => Err(Problem::Missing.into()),
            None => {
                place.zero();
                Ok(false)
            }
        });
        if outcome.map_err(|error| error.inside(&member.name))? {
            set_present(target, member);
        }
    }
    Ok(())
}

fn is_needed(member: &MemberPlan, need: Need) -> bool {
    need == Need::All || need == Need::Dimensions && member.is_dimension
}

/// Notes that an optional member is there.
pub(crate) fn set_present(body: Target, member: &MemberPlan) {
    if let Some((byte, mask)) = member.presence {
        body.part(byte..byte + 1).put(&[body.bytes()[byte] | mask]);
    }
}

/// Writes an array, whose number of elements follows from its bytes.
pub(crate) fn put_array(
    target: Target,
    dtype: &Py<PyArrayDescr>,
    elem_size: u32,
    elem: &ArrayElem,
    value: &Bound<'_, PyAny>,
) -> Result<(), Refusal> {
    let (py, dtype_here) = (value.py(), dtype.bind(value.py()));
    let count = target.len / elem_size as usize;
    if let ArrayElem::Class(plan) = elem
        && !value.is_instance_of::<PyUntypedArray>()
    {
        return put_each(plan, target, value);
    }
    let array = as_array(value, dtype)?;
    check_count(count as u64, array.len() as u64)?;
    if array.is_c_contiguous() && array.dtype().is_equiv_to(dtype_here) {
        // SAFETY: an array that lives; contiguous, so it has the bytes of all its elements there.
        let data = unsafe { (*array.as_array_ptr()).fields.data };
        target.put_all_from(data.cast_const().cast());
        return Ok(());
    }
    let flat = array.call_method1("reshape", (-1,))?;
    // SAFETY: the target's bytes; the array is gone before anything else happens to them.
    let to = unsafe { arrays::over(py, dtype, Shape::flat(count), target.start, Access::Write, py.None()) }?;
    // Not a conversion that loses what the numbers are, such as from floats to integers.
    let copied = numpy_function(py, &COPY_TO, "copyto")?.call1((to, flat, "same_kind"));
    copied.map(drop).map_err(|error| {
        let (expected, found) = (dtype_here, array.dtype());
        Refusal::caused(error, format!("expected an array of {expected}, found one of {found}: convert it, by astype"))
    })
}

/// An array as it is, or one of the elements of something else.
pub(crate) fn as_array<'py>(
    value: &Bound<'py, PyAny>,
    dtype: &Py<PyArrayDescr>,
) -> Result<Bound<'py, PyUntypedArray>, Refusal> {
    if let Ok(array) = value.cast::<PyUntypedArray>() {
        return Ok(array.clone());
    }
    let py = value.py();
    let as_array = numpy_function(py, &AS_ARRAY, "asarray")?;
    let stated: Bound<'_, PyUntypedArray> = as_array.call1((value, dtype))?.cast_into().map_err(PyErr::from)?;
    if b"biu".contains(&dtype.bind(py).kind()) {
        // With its type stated, numpy has cut floats off: those that are no integers are refused, as an array of them is.
        let found: Bound<'_, PyUntypedArray> = as_array.call1((value,))?.cast_into().map_err(PyErr::from)?;
        if b"fc".contains(&found.dtype().kind())
            && !stated.call_method1("__eq__", (&found,))?.call_method0("all")?.is_truthy()?
        {
            return Ok(found);
        }
    }
    Ok(stated)
}

static AS_ARRAY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static COPY_TO: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

fn numpy_function<'py>(
    py: Python<'py>,
    function: &'static PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let found = function.get_or_try_init(py, || PyModule::import(py, "numpy")?.getattr(name).map(Bound::unbind));
    Ok(found?.bind(py).clone())
}

/// Writes fixed classes one after the other.
pub(crate) fn put_each(plan: &Plan, target: Target, value: &Bound<'_, PyAny>) -> Result<(), Refusal> {
    let size = plan.size as usize;
    let count = target.len / size;
    check_count(count as u64, value.len().map_err(|_| Refusal::kind("array", value))? as u64)?;
    for (index, item) in value.try_iter()?.take(count).enumerate() {
        let target = target.part(index * size..(index + 1) * size);
        let outcome = item
            .map_err(Refusal::from)
            .and_then(|item| put_class(plan, target, value.py(), Source::of(&item, plan)?, Need::All));
        outcome.map_err(|error| error.at(index))?;
    }
    Ok(())
}

pub(crate) fn check_count(expected: u64, found: u64) -> Result<(), Refusal> {
    if expected == found { Ok(()) } else { Err(Refusal::new(format!("expected {expected} elements, found {found}"))) }
}

/// Writes a text of exactly the target's bytes.
pub(crate) fn put_text(target: Target, value: &Bound<'_, PyAny>) -> Result<(), Refusal> {
    let text = value.cast::<PyString>().map_err(|_| Refusal::kind("string", value))?;
    put_exactly(target, text.to_str()?.as_bytes())
}

/// Writes bytes of exactly the target's length.
pub(crate) fn put_bytes(target: Target, value: &Bound<'_, PyAny>) -> Result<(), Refusal> {
    put_exactly(target, bytes_of(value)?.as_bytes())
}

fn put_exactly(target: Target, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() != target.len {
        return Err(Refusal::new(format!("expected {} bytes, as it was laid out, found {}", target.len, bytes.len())));
    }
    target.put(bytes);
    Ok(())
}

/// The bytes of a bytes object, or a copy of those of a bytearray, a memoryview or an array.
pub(crate) fn bytes_of<'py>(value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyBytes>, Refusal> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let view = value.py().import("builtins")?.getattr("memoryview")?.call1((value,));
    let bytes = view.and_then(|view| view.call_method0("tobytes")).map_err(|_| Refusal::kind("bytes", value))?;
    Ok(bytes.cast_into().map_err(PyErr::from)?)
}
