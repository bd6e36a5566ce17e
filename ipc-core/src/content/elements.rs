//! [`Elements`] and [`ElementsMut`]: arrays of variable elements, read and written by index.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use ipc_schema::wire::{read_bodies, read_body};

use crate::content::{Element, Site};
use crate::error::Error;

/// An array of variable elements in a received frame.
///
/// The elements were checked when the frame was; each is checked again when it is read, because its bytes are shared.
pub struct Elements<'a, E: Element> {
    region: &'a [u8],
    count: usize,
    site: Site,
    max_bytes: u64,
    kind: PhantomData<fn() -> E>,
}

impl<'a, E: Element> Elements<'a, E> {
    /// Checks the table of ends and every element.
    pub(super) fn check(region: &'a [u8], count: u64, site: Site, max_bytes: u64) -> Result<Self, Error> {
        let (mut checked, mut index) = (Ok(()), 0);
        read_bodies(region, count, E::ALIGN, |span| {
            if checked.is_ok() {
                checked = E::raw(&region[span.range()], site.at(index), max_bytes).map(|_| ());
            }
            index += 1;
        })
        .map_err(|why| site.error(why.to_string()))?;
        checked.map(|()| Self { region, count: count as usize, site, max_bytes, kind: PhantomData })
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The element of that index: `&str`, `&[u8]` or the class's view. An error if there is none, or if it is not UTF-8.
    #[inline]
    pub fn get(&self, index: usize) -> Result<E::Item<'a>, Error> {
        E::item(self.raw(index)?, self.site.at(index))
    }

    /// All elements in order.
    pub fn iter(&self) -> ElementsIter<'a, E> {
        ElementsIter { elements: *self, left: 0..self.count }
    }

    /// Copies all elements out of the frame.
    pub fn load(&self) -> Result<Vec<E::Owned>, Error> {
        (0..self.count).map(|index| E::load(self.raw(index)?, self.site.at(index))).collect()
    }

    /// Checks `min` and `max` inside every element.
    pub fn validate(&self) -> Result<(), Error> {
        if !E::CHECKED {
            return Ok(());
        }
        (0..self.count).try_for_each(|index| E::validate(self.raw(index)?, self.site.at(index)))
    }

    /// The element of that index as it stands: text as bytes.
    #[inline]
    pub fn raw(&self, index: usize) -> Result<E::Raw<'a>, Error> {
        let place = place::<E>(self.region, self.count, index, self.site)?;
        E::raw(&self.region[place], self.site.at(index), self.max_bytes)
    }
}

/// The elements of an array in order.
pub struct ElementsIter<'a, E: Element> {
    elements: Elements<'a, E>,
    left: Range<usize>,
}

impl<'a, E: Element> Iterator for ElementsIter<'a, E> {
    type Item = Result<E::Item<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left.next().map(|index| self.elements.get(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<E: Element> ExactSizeIterator for ElementsIter<'_, E> {}

impl<E: Element> fmt::Debug for ElementsIter<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementsIter").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<'a, E: Element> IntoIterator for Elements<'a, E> {
    type Item = Result<E::Item<'a>, Error>;
    type IntoIter = ElementsIter<'a, E>;

    fn into_iter(self) -> ElementsIter<'a, E> {
        self.iter()
    }
}

impl<'a, E: Element> IntoIterator for &Elements<'a, E> {
    type Item = Result<E::Item<'a>, Error>;
    type IntoIter = ElementsIter<'a, E>;

    fn into_iter(self) -> ElementsIter<'a, E> {
        self.iter()
    }
}

impl<E: Element> Clone for Elements<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Element> Copy for Elements<'_, E> {}

impl<'a, E: Element> fmt::Debug for Elements<'a, E>
where
    E::Item<'a>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<_> = self.iter().collect();
        f.debug_list()
            .entries(items.iter().map(|item| match item {
                Ok(item) => item as &dyn fmt::Debug,
                Err(why) => why,
            }))
            .finish()
    }
}

/// An array of variable elements in a frame that is being written.
pub struct ElementsMut<'a, E: Element> {
    region: &'a mut [u8],
    count: usize,
    site: Site,
    kind: PhantomData<fn() -> E>,
}

impl<'a, E: Element> ElementsMut<'a, E> {
    pub(super) fn new(region: &'a mut [u8], count: u64, site: Site) -> Self {
        Self { region, count: usize::try_from(count).unwrap_or(usize::MAX), site, kind: PhantomData }
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The writer of the element of that index: `&mut [u8]` for text and bytes, the class's writer otherwise.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Result<E::Mut<'_>, Error> {
        let place = place::<E>(self.region, self.count, index, self.site)?;
        E::edit(&mut self.region[place])
    }

    /// Makes all bytes those that the wire rules ask of a writer.
    #[doc(hidden)]
    pub fn tidy(&mut self) -> Result<(), Error> {
        if E::TIDY { (0..self.count).try_for_each(|index| E::tidy(self.get_mut(index)?)) } else { Ok(()) }
    }

    /// Copies values into all elements; their count and sizes are those that were reserved.
    pub fn fill(&mut self, values: &[E::Owned]) -> Result<(), Error> {
        values.iter().enumerate().try_for_each(|(index, value)| {
            let site = self.site.at(index);
            E::fill(value, self.get_mut(index)?, site)
        })
    }
}

impl<E: Element> fmt::Debug for ElementsMut<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementsMut").field("len", &self.count).finish_non_exhaustive()
    }
}

/// The bytes of one element within its region.
#[inline]
fn place<E: Element>(region: &[u8], count: usize, index: usize, site: Site) -> Result<Range<usize>, Error> {
    if index >= count {
        return Err(site.error(format!("expected an index below {count}, found {index}")));
    }
    match read_body(region, count as u64, E::ALIGN, index as u64) {
        Ok(span) => Ok(span.range()),
        Err(why) => Err(site.error(why.to_string())),
    }
}
