//! [`Editor`]: takes a frame apart for writing, into disjoint borrows. The same walk as [`Reader`](super::Reader).

use bytemuck::Pod;
use ipc_schema::desc::ClassDesc;
use ipc_schema::wire::{Regions, WireError, elements_len};

use crate::content::reader::{of_body, of_region, open_regions};
use crate::content::{Element, ElementsMut, Site};
use crate::error::Error;

/// The regions of a body that are still to be handed out.
#[derive(Debug)]
pub struct Editor<'a> {
    desc: &'static ClassDesc,
    rest: &'a mut [u8],
    regions: Regions,
}

impl<'a> Editor<'a> {
    /// A body to be written; [`fixed`](Self::fixed) comes next.
    #[inline]
    pub fn new(desc: &'static ClassDesc, body: &'a mut [u8]) -> Self {
        Self { desc, rest: body, regions: Regions::growing(0) }
    }

    /// The fixed part.
    #[inline]
    pub fn fixed<F: Pod>(&mut self) -> Result<&'a mut F, Error> {
        self.regions = open_regions::<F>(self.desc, self.rest)?;
        let (fixed, rest) = std::mem::take(&mut self.rest).split_at_mut(size_of::<F>());
        self.rest = rest;
        bytemuck::try_from_bytes_mut(fixed).map_err(|why| Error::cast(self.desc, size_of::<F>(), size_of::<F>(), why))
    }

    /// The region of an array of fixed elements.
    #[inline]
    pub fn array<T: Pod>(&mut self, index: usize, count: u64) -> Result<&'a mut [T], Error> {
        let bytes = self.region(index, elements_len(count, size_of::<T>() as u32))?;
        let len = bytes.len();
        bytemuck::try_cast_slice_mut(bytes).map_err(|why| Error::cast(self.desc, len, len, why))
    }

    /// The region of one variable member.
    #[inline]
    pub fn one<E: Element>(&mut self, index: usize, len_bytes: u32) -> Result<E::Mut<'a>, Error> {
        E::edit(self.region(index, Ok(len_bytes.into()))?)
    }

    /// The region of an array of variable elements.
    #[inline]
    pub fn list<E: Element>(&mut self, index: usize, len_bytes: u32, count: u64) -> Result<ElementsMut<'a, E>, Error> {
        let site = Site::new(self.desc, index);
        Ok(ElementsMut::new(self.region(index, Ok(len_bytes.into()))?, count, site))
    }

    /// The empty region of an absent member.
    #[inline]
    pub fn absent(&mut self, index: usize) -> Result<(), Error> {
        self.region(index, Ok(0)).map(|_| ())
    }

    /// The body ends where its last region ends.
    #[inline]
    pub fn finish(self) -> Result<(), Error> {
        self.regions.finish().map_err(|why| of_body(self.desc, &why))
    }

    #[inline]
    fn region(&mut self, index: usize, len_bytes: Result<u64, WireError>) -> Result<&'a mut [u8], Error> {
        let before = self.regions.end();
        let span = len_bytes.and_then(|len| self.regions.next(len)).map_err(|why| of_region(self.desc, index, &why))?;
        let (region, rest) = std::mem::take(&mut self.rest).split_at_mut((span.end - before) as usize);
        self.rest = rest;
        Ok(&mut region[(span.start - before) as usize..])
    }
}
