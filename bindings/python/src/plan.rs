//! [`Plan`]: a class as its frames are read and written here, with names, types of arrays and sizes looked up once.

use std::ops::Range;
use std::sync::Arc;

use ipc_schema::export;
use ipc_schema::model::{Class, ClassId, Member, Number, PlaceKind, Scalar, Schema, Type};
use ipc_schema::wire::Shape;
use numpy::PyArrayDescr;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::scalars;
use crate::size::{Dims, MAX_DIMS, Size};

/// A class, ready to read and write.
pub(crate) struct Plan {
    pub(crate) name: String,
    /// Size of the fixed part.
    pub(crate) size: u32,
    /// Whether the fixed part is the whole frame.
    pub(crate) fixed: bool,
    pub(crate) members: Vec<MemberPlan>,
    /// Number of members that have a region.
    pub(crate) regions: usize,
    /// Bytes of the fixed part that no member writes: padding and presence.
    pub(crate) gaps: Vec<Range<usize>>,
    /// Whether a value can lie outside of a `min` or `max` somewhere in a frame.
    pub(crate) bounded: bool,
    /// Whether something in it is an array of numpy whose bytes may need to be tidied.
    pub(crate) untidy: bool,
    /// A fixed class as elements of an array, unless something in it is optional.
    dtype: Option<Py<PyArrayDescr>>,
    /// Index of each member by its name, in both spellings.
    pub(crate) index: Py<PyDict>,
    /// The same of the members that are attributes: all but those that have the name of another attribute.
    pub(crate) attributes: Py<PyDict>,
}

/// Attributes that frames have besides their members. A member of such a name is reached by `frame["name"]` alone.
pub(crate) const OWN_NAMES: [&str; 8] =
    ["sequence", "publish_time_ns", "raw", "release", "validate", "to_dict", "publish", "abandon"];

/// A member of it.
pub(crate) struct MemberPlan {
    pub(crate) name: String,
    pub(crate) key: Py<PyString>,
    /// As Python spells it, in exported classes too.
    pub(crate) attribute: Py<PyString>,
    pub(crate) content: Content,
    pub(crate) place: Place,
    /// Byte of the body and mask in it that say whether an optional member is there.
    pub(crate) presence: Option<(usize, u8)>,
    /// Whether a size names it, so that it stays as it was laid out.
    pub(crate) is_dimension: bool,
    /// Of the value, or of each element.
    pub(crate) min: Option<Number>,
    pub(crate) max: Option<Number>,
}

/// Where a member is.
pub(crate) enum Place {
    /// In the fixed part.
    Fixed(Range<usize>),
    /// In a region of its own: which, and where its hidden length is.
    Region { index: usize, length_at: Option<usize> },
}

/// What a member is.
pub(crate) enum Content {
    /// A number, bool, char or enum.
    Scalar(Scalar),
    Text,
    Bytes,
    Class(Arc<Plan>),
    /// An array that is one of numpy.
    Array {
        dtype: Py<PyArrayDescr>,
        elem_size: u32,
        dims: Dims,
        elem: ArrayElem,
    },
    /// Any other array.
    Sequence {
        elem: Elem,
        dims: Dims,
    },
}

/// An element of an array that numpy has.
pub(crate) enum ArrayElem {
    Scalar(Scalar),
    /// A fixed class, without anything optional.
    Class(Arc<Plan>),
}

/// An element of an array that numpy does not have.
#[derive(Clone)]
pub(crate) enum Elem {
    Text,
    Bytes,
    Class(Arc<Plan>),
}

impl Plan {
    /// The class of that id and all that it uses.
    pub(crate) fn of(py: Python<'_>, schema: &Schema, id: ClassId) -> PyResult<Arc<Self>> {
        let mut plans: Vec<Arc<Self>> = Vec::new();
        // Classes stand after those that they use.
        for class in &schema.classes[..=id.0] {
            plans.push(Arc::new(Self::of_class(py, schema, class, &plans)?));
        }
        Ok(plans.pop().expect("at least the class itself"))
    }

