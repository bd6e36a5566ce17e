//! [`Builder`]: lays a frame out from its dimensions, either to learn its size or to write it.

use bytemuck::Pod;
use ipc_schema::desc::ClassDesc;
use ipc_schema::wire::{BODY_ALIGN, LENGTH_BYTES, WireError, align8};

use crate::class::ZeroRegions;
use crate::content::{Element, Member, Site};
use crate::error::Error;

/// The position that grows while a frame is laid out. Bodies start at multiples of 8, so positions within a nested body
/// are aligned as positions within the frame are.
#[derive(Debug)]
pub struct Builder<'f> {
    /// Absent while only the size is asked for.
    frame: Option<&'f mut [u8]>,
    /// At most `u32::MAX`, and at most the frame's length if there is one.
    position: u32,
    zero_regions: ZeroRegions,
}

impl<'f> Builder<'f> {
    /// Finds the size, and writes nothing.
    pub fn measure() -> Self {
        Self { frame: None, position: 0, zero_regions: ZeroRegions::No }
    }

    /// Writes hidden bytes, padding and dimensions.
    pub fn write(frame: &'f mut [u8], zero_regions: ZeroRegions) -> Self {
        Self { frame: Some(frame), position: 0, zero_regions }
    }

    /// Bytes laid out so far.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// A whole frame of a plain class.
    pub fn plain<T: Member>(&mut self, desc: &'static ClassDesc) -> Result<(), Error> {
        let start = self.position;
        self.advance(size_of::<T>() as u64).map_err(|problem| Error::frame(desc, problem))?;
        match self.zero_regions {
            ZeroRegions::Yes => self.zero_since(start),
            ZeroRegions::No if T::OPTIONAL => {
                if let Some(value) = self.fixed_mut::<T>(desc, start)? {
                    value.clear_presence();
                }
            }
            ZeroRegions::No => {}
        }
        Ok(())
    }

    /// Starts the body of a class whose fixed part is `F`.
    pub fn open<F: Pod>(&mut self, desc: &'static ClassDesc) -> Result<Body<'_, 'f>, Error> {
        let start = self.position;
        self.advance(size_of::<F>() as u64).map_err(|problem| Error::frame(desc, problem))?;
        Ok(Body { builder: self, desc, start })
    }

    /// A region's bytes.
    pub(super) fn region(&mut self, len_bytes: u64, site: Site) -> Result<(), Error> {
        let start = self.position;
        self.advance(len_bytes).map_err(|problem| site.error(problem))?;
        if self.zero_regions == ZeroRegions::Yes {
            self.zero_since(start);
        }
        Ok(())
    }

    /// Zero bytes up to the next multiple of 8.
    fn pad(&mut self, site: Site) -> Result<(), Error> {
        let start = self.position;
        self.advance(align8(u64::from(start)) - u64::from(start)).map_err(|problem| site.error(problem))?;
        self.zero_since(start);
        Ok(())
    }

    fn advance(&mut self, len_bytes: u64) -> Result<(), String> {
        let end = u64::from(self.position).checked_add(len_bytes).and_then(|end| u32::try_from(end).ok());
        self.position = end.ok_or_else(|| WireError::TooLong.to_string())?;
        match &self.frame {
            Some(frame) if frame.len() < self.position as usize => {
                Err(format!("expected at least {} bytes of room, found {}", self.position, frame.len()))
            }
            _ => Ok(()),
        }
    }

    fn zero_since(&mut self, start: u32) {
        let end = self.position;
        if let Some(frame) = &mut self.frame {
            frame[start as usize..end as usize].fill(0);
        }
    }

    /// The struct at `start`, if there is a frame.
    fn fixed_mut<F: Pod>(&mut self, desc: &'static ClassDesc, start: u32) -> Result<Option<&mut F>, Error> {
        let Some(frame) = &mut self.frame else { return Ok(None) };
        let bytes = &mut frame[start as usize..][..size_of::<F>()];
        let fixed = bytemuck::try_from_bytes_mut(bytes);
        fixed.map(Some).map_err(|why| Error::cast(desc, size_of::<F>(), size_of::<F>(), why))
    }

    fn put<T: Pod>(&mut self, start: u32, value: &T) {
        if let Some(frame) = &mut self.frame {
            frame[start as usize..][..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(value));
        }
    }
}

/// The body of one class that is being laid out: its regions follow one another, then [`Body::close`] writes the fixed
/// part that tells their sizes.
#[derive(Debug)]
pub struct Body<'b, 'f> {
    builder: &'b mut Builder<'f>,
    desc: &'static ClassDesc,
    start: u32,
}

impl Body<'_, '_> {
    /// The region of an array of fixed elements.
    pub fn array<T: Pod>(&mut self, index: usize, count: u64) -> Result<(), Error> {
        let site = self.site(index);
        self.builder.pad(site)?;
        self.builder.region(count.saturating_mul(size_of::<T>() as u64), site)
    }

    /// The region of one variable member, empty if it is absent. Gives its length.
    pub fn one<E: Element>(&mut self, index: usize, dims: Option<&E::Dims>, max_bytes: u64) -> Result<u32, Error> {
        let site = self.site(index);
        self.builder.pad(site)?;
        let start = self.builder.position;
        if let Some(dims) = dims {
            E::build(dims, self.builder, site, max_bytes)?;
        }
        Ok(self.builder.position - start)
    }

    /// The region of an array of variable elements: the table of ends, then the bodies. Gives its length.
    pub fn list<E: Element>(
        &mut self,
        index: usize,
        count: u64,
        dims: &[E::Dims],
        max_bytes: u64,
    ) -> Result<u32, Error> {
        let site = self.site(index);
        if count != dims.len() as u64 {
            let problem = format!("expected dimensions for {count} elements, found them for {}", dims.len());
            return Err(site.error(problem));
        }
        self.builder.pad(site)?;
        let start = self.builder.position;
        self.builder.advance(count.saturating_mul(LENGTH_BYTES.into())).map_err(|problem| site.error(problem))?;
        self.builder.pad(site)?;
        let first = self.builder.position;
        for (i, dims) in (0u32..).zip(dims) {
            if E::ALIGN == BODY_ALIGN as u32 {
                self.builder.pad(site)?;
            }
            E::build(dims, self.builder, site.at(i as usize), max_bytes)?;
            self.builder.put(start + LENGTH_BYTES * i, &(self.builder.position - first));
        }
        Ok(self.builder.position - start)
    }

    /// The region of an absent member: empty, but it stands where a region would.
    pub fn absent(&mut self, index: usize) -> Result<(), Error> {
        let site = self.site(index);
        self.builder.pad(site)
    }

    /// Writes the fixed part, which is all zeros before.
    pub fn close<F: Pod>(self, write: impl FnOnce(&mut F)) -> Result<(), Error> {
        if let Some(fixed) = self.builder.fixed_mut::<F>(self.desc, self.start)? {
            bytemuck::bytes_of_mut(fixed).fill(0);
            write(fixed);
        }
        Ok(())
    }

    fn site(&self, index: usize) -> Site {
        Site::new(self.desc, index)
    }
}
