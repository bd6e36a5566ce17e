//! Members of a frame as values of Python: numbers as such, arrays and bytes as arrays of numpy without a copy, text as a
//! copy, classes as [`View`]s, and the arrays that numpy does not have as [`Sequence`]s.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ipc_schema::model::Scalar;
use ipc_schema::wire;
use numpy::PyUntypedArray;
use parking_lot::Mutex;
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3::{IntoPyObjectExt, ffi};

use crate::arrays::{self, Access, HandedOut, Shape};
use crate::body::Body;
use crate::errors::{Refusal, exception};
use crate::locate::align;
use crate::plan::{ArrayElem, Content, Elem, MemberPlan, OWN_NAMES, Plan};
use crate::size::MAX_DIMS;
use crate::{scalars, write};

/// A frame that is being written in place, as its views see it.
#[derive(Default)]
pub(crate) struct Writing {
    /// Whether it was published or given up.
    over: AtomicBool,
    /// Arrays that were handed out, each with its member: nobody writes them after that.
    arrays: Mutex<Vec<(String, HandedOut)>>,
}

impl Writing {
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Notes an array of a member that is handed out.
    fn hand_out<'py>(&self, py: Python<'py>, member: String, array: HandedOut) -> Bound<'py, PyUntypedArray> {
        let handed = array.array(py);
        let mut arrays = self.arrays.lock();
        // A program may take the same array many times.
        let is_crowded = arrays.len() == arrays.capacity();
        let unused: Vec<_> = arrays.extract_if(.., |(_, array)| is_crowded && !array.is_in_use(py)).collect();
        arrays.push((member, array));
        drop(arrays);
        drop(unused);
        handed
    }

    /// Refuses to go on while somebody has a view of an array: numpy leaves it writable.
    pub(crate) fn check_views(&self, py: Python<'_>, class: &str) -> PyResult<()> {
        let arrays = self.arrays.lock();
        match arrays.iter().map(|(member, array)| (member, array.views(py))).find(|(_, views)| *views > 0) {
            Some((member, views)) => Err(in_use(py, class, member, views)),
            None => Ok(()),
        }
    }

    /// Ends it: what was handed out is read-only from now on. What has views stays known, for who asks for them later.
    pub(crate) fn end(&self, py: Python<'_>) {
        self.over.store(true, Ordering::Relaxed);
        let mut arrays = self.arrays.lock();
        arrays.iter().for_each(|(_, array)| array.freeze(py));
        let frozen: Vec<_> = arrays.extract_if(.., |(_, array)| array.views(py) == 0).collect();
        // Not under the lock: it may run any code.
        drop(arrays);
        drop(frozen);
    }

    fn check(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_over() { Err(released(py, "this frame was published or given up")) } else { Ok(()) }
    }
}

#[cold]
fn in_use(py: Python<'_>, class: &str, member: &str, views: isize) -> PyErr {
    let text = format!(
        "class {class}, member {member}: {views} of its views (slices, rows, reshaped arrays) are still there, and could write \
         what is published: let go of them first (`del view`), or fill the frame in a function of its own"
    );
    exception(py, "FrameInUse", text)
}

#[cold]
pub(crate) fn released(py: Python<'_>, what: &str) -> PyErr {
    exception(py, "Released", format!("{what}: it cannot be used any more"))
}

/// How a value that is taken from a body refers to the body's memory.
#[derive(Clone, Copy)]
pub(crate) struct Hold<'a> {
    /// Makes, or finds, what keeps the memory.
    pub(crate) keeper: &'a dyn Fn(Python<'_>) -> PyResult<Py<PyAny>>,
    /// If it is being written.
    pub(crate) writing: Option<&'a Arc<Writing>>,
    /// Where the body is, for errors; `None` for a whole frame.
    pub(crate) site: Option<&'a Site>,
}

/// A place in a frame, as errors name it.
#[derive(Clone)]
pub(crate) struct Site {
    class: String,
    path: String,
}

impl Hold<'_> {
    /// A member of a body.
    fn site(&self, body: &Body, member: &str) -> Site {
        match self.site {
            Some(site) => Site { class: site.class.clone(), path: format!("{}.{member}", site.path) },
            None => Site { class: body.plan.name.clone(), path: member.to_owned() },
        }
    }
}

impl Site {
    /// An element of it.
    fn element(&self, index: usize) -> Self {
        Self { class: self.class.clone(), path: format!("{}[{index}]", self.path) }
    }

    #[cold]
    fn raise(&self, py: Python<'_>, error: Refusal) -> PyErr {
        error.inside(&self.path).raise(py, &self.class)
    }
}