    fn of_class(py: Python<'_>, schema: &Schema, class: &Class, plans: &[Arc<Self>]) -> PyResult<Self> {
        let layout = class.layout;
        let presence = layout.presence.map_or(0, |(offset, _)| offset as usize);
        let python = export::language("python").expect("it is exported");
        let (index, attributes) = (PyDict::new(py), PyDict::new(py));
        let (mut members, mut regions) = (Vec::new(), 0);
        for (number, member) in class.members.iter().enumerate() {
            let spelled = python.member_name(&member.name);
            let (key, attribute) = (PyString::intern(py, &member.name), PyString::intern(py, &spelled));
            index.set_item(&attribute, number)?;
            index.set_item(&key, number)?;
            if !OWN_NAMES.contains(&spelled.as_str()) {
                attributes.set_item(&attribute, number)?;
            }
            let meaning = if member.dims.is_empty() { &member.meaning } else { &member.elem_meaning };
            members.push(MemberPlan {
                name: member.name.clone(),
                key: key.unbind(),
                attribute: attribute.unbind(),
                content: content(py, schema, class, member, plans)?,
                place: match member.place {
                    Some(place) if place.kind == PlaceKind::Value => {
                        Place::Fixed(place.offset as usize..(place.offset + place.size) as usize)
                    }
                    place => {
                        regions += 1;
                        Place::Region { index: regions - 1, length_at: place.map(|place| place.offset as usize) }
                    }
                },
                presence: member.presence_bit.map(|bit| {
                    let (byte, mask) = ipc_schema::wire::presence_bit(bit);
                    (presence + byte as usize, mask)
                }),
                is_dimension: false,
                min: meaning.min,
                max: meaning.max,
            });
        }
        let dimensions: Vec<String> = members.iter().flat_map(MemberPlan::dimensions).collect();
        for member in &mut members {
            member.is_dimension = dimensions.contains(&member.name);
        }
        let bounded = members.iter().any(|member| {
            let inner = match &member.content {
                Content::Class(plan)
                | Content::Array { elem: ArrayElem::Class(plan), .. }
                | Content::Sequence { elem: Elem::Class(plan), .. } => plan.bounded,
                _ => false,
            };
            inner || member.min.is_some() || member.max.is_some()
        });
        let untidy = members.iter().any(|member| match &member.content {
            Content::Class(plan) | Content::Sequence { elem: Elem::Class(plan), .. } => plan.untidy,
            Content::Array { elem: ArrayElem::Class(plan), .. } => plan.is_untidy_record(),
            Content::Array { elem: ArrayElem::Scalar(scalar), .. } => *scalar == Scalar::Bool,
            _ => false,
        });
        let mut plan = Self {
            name: class.name.clone(),
            size: layout.size,
            fixed: layout.fixed,
            gaps: gaps(class),
            members,
            regions,
            bounded,
            untidy,
            dtype: None,
            index: index.unbind(),
            attributes: attributes.unbind(),
        };
        if layout.fixed {
            plan.dtype = plan.record(py)?.map(Bound::unbind);
        }
        Ok(plan)
    }

    /// The type of an array of these.
    fn record<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArrayDescr>>> {
        let (names, formats, offsets) = (PyList::empty(py), PyList::empty(py), PyList::empty(py));
        for member in &self.members {
            let Place::Fixed(place) = &member.place else { return Ok(None) };
            let format = match &member.content {
                _ if member.presence.is_some() => return Ok(None),
                Content::Scalar(scalar) => scalars::dtype(py, *scalar).into_any(),
                Content::Class(plan) => match &plan.dtype {
                    Some(dtype) => dtype.bind(py).clone().into_any(),
                    None => return Ok(None),
                },
                Content::Array { dtype, dims, .. } => {
                    let dims: Vec<u64> =
                        dims.sizes.iter().map(Size::constant).collect::<Option<_>>().unwrap_or_default();
                    (dtype, pyo3::types::PyTuple::new(py, dims)?).into_pyobject(py)?.into_any()
                }
                Content::Text | Content::Bytes | Content::Sequence { .. } => return Ok(None),
            };
            names.append(&member.key)?;
            formats.append(format)?;
            offsets.append(place.start)?;
        }
        let description = PyDict::new(py);
        description.set_item("names", names)?;
        description.set_item("formats", formats)?;
        description.set_item("offsets", offsets)?;
        description.set_item("itemsize", self.size)?;
        PyArrayDescr::new(py, description).map(Some)
    }

