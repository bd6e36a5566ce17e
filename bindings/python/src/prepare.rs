//! [`Prepared`]: a frame of a variable class before it is written: its fixed part, where its regions will be, and what stands
//! in each.

use ipc_schema::value::Problem;
use ipc_schema::wire::{self, Bodies, Regions, Span, WireError};
use numpy::{PyArrayDescr, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString};

use crate::errors::Refusal;
use crate::locate::align;
use crate::plan::{ArrayElem, Content, Elem, MemberPlan, Place, Plan};
use crate::source::{Need, Source};
use crate::write::{self, Target};

/// A body whose size is known.
pub(crate) struct Prepared<'a, 'py> {
    fixed: Vec<u8>,
    regions: Vec<(&'a MemberPlan, Span, Part<'a, 'py>)>,
    pub(crate) len: u32,
}

/// What a region holds that is laid out to be written in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rooms {
    Zeroed,
    /// Whatever the ring held: the caller writes it all.
    AsTheyAre,
}

/// What will stand in a region.
enum Part<'a, 'py> {
    /// Zeros, to be written in place.
    Room,
    Text(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
    Array {
        dtype: &'a Py<PyArrayDescr>,
        elem_size: u32,
        elem: &'a ArrayElem,
        value: Bound<'py, PyAny>,
    },
    /// Fixed classes.
    Each(&'a Plan, Bound<'py, PyAny>),
    Body(Prepared<'a, 'py>),
    /// The table of ends, then variable elements.
    Elements {
        table: Vec<u8>,
        bodies: Vec<(Span, Part<'a, 'py>)>,
    },
}

impl<'a, 'py> Prepared<'a, 'py> {
    /// Lays a body out by the values that there are.
    pub(crate) fn of(py: Python<'py>, plan: &'a Plan, source: Source<'_, 'py>, need: Need) -> Result<Self, Refusal> {
        let mut fixed = vec![0; plan.size as usize];
        // SAFETY: a buffer of its own, which this function alone uses.
        let target = unsafe { Target::new(std::ptr::NonNull::from(&mut fixed[..]).cast(), plan.size as usize) };
        write::put_class(plan, target, py, source, need)?;
        let mut places = Regions::growing(plan.size);
        let mut regions = Vec::with_capacity(plan.regions);
        for member in &plan.members {
            let Place::Region { length_at, .. } = member.place else { continue };
            let value = source.get(py, member).map_err(|error| error.inside(&member.name))?;
            if let Some(dims) = member.dims()
                && (value.is_some() || member.presence.is_none())
            {
                dims.check_limits(target.bytes())?;
            }
            let place = || {
                let is_given = value.is_some();
                let (part, len_bytes) = part(py, member, value, target.bytes(), need)?;
                let span = places.next(len_bytes)?;
                if is_given {
                    write::set_present(target, member);
                }
                if let Some(at) = length_at {
                    target.part(at..at + 4).put(&span.len().to_le_bytes());
                }
                Ok((member, span, part))
            };
            regions.push(place().map_err(|error: Refusal| error.inside(&member.name))?);
        }
        Ok(Self { fixed, regions, len: places.end() })
    }