/// The value of a member; `None` for one that is absent.
#[inline]
pub(crate) fn get(py: Python<'_>, body: &Body, index: usize, hold: Hold<'_>) -> PyResult<Py<PyAny>> {
    let member = &body.plan.members[index];
    if let Content::Scalar(scalar) = member.content
        && member.is_present(body.bytes())
    {
        return scalars::read(py, scalar, &body.bytes()[body.range(&member.place)]);
    }
    get_other(py, body, member, hold)
}

fn get_other(py: Python<'_>, body: &Body, member: &MemberPlan, hold: Hold<'_>) -> PyResult<Py<PyAny>> {
    if !member.is_present(body.bytes()) {
        return Ok(py.None());
    }
    let raise = |error: Refusal| hold.site(body, &member.name).raise(py, error);
    let range = body.range(&member.place);
    let bytes = &body.bytes()[range.clone()];
    match &member.content {
        Content::Scalar(scalar) => scalars::read(py, *scalar, bytes),
        Content::Text => text(py, bytes).map_err(raise),
        Content::Bytes => bytes_array(py, body, &member.name, range, hold).map(|array| array.into_any().unbind()),
        Content::Class(plan) => {
            // What fixes the size of the frame stays as it was laid out.
            let writing = hold.writing.filter(|_| !member.is_dimension);
            let hold = Hold { writing, ..hold };
            View::of(py, bytes, plan, hold, hold.site(body, &member.name)).map_err(raise)?.into_py_any(py)
        }
        Content::Array { dtype, elem_size, dims, elem } => {
            let mut shape = [0; MAX_DIMS];
            dims.shape(body.bytes(), &mut shape).map_err(raise)?;
            let shape = &shape[..dims.sizes.len()];
            let count = shape.iter().fold(1, |count: u64, dim| count.saturating_mul(*dim));
            if count.saturating_mul((*elem_size).into()) != range.len() as u64 {
                return Err(raise(Refusal::new("a dimension was changed after the frame was checked")));
            }
            let is_bool = matches!(elem, ArrayElem::Scalar(Scalar::Bool));
            let odd = hold.writing.is_none() && is_bool && bytes.iter().any(|byte| *byte > 1);
            let array = array(py, body, &member.name, range.start, dtype, Shape::of(shape), hold)?;
            // Any byte but 0 reads as true, and numpy counts on 1.
            if odd { odd_bools(&array) } else { Ok(array.into_any().unbind()) }
        }
        Content::Sequence { elem, dims } => {
            let count = dims.count(body.bytes()).map_err(raise)?;
            let keeper = (hold.keeper)(py)?;
            // SAFETY: the keeper stands beside it.
            let region = unsafe { Region::new(bytes, elem, count) };
            let site = hold.site(body, &member.name);
            Sequence { region, site, keeper, writing: hold.writing.cloned() }.into_py_any(py)
        }
    }
}

fn array<'py>(
    py: Python<'py>,
    body: &Body,
    member: &str,
    offset: usize,
    dtype: &Py<numpy::PyArrayDescr>,
    shape: Shape,
    hold: Hold<'_>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let (start, keeper) = (body.address(offset), (hold.keeper)(py)?);
    let Some(writing) = hold.writing else {
        // SAFETY: the shape was checked against the member's bytes, which the keeper keeps; regions and places are aligned, and
        // bodies too.
        return unsafe { arrays::over(py, dtype, shape, start, Access::Read, keeper) };
    };
    // SAFETY: as above.
    let array = unsafe { HandedOut::new(py, dtype, shape, start, keeper) }?;
    Ok(writing.hand_out(py, hold.site(body, member).path, array))
}

/// Some bytes of a body as an array.
pub(crate) fn bytes_array<'py>(
    py: Python<'py>,
    body: &Body,
    member: &str,
    range: Range<usize>,
    hold: Hold<'_>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    assert!(range.end <= body.bytes().len());
    let dtype = scalars::dtype(py, Scalar::Uint8).unbind();
    array(py, body, member, range.start, &dtype, Shape::flat(range.len()), hold)
}

#[cold]
fn odd_bools(array: &Bound<'_, PyUntypedArray>) -> PyResult<Py<PyAny>> {
    let bytes = array.call_method1("view", ("uint8",))?;
    let truth = bytes.call_method1("__ne__", (0,))?;
    truth.call_method1("setflags", (false,))?;
    Ok(truth.unbind())
}

