//! [`Reader`]: takes a frame apart, region by region, and checks each before it is trusted.

use bytemuck::Pod;
use ipc_schema::desc::ClassDesc;
use ipc_schema::wire::{Regions, WireError, elements_len};

use crate::content::{Element, Elements, Site};
use crate::error::Error;

/// The regions of a body that are still to be read.
#[derive(Debug)]
pub struct Reader<'a> {
    desc: &'static ClassDesc,
    body: &'a [u8],
    regions: Regions,
}

impl<'a> Reader<'a> {
    /// A body to be read; [`fixed`](Self::fixed) comes next.
    #[inline]
    pub fn new(desc: &'static ClassDesc, body: &'a [u8]) -> Self {
        Self { desc, body, regions: Regions::growing(0) }
    }

    /// The fixed part.
    #[inline]
    pub fn fixed<F: Pod>(&mut self) -> Result<&'a F, Error> {
        self.regions = open_regions::<F>(self.desc, self.body)?;
        bytemuck::try_from_bytes(&self.body[..size_of::<F>()])
            .map_err(|why| Error::cast(self.desc, self.body.len(), size_of::<F>(), why))
    }

    /// The region of an array of fixed elements.
    #[inline]
    pub fn array<T: Pod>(&mut self, index: usize, count: u64) -> Result<&'a [T], Error> {
        let bytes = self.region(index, elements_len(count, size_of::<T>() as u32))?;
        bytemuck::try_cast_slice(bytes).map_err(|why| Error::cast(self.desc, bytes.len(), bytes.len(), why))
    }

    /// The region of one variable member.
    #[inline]
    pub fn one<E: Element>(&mut self, index: usize, len_bytes: u32, max_bytes: u64) -> Result<E::Raw<'a>, Error> {
        let site = Site::new(self.desc, index);
        E::raw(self.region(index, Ok(len_bytes.into()))?, site, max_bytes)
    }

    /// The region of an array of variable elements.
    pub fn list<E: Element>(
        &mut self,
        index: usize,
        len_bytes: u32,
        count: u64,
        max_bytes: u64,
    ) -> Result<Elements<'a, E>, Error> {
        let site = Site::new(self.desc, index);
        Elements::check(self.region(index, Ok(len_bytes.into()))?, count, site, max_bytes)
    }

    /// The empty region of an absent member; its hidden length must be 0.
    #[inline]
    pub fn absent(&mut self, index: usize, len_bytes: u32) -> Result<(), Error> {
        let len = if len_bytes == 0 { Ok(0) } else { Err(WireError::AbsentHasLength { found: len_bytes }) };
        self.region(index, len).map(|_| ())
    }

    /// The body ends where its last region ends.
    #[inline]
    pub fn finish(self) -> Result<(), Error> {
        self.regions.finish().map_err(|why| of_body(self.desc, &why))
    }

    #[inline]
    fn region(&mut self, index: usize, len_bytes: Result<u64, WireError>) -> Result<&'a [u8], Error> {
        match len_bytes.and_then(|len| self.regions.next(len)) {
            Ok(span) => Ok(&self.body[span.range()]),
            Err(why) => Err(of_region(self.desc, index, &why)),
        }
    }
}

/// Checks that a body is 8-aligned and has its fixed part.
#[inline]
pub(super) fn open_regions<F: Pod>(desc: &'static ClassDesc, body: &[u8]) -> Result<Regions, Error> {
    if !body.as_ptr().addr().is_multiple_of(8) {
        return Err(unaligned(desc));
    }
    Regions::within(size_of::<F>() as u32, body.len() as u64).map_err(|why| of_body(desc, &why))
}

#[cold]
fn unaligned(desc: &'static ClassDesc) -> Error {
    Error::frame(desc, "expected bytes that start at a multiple of 8: copy them first".to_owned())
}

#[cold]
pub(super) fn of_body(desc: &'static ClassDesc, why: &WireError) -> Error {
    Error::frame(desc, why.to_string())
}

#[cold]
pub(super) fn of_region(desc: &'static ClassDesc, index: usize, why: &WireError) -> Error {
    Error::member(desc, index, why.to_string())
}
