//! What a new value of a class holds.

use std::ptr::NonNull;

use ipc_schema::model::{ClassId, Member, Number, Scalar, Schema, Type, Value};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::plan::{ArrayElem, Content, Elem, MemberPlan, Plan};
use crate::size::{Dims, MAX_DIMS};
use crate::source::{Need, Source};
use crate::write::{self, Target};

/// The members of a new value by name.
pub(crate) fn of_class<'py>(
    py: Python<'py>,
    schema: &Schema,
    id: ClassId,
    plan: &Plan,
) -> PyResult<Bound<'py, PyDict>> {
    let values = PyDict::new(py);
    for (member, of) in schema[id].members.iter().zip(&plan.members) {
        let value = of_member(py, schema, member, (plan, of), &values)?;
        values.set_item(&of.attribute, value)?;
    }
    Ok(values)
}

fn of_member<'py>(
    py: Python<'py>,
    schema: &Schema,
    member: &Member,
    (class, plan): (&Plan, &MemberPlan),
    before: &Bound<'py, PyDict>,
) -> PyResult<Py<PyAny>> {
    if let Some(value) = &member.default {
        if member.dims.is_empty() {
            return given(py, schema, value, member.ty);
        }
        let list = PyList::empty(py);
        append(&list, schema, value, member, member.dims.len())?;
        // Row-major: an array of numpy takes it as it is, too.
        return list.into_py_any(py);
    }
    if member.presence_bit.is_some() {
        return Ok(py.None());
    }
    match (&plan.content, member.ty) {
        (Content::Scalar(Scalar::Bool), _) => false.into_py_any(py),
        (Content::Scalar(Scalar::Float32 | Scalar::Float64), _) => 0.0.into_py_any(py),
        (Content::Scalar(_), _) => 0.into_py_any(py),
        (Content::Text, _) => "".into_py_any(py),
        (Content::Bytes, _) => PyBytes::new(py, b"").into_py_any(py),
        (Content::Class(plan), Type::Class(id)) => of_class(py, schema, id, plan)?.into_py_any(py),
        (Content::Array { dtype, dims, elem, .. }, _) => {
            let shape = shape(py, class, dims, before);
            let array = py.import("numpy")?.getattr("zeros")?.call1((shape, dtype))?;
            if let (ArrayElem::Class(plan), Type::Class(id)) = (elem, member.ty) {
                let mut record = vec![0; plan.size as usize];
                // SAFETY: a buffer of its own, which this function alone uses.
                let target = unsafe { Target::new(NonNull::from(&mut record[..]).cast(), record.len()) };
                let new = of_class(py, schema, id, plan)?;
                write::put_class(plan, target, py, Source::Dict(&new), Need::All)
                    .map_err(|error| error.raise(py, &plan.name))?;
                let record = py.import("numpy")?.getattr("frombuffer")?.call1((PyBytes::new(py, &record), dtype))?;
                array.call_method1("__setitem__", (py.Ellipsis(), record.get_item(0)?))?;
            }
            Ok(array.unbind())
        }
        (Content::Sequence { elem, dims }, ty) => {
            let list = PyList::empty(py);
            for _ in 0..shape(py, class, dims, before).iter().product() {
                list.append(match (elem, ty) {
                    (Elem::Class(plan), Type::Class(id)) => of_class(py, schema, id, plan)?.into_any(),
                    (Elem::Bytes, _) => PyBytes::new(py, b"").into_any(),
                    _ => PyString::new(py, "").into_any(),
                })?;
            }
            list.into_py_any(py)
        }
        (Content::Class(_), _) => unreachable!("the plan follows the model"),
    }
}

/// The elements of an array's default, one after the other.
fn append(list: &Bound<'_, PyList>, schema: &Schema, value: &Value, member: &Member, depth: usize) -> PyResult<()> {
    match value {
        Value::List(items) if depth > 0 => {
            items.iter().try_for_each(|item| append(list, schema, item, member, depth - 1))
        }
        value => list.append(given(list.py(), schema, value, member.ty)?),
    }
}

/// The dimensions of an array by the values before it; nothing is in one that they give no size.
fn shape<'py>(py: Python<'py>, class: &Plan, dims: &Dims, before: &Bound<'py, PyDict>) -> Vec<u64> {
    let mut fixed = vec![0; class.size as usize];
    // SAFETY: a buffer of its own, which this function alone uses.
    let target = unsafe { Target::new(NonNull::from(&mut fixed[..]).cast(), class.size as usize) };
    let mut shape = [0; MAX_DIMS];
    let is_known = write::put_class(class, target, py, Source::Dict(before), Need::Nothing)
        .and_then(|()| dims.check_limits(target.bytes()))
        .and_then(|()| dims.shape(target.bytes(), &mut shape));
    if is_known.is_err() {
        shape.fill(0);
    }
    shape[..dims.sizes.len()].to_vec()
}

/// A default of the description.
fn given(py: Python<'_>, schema: &Schema, value: &Value, ty: Type) -> PyResult<Py<PyAny>> {
    match (value, ty) {
        (Value::Bool(value), _) => value.into_py_any(py),
        (Value::Number(Number::Int(value)), _) => value.into_py_any(py),
        (Value::Number(Number::Float(value)), _) => value.into_py_any(py),
        (Value::Text(name), Type::Enum(id)) => {
            let named = schema[id].values.iter().find(|(known, _)| known == name);
            named.map(|(_, value)| *value).into_py_any(py)
        }
        (Value::Text(text), Type::Scalar(_)) => text.bytes().next().into_py_any(py),
        (Value::Text(text), _) => text.into_py_any(py),
        (Value::List(items), Type::Bytes) => {
            let byte = |item: &Value| if let Value::Number(Number::Int(byte)) = item { *byte as u8 } else { 0 };
            PyBytes::new(py, &items.iter().map(byte).collect::<Vec<_>>()).into_py_any(py)
        }
        (Value::List(_), _) => unreachable!("the elements of an array are given one by one"),
    }
}