fn text(py: Python<'_>, bytes: &[u8]) -> Result<Py<PyAny>, Refusal> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(PyString::new(py, text).into_any().unbind()),
        Err(error) => {
            Err(Refusal::new(format!("expected UTF-8, found an invalid sequence at byte {}", error.valid_up_to())))
        }
    }
}

/// All members by name, as values that refer to nothing: arrays copied, classes as dicts, sequences as lists.
pub(crate) fn to_dict(py: Python<'_>, body: &Body, hold: Hold<'_>) -> PyResult<Py<PyDict>> {
    let dict = PyDict::new(py);
    for (index, member) in body.plan.members.iter().enumerate() {
        let value = get(py, body, index, hold)?.into_bound(py);
        dict.set_item(&member.attribute, owned(&member.content, value)?)?;
    }
    Ok(dict.unbind())
}

fn owned<'py>(content: &Content, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Content::Bytes = content
        && !value.is_none()
    {
        return value.call_method0("tobytes");
    }
    if value.is_instance_of::<PyUntypedArray>() {
        return value.call_method0("copy");
    }
    if let Ok(view) = value.cast::<View>() {
        return Ok(view.get().to_dict(py)?.into_bound(py).into_any());
    }
    if let Ok(sequence) = value.cast::<Sequence>() {
        let content = if let Elem::Bytes = sequence.get().region.elem { &Content::Bytes } else { &Content::Text };
        let list = PyList::empty(py);
        for item in sequence.try_iter()? {
            list.append(owned(content, item?)?)?;
        }
        return Ok(list.into_any());
    }
    Ok(value)
}

/// An attribute that is no member.
pub(crate) fn generic(object: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    // SAFETY: both are objects that live.
    let found = unsafe { ffi::PyObject_GenericGetAttr(object.as_ptr(), name.as_ptr()) };
    // SAFETY: a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(object.py(), found) }.map(Bound::unbind)
}

#[cold]
pub(crate) fn no_member(plan: &Plan, name: &Bound<'_, PyAny>) -> PyErr {
    PyAttributeError::new_err(unknown(plan, name))
}

/// The text about a name that no member has.
pub(crate) fn unknown(plan: &Plan, name: &Bound<'_, PyAny>) -> String {
    format!("class {} has no member {name:?}: expected one of {:?}", plan.name, plan.names())
}

/// The names of the attributes that a frame has.
pub(crate) fn names(py: Python<'_>, plan: &Plan) -> PyResult<Py<PyAny>> {
    let names = plan.attributes.bind(py).keys();
    OWN_NAMES.iter().try_for_each(|name| names.append(name))?;
    names.into_py_any(py)
}

/// The member of that name, for `frame["name"]`.
pub(crate) fn find(py: Python<'_>, plan: &Plan, name: &Bound<'_, PyAny>) -> PyResult<usize> {
    plan.find(py, name)?.ok_or_else(|| PyKeyError::new_err(unknown(plan, name)))
}

/// A class inside of a frame. Members are attributes, and items by their names.
#[pyclass(frozen, module = "ipc")]
pub(crate) struct View {
    body: Body,
    keeper: Py<PyAny>,
    writing: Option<Arc<Writing>>,
    site: Site,
}

impl View {
    fn of(py: Python<'_>, bytes: &[u8], plan: &Arc<Plan>, hold: Hold<'_>, site: Site) -> Result<Self, Refusal> {
        // SAFETY: its keeper stands beside it.
        let body = unsafe { Body::new(bytes, plan) }?;
        Ok(Self { body, keeper: (hold.keeper)(py)?, writing: hold.writing.cloned(), site })
    }

    fn with<R>(&self, py: Python<'_>, then: impl FnOnce(Hold<'_>) -> PyResult<R>) -> PyResult<R> {
        if let Some(writing) = &self.writing {
            writing.check(py)?;
        }
        then(Hold {
            keeper: &|py| Ok(self.keeper.clone_ref(py)),
            writing: self.writing.as_ref(),
            site: Some(&self.site),
        })
    }
}

#[pymethods]
impl View {
    fn __getattribute__(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        match this.body.plan.attribute(py, name)? {
            Some(index) => this.with(py, |hold| get(py, &this.body, index, hold)),
            None => generic(slf.as_any(), name),
        }
    }

    fn __getattr__(&self, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        Err(no_member(&self.body.plan, name))
    }

    fn __setattr__(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match self.body.plan.attribute(py, name)? {
            Some(index) => self.with(py, |hold| write::set(&self.body, index, value, hold.writing.is_some())),
            None => Err(no_member(&self.body.plan, name)),
        }
    }