    /// Writes it, every byte.
    pub(crate) fn write(&self, target: Target, rooms: Rooms) -> Result<(), Refusal> {
        target.put(&self.fixed);
        let mut end = self.fixed.len();
        for (member, span, part) in &self.regions {
            target.part(end..span.start as usize).zero();
            part.write(target.part(span.range()), rooms).map_err(|error| error.inside(&member.name))?;
            end = span.end as usize;
        }
        Ok(())
    }
}

impl Part<'_, '_> {
    fn write(&self, target: Target, rooms: Rooms) -> Result<(), Refusal> {
        match self {
            Self::Room if rooms == Rooms::Zeroed => target.zero(),
            Self::Room => {}
            Self::Text(text) => target.put(text.to_str()?.as_bytes()),
            Self::Bytes(bytes) => target.put(bytes.as_bytes()),
            Self::Array { dtype, elem_size, elem, value } => write::put_array(target, dtype, *elem_size, elem, value)?,
            Self::Each(plan, value) => write::put_each(plan, target, value)?,
            Self::Body(body) => body.write(target, rooms)?,
            Self::Elements { table, bodies } => {
                target.put(table);
                let mut end = table.len();
                for (index, (span, part)) in bodies.iter().enumerate() {
                    target.part(end..span.start as usize).zero();
                    part.write(target.part(span.range()), rooms).map_err(|error| error.at(index))?;
                    end = span.end as usize;
                }
            }
        }
        Ok(())
    }
}

/// What will stand in the region of a member, and its length.
fn part<'a, 'py>(
    py: Python<'py>,
    member: &'a MemberPlan,
    value: Option<Bound<'py, PyAny>>,
    fixed: &[u8],
    need: Need,
) -> Result<(Part<'a, 'py>, u64), Refusal> {
    let Some(value) = value else {
        return match (member.presence, need) {
            (Some(_), _) => Ok((Part::Room, 0)),
            (None, Need::All) => Err(Problem::Missing.into()),
            (None, Need::Dimensions | Need::Nothing) => room(py, member, fixed),
        };
    };
    match &member.content {
        Content::Text => text(&value, need),
        Content::Bytes => bytes(&value, need),
        Content::Class(plan) => {
            let body = Prepared::of(py, plan, Source::of(&value, plan)?, need)?;
            let len = body.len.into();
            Ok((Part::Body(body), len))
        }
        // An optional array that is there, to be written in place.
        Content::Array { .. } if need == Need::Dimensions && value.is_exact_instance_of::<PyBool>() => {
            room(py, member, fixed)
        }
        Content::Array { dtype, elem_size, dims, elem } => {
            let (value, found) = match elem {
                ArrayElem::Class(_) if !value.is_instance_of::<PyUntypedArray>() => length_of(value)?,
                _ => {
                    let array = write::as_array(&value, dtype)?;
                    let len = array.len() as u64;
                    (array.into_any(), len)
                }
            };
            let count = dims.count(fixed)?;
            dims.check_count(count, found, fixed)?;
            dims.check_shape(&value, fixed)?;
            let len = wire::elements_len(count, *elem_size)?;
            Ok((Part::Array { dtype, elem_size: *elem_size, elem, value }, len))
        }
        Content::Sequence { elem: Elem::Class(plan), dims } if plan.fixed => {
            let (value, found) = length_of(value)?;
            let count = dims.count(fixed)?;
            dims.check_count(count, found, fixed)?;
            let len = wire::elements_len(count, plan.size)?;
            Ok((Part::Each(plan, value), len))
        }
        Content::Sequence { elem, dims } => {
            let (value, found) = length_of(value)?;
            let count = dims.count(fixed)?;
            dims.check_count(count, found, fixed)?;
            let items = value.try_iter()?;
            elements(elem, count, items.map(|item| item.map(Some)), |item| match item {
                Some(item) => element(py, elem, &item, need),
                None => unreachable!("every item is one"),
            })
        }
        Content::Scalar(_) => unreachable!("a scalar has no region"),
    }
}

/// Something that has elements, and how many.
fn length_of(value: Bound<'_, PyAny>) -> Result<(Bound<'_, PyAny>, u64), Refusal> {
    let len = value.len().map_err(|_| Refusal::kind("array", &value))?;
    Ok((value, len as u64))
}

/// A region that nothing is given for: as long as its dimensions say.
fn room<'a, 'py>(py: Python<'py>, member: &'a MemberPlan, fixed: &[u8]) -> Result<(Part<'a, 'py>, u64), Refusal> {
    match &member.content {
        Content::Class(plan) => {
            let body = Prepared::of(py, plan, Source::Nothing, Need::Dimensions)?;
            let len = body.len.into();
            Ok((Part::Body(body), len))
        }
        Content::Array { dims, elem_size, .. } => Ok((Part::Room, wire::elements_len(dims.count(fixed)?, *elem_size)?)),
        Content::Sequence { elem: Elem::Class(plan), dims } if plan.fixed => {
            Ok((Part::Room, wire::elements_len(dims.count(fixed)?, plan.size)?))
        }
        Content::Sequence { elem, dims } => {
            let count = dims.count(fixed)?;
            wire::elements_len(count, wire::LENGTH_BYTES)?;
            elements(elem, count, (0..count).map(|_| Ok(None)), |_| match elem {
                Elem::Class(plan) => {
                    let body = Prepared::of(py, plan, Source::Nothing, Need::Dimensions)?;
                    let len = body.len.into();
                    Ok((Part::Body(body), len))
                }
                Elem::Text | Elem::Bytes => Ok((Part::Room, 0)),
            })
        }
        Content::Scalar(_) | Content::Text | Content::Bytes => Ok((Part::Room, 0)),
    }
}

/// Lays variable elements out behind the table of their ends.
fn elements<'a, 'py>(
    elem: &Elem,
    count: u64,
    items: impl Iterator<Item = PyResult<Option<Bound<'py, PyAny>>>>,
    part: impl Fn(Option<Bound<'py, PyAny>>) -> Result<(Part<'a, 'py>, u64), Refusal>,
) -> Result<(Part<'a, 'py>, u64), Refusal> {
    let mut places = Bodies::new(count, align(elem))?;
    let (mut table, mut bodies) = (Vec::new(), Vec::new());
    for (index, item) in items.enumerate() {
        let placed = item.map_err(Refusal::from).and_then(&part).and_then(|(part, len)| Ok((places.next(len)?, part)));
        bodies.push(placed.map_err(|error| error.at(index))?);
        table.extend(places.table_entry().to_le_bytes());
    }
    // An iterator that gave fewer than it has said would leave a table of another length.
    write::check_count(count, bodies.len() as u64)?;
    Ok((Part::Elements { table, bodies }, places.region_len()))
}

fn element<'a, 'py>(
    py: Python<'py>,
    elem: &'a Elem,
    value: &Bound<'py, PyAny>,
    need: Need,
) -> Result<(Part<'a, 'py>, u64), Refusal> {
    match elem {
        Elem::Text => text(value, need),
        Elem::Bytes => bytes(value, need),
        Elem::Class(plan) => {
            let body = Prepared::of(py, plan, Source::of(value, plan)?, need)?;
            let len = body.len.into();
            Ok((Part::Body(body), len))
        }
    }
}

fn text<'a, 'py>(value: &Bound<'py, PyAny>, need: Need) -> Result<(Part<'a, 'py>, u64), Refusal> {
    if let Some(len) = length(value, need)? {
        return Ok((Part::Room, len));
    }
    let text = value.cast::<PyString>().map_err(|_| Refusal::kind("string", value))?;
    let len = text.to_str()?.len();
    Ok((Part::Text(text.clone()), len as u64))
}

fn bytes<'a, 'py>(value: &Bound<'py, PyAny>, need: Need) -> Result<(Part<'a, 'py>, u64), Refusal> {
    if let Some(len) = length(value, need)? {
        return Ok((Part::Room, len));
    }
    let bytes = write::bytes_of(value)?;
    let len = bytes.as_bytes().len();
    Ok((Part::Bytes(bytes), len as u64))
}

/// A number in place of a text or bytes that are to be written in place: their length.
fn length(value: &Bound<'_, PyAny>, need: Need) -> Result<Option<u64>, Refusal> {
    if need == Need::All || !value.is_instance_of::<PyInt>() {
        return Ok(None);
    }
    let len = value.extract::<u64>()?;
    if len < wire::FRAME_LIMIT_BYTES { Ok(Some(len)) } else { Err(WireError::TooLong.into()) }
}