    /// Whether a record of it has bytes that may need to be tidied.
    pub(crate) fn is_untidy_record(&self) -> bool {
        let has_bool = |member: &MemberPlan| matches!(member.content, Content::Scalar(Scalar::Bool));
        let has_untidy = |member: &MemberPlan| match &member.content {
            Content::Class(plan) => plan.is_untidy_record(),
            _ => false,
        };
        self.untidy || !self.gaps.is_empty() || self.members.iter().any(|it| has_bool(it) || has_untidy(it))
    }

    /// The member of that name.
    #[inline]
    pub(crate) fn find(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        look_up(self.index.bind(py), name)
    }

    /// The member that is the attribute of that name.
    #[inline]
    pub(crate) fn attribute(&self, py: Python<'_>, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        look_up(self.attributes.bind(py), name)
    }

    /// The names of all members, for errors.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.members.iter().map(|member| member.name.as_str()).collect()
    }
}

impl MemberPlan {
    /// Whether it is there in a body that begins with a whole fixed part.
    #[inline]
    pub(crate) fn is_present(&self, body: &[u8]) -> bool {
        self.presence.is_none_or(|(byte, mask)| body[byte] & mask != 0)
    }

    /// Its dimensions, if it is an array.
    pub(crate) fn dims(&self) -> Option<&Dims> {
        match &self.content {
            Content::Array { dims, .. } | Content::Sequence { dims, .. } => Some(dims),
            _ => None,
        }
    }

    /// Names of the members that its size is calculated from; of dotted ones the first part.
    fn dimensions(&self) -> Vec<String> {
        let first = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
        self.dims().into_iter().flat_map(Dims::operands).map(|operand| first(&operand.name)).collect()
    }
}

#[inline]
fn look_up(names: &Bound<'_, PyDict>, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    match names.get_item(name)? {
        Some(index) => index.extract().map(Some),
        None => Ok(None),
    }
}

fn content(py: Python<'_>, schema: &Schema, class: &Class, member: &Member, plans: &[Arc<Plan>]) -> PyResult<Content> {
    if member.dims.is_empty() {
        return Ok(match member.ty {
            Type::Scalar(scalar) => Content::Scalar(scalar),
            Type::Enum(id) => Content::Scalar(schema[id].base),
            Type::String => Content::Text,
            Type::Bytes => Content::Bytes,
            Type::Class(id) => Content::Class(Arc::clone(&plans[id.0])),
        });
    }
    if member.dims.len() > MAX_DIMS {
        let (name, count) = (&member.name, member.dims.len());
        return Err(PyValueError::new_err(format!(
            "class {}, member {name}: an array of numpy has at most {MAX_DIMS} dimensions, and this one has {count}",
            class.name
        )));
    }
    let dims = Dims::of(schema, class, member);
    let elem_size = if let Shape::Fixed { size, .. } = schema.shape(member.ty) { size } else { 0 };
    let numbers = |scalar| (scalars::dtype(py, scalar).unbind(), ArrayElem::Scalar(scalar));
    let (dtype, elem) = match member.ty {
        Type::Scalar(scalar) => numbers(scalar),
        Type::Enum(id) => numbers(schema[id].base),
        Type::String => return Ok(Content::Sequence { elem: Elem::Text, dims }),
        Type::Bytes => return Ok(Content::Sequence { elem: Elem::Bytes, dims }),
        Type::Class(id) => {
            let plan = Arc::clone(&plans[id.0]);
            match &plan.dtype {
                Some(dtype) => (dtype.clone_ref(py), ArrayElem::Class(plan)),
                None => return Ok(Content::Sequence { elem: Elem::Class(plan), dims }),
            }
        }
    };
    Ok(Content::Array { dtype, elem_size, dims, elem })
}

/// Bytes of the fixed part between the places of members.
fn gaps(class: &Class) -> Vec<Range<usize>> {
    let (mut gaps, mut end) = (Vec::new(), 0);
    for place in class.members.iter().filter_map(|member| member.place) {
        let start = place.offset as usize;
        if start > end {
            gaps.push(end..start);
        }
        end = start + place.size as usize;
    }
    let size = class.layout.size as usize;
    if size > end {
        gaps.push(end..size);
    }
    gaps
}