    fn __getitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let index = find(py, &self.body.plan, name)?;
        self.with(py, |hold| get(py, &self.body, index, hold))
    }

    fn __setitem__(&self, py: Python<'_>, name: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let index = find(py, &self.body.plan, name)?;
        self.with(py, |hold| write::set(&self.body, index, value, hold.writing.is_some()))
    }

    /// All members by name, as values that refer to nothing.
    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        self.with(py, |hold| to_dict(py, &self.body, hold))
    }

    fn __dir__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        names(py, &self.body.plan)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.View of {}>", self.body.plan.name)
    }
}

/// The bytes of an array whose elements are no array of numpy.
struct Region {
    /// All of it, as a body without a class's regions.
    start: std::ptr::NonNull<u8>,
    len: usize,
    elem: Elem,
    count: u64,
}

// SAFETY: as for a `Body`.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// # Safety
    ///
    /// As for [`Body::new`].
    unsafe fn new(bytes: &[u8], elem: &Elem, count: u64) -> Self {
        Self { start: std::ptr::NonNull::from(bytes).cast(), len: bytes.len(), elem: elem.clone(), count }
    }

    /// The bytes of an element, which is checked again by itself: a producer may have changed the table since.
    fn element(&self, index: u64) -> Result<&[u8], Refusal> {
        // SAFETY: invariant 1.
        let region = unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) };
        let range = match &self.elem {
            Elem::Class(plan) if plan.fixed => {
                let size = plan.size as usize;
                let start = (index as usize).saturating_mul(size);
                start..start.saturating_add(size)
            }
            elem => wire::read_body(region, self.count, align(elem), index)?.range(),
        };
        region.get(range).ok_or_else(|| Refusal::new("a dimension was changed after the frame was checked"))
    }
}

/// An array of texts, bytes or classes; row-major, whatever its dimensions.
#[pyclass(frozen, sequence, module = "ipc")]
pub(crate) struct Sequence {
    region: Region,
    site: Site,
    keeper: Py<PyAny>,
    writing: Option<Arc<Writing>>,
}

#[pymethods]
impl Sequence {
    fn __len__(&self) -> usize {
        self.region.count as usize
    }

    fn __getitem__(&self, py: Python<'_>, index: isize) -> PyResult<Py<PyAny>> {
        if let Some(writing) = &self.writing {
            writing.check(py)?;
        }
        let count = self.region.count as isize;
        let index = if index < 0 { index + count } else { index };
        if !(0..count).contains(&index) {
            return Err(PyIndexError::new_err(format!("index {index} of {count} elements")));
        }
        let site = self.site.element(index as usize);
        let raise = |error: Refusal| site.raise(py, error);
        let bytes = self.region.element(index as u64).map_err(raise)?;
        let hold =
            Hold { keeper: &|py| Ok(self.keeper.clone_ref(py)), writing: self.writing.as_ref(), site: Some(&site) };
        match &self.region.elem {
            Elem::Text => text(py, bytes).map_err(raise),
            Elem::Class(plan) => View::of(py, bytes, plan, hold, site.clone()).map_err(raise)?.into_py_any(py),
            Elem::Bytes => {
                let dtype = scalars::dtype(py, Scalar::Uint8).unbind();
                let (shape, start) = (Shape::flat(bytes.len()), std::ptr::NonNull::from(bytes).cast());
                let keeper = self.keeper.clone_ref(py);
                let array = match &self.writing {
                    // SAFETY: the element's bytes, which the keeper keeps.
                    None => unsafe { arrays::over(py, &dtype, shape, start, Access::Read, keeper) }?,
                    Some(writing) => {
                        // SAFETY: as above.
                        let array = unsafe { HandedOut::new(py, &dtype, shape, start, keeper) }?;
                        writing.hand_out(py, site.path.clone(), array)
                    }
                };
                Ok(array.into_any().unbind())
            }
        }
    }

    fn __setitem__(&self, py: Python<'_>, index: isize, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let Some(writing) = &self.writing else { return Err(write::read_only()) };
        writing.check(py)?;
        let count = self.region.count as isize;
        let index = if index < 0 { index + count } else { index };
        if !(0..count).contains(&index) {
            return Err(PyIndexError::new_err(format!("index {index} of {count} elements")));
        }
        let site = self.site.element(index as usize);
        let raise = |error: Refusal| site.raise(py, error);
        let bytes = self.region.element(index as u64).map_err(raise)?;
        write::set_element(&self.region.elem, bytes, value).map_err(raise)
    }

    fn __repr__(&self) -> String {
        format!("<ipc.Sequence of {} elements>", self.region.count)
    }
}
