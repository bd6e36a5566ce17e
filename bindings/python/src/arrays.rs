//! Arrays of numpy over the memory of frames.

use std::ptr::{self, NonNull};

use numpy::npyffi::{
    NPY_ARRAY_CARRAY, NPY_ARRAY_CARRAY_RO, NPY_ARRAY_WRITEABLE, NpyTypes, PY_ARRAY_API, PyArrayObject, get_type_object,
    npy_intp,
};
use numpy::{PyArrayDescr, PyUntypedArray};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::size::MAX_DIMS;

/// Whether Python may write an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The shape of an array.
#[derive(Clone)]
pub(crate) struct Shape {
    dims: [npy_intp; MAX_DIMS],
    count: usize,
}

impl Shape {
    pub(crate) fn flat(len: usize) -> Self {
        let mut shape = Self { dims: [0; MAX_DIMS], count: 1 };
        shape.dims[0] = len as npy_intp;
        shape
    }

    /// Dimensions whose product was checked against bytes that are there.
    pub(crate) fn of(dims: &[u64]) -> Self {
        let mut shape = Self { dims: [0; MAX_DIMS], count: 0 };
        for dim in dims {
            shape.dims[shape.count] = *dim as npy_intp;
            shape.count += 1;
        }
        shape
    }
}

/// An array over memory that `keeper` keeps.
///
/// # Safety
///
/// The memory holds that many elements, aligned for them, as long as `keeper` lives (invariant 1), and may be written if
/// `access` says so.
pub(crate) unsafe fn over<'py>(
    py: Python<'py>,
    dtype: &Py<PyArrayDescr>,
    mut shape: Shape,
    start: NonNull<u8>,
    access: Access,
    keeper: Py<PyAny>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let flags = if access == Access::Write { NPY_ARRAY_CARRAY } else { NPY_ARRAY_CARRAY_RO };
    // SAFETY: numpy's type of arrays, for which the interpreter's lock is held.
    let subtype = unsafe { get_type_object(py, NpyTypes::PyArray_Type) };
    // SAFETY: `dims` has `count` entries, the strides are numpy's to calculate, the memory is as the caller promises; the
    // reference to the type of elements is given away.
    let array = unsafe {
        PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            subtype,
            dtype.clone_ref(py).into_ptr().cast(),
            shape.count as i32,
            shape.dims.as_mut_ptr(),
            ptr::null_mut(),
            start.as_ptr().cast(),
            flags,
            ptr::null_mut(),
        )
    };
    // SAFETY: a new reference, or null with an exception set.
    let array = unsafe { Bound::from_owned_ptr_or_err(py, array) }?;
    // SAFETY: the array is new and has no base; the reference to the keeper is given away.
    let outcome = unsafe { PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), keeper.into_ptr()) };
    if outcome != 0 {
        return Err(PyErr::fetch(py));
    }
    // SAFETY: it is an array.
    Ok(unsafe { array.cast_into_unchecked() })
}

/// An array of a frame that is written in place. It is a view of one that nobody has, over the same memory: numpy gives every
/// view of it that one for a base, whose references so tell how many views there are.
pub(crate) struct HandedOut {
    array: Py<PyUntypedArray>,
    base: Py<PyUntypedArray>,
}

impl HandedOut {
    /// An array of the frame's memory.
    ///
    /// # Safety
    ///
    /// As for [`over`].
    pub(crate) unsafe fn new(
        py: Python<'_>,
        dtype: &Py<PyArrayDescr>,
        shape: Shape,
        start: NonNull<u8>,
        keeper: Py<PyAny>,
    ) -> PyResult<Self> {
        // SAFETY: as the caller promises.
        let base = unsafe { over(py, dtype, shape.clone(), start, Access::Write, keeper) }?.unbind();
        // SAFETY: as above; the base keeps the keeper.
        let array = unsafe { over(py, dtype, shape, start, Access::Write, base.clone_ref(py).into_any()) }?.unbind();
        Ok(Self { array, base })
    }

    pub(crate) fn array<'py>(&self, py: Python<'py>) -> Bound<'py, PyUntypedArray> {
        self.array.bind(py).clone()
    }

    /// How many views of it somebody has: they are writable as long as they live, whatever becomes of the array.
    pub(crate) fn views(&self, py: Python<'_>) -> isize {
        // One reference is this, the other the array's.
        references(self.base.bind(py)) - 2
    }

    /// Whether somebody has it, or a view of it.
    pub(crate) fn is_in_use(&self, py: Python<'_>) -> bool {
        references(self.array.bind(py)) > 1 || self.views(py) > 0
    }

    /// Makes it read-only from now on.
    pub(crate) fn freeze(&self, py: Python<'_>) {
        freeze(self.array.bind(py));
    }
}

fn references(array: &Bound<'_, PyUntypedArray>) -> isize {
    // SAFETY: an array that lives, under the interpreter's lock.
    unsafe { ffi::Py_REFCNT(array.as_ptr()) }
}

fn freeze(array: &Bound<'_, PyUntypedArray>) {
    let object: *mut PyArrayObject = array.as_ptr().cast();
    // SAFETY: an array that lives, under the interpreter's lock.
    unsafe { (*object).fields.flags &= !NPY_ARRAY_WRITEABLE };
}

/// Whether a value is an element of an array of structs.
pub(crate) fn is_record(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: numpy's type of such elements, for which the interpreter's lock is held.
    let kind = unsafe { get_type_object(value.py(), NpyTypes::PyVoidArrType_Type) };
    // SAFETY: an object and a type that live.
    unsafe { ffi::PyObject_TypeCheck(value.as_ptr(), kind) != 0 }
}
