//! [`Builder`]: lays a frame out from its dimensions, either to learn its size or to write it.

use bytemuck::Pod;
use ipc_schema::desc::ClassDesc;
use ipc_schema::wire::{BODY_ALIGN, LENGTH_BYTES, WireError, align8};

use crate::class::ZeroRegions;
use crate::content::{Element, Member, Site};
use crate::error::Error;

/// What a walk over a class's regions is for: to measure a frame, or to write it. A type, so that each has code of its own.
pub trait Purpose {
    /// The frame to write, if there is one.
    fn frame(&mut self) -> Option<&mut [u8]>;

    /// Whether the regions are zeroed.
    fn zero_regions(&self) -> ZeroRegions;
}

/// Only the size is asked for.
#[derive(Debug)]
pub struct Measure;

/// Hidden bytes, padding and dimensions are written.
#[derive(Debug)]
pub struct Write<'f> {
    frame: &'f mut [u8],
    zero_regions: ZeroRegions,
}

impl Purpose for Measure {
    #[inline]
    fn frame(&mut self) -> Option<&mut [u8]> {
        None
    }

    #[inline]
    fn zero_regions(&self) -> ZeroRegions {
        ZeroRegions::No
    }
}

impl Purpose for Write<'_> {
    #[inline]
    fn frame(&mut self) -> Option<&mut [u8]> {
        Some(self.frame)
    }

    #[inline]
    fn zero_regions(&self) -> ZeroRegions {
        self.zero_regions
    }
}

/// The position that grows while a frame is laid out. Bodies start at multiples of 8, so positions within a nested body
/// are aligned as positions within the frame are.
#[derive(Debug)]
pub struct Builder<P> {
    purpose: P,
    /// At most `room`.
    position: u32,
    /// The frame's length if there is one, else what a frame is always below.
    room: u32,
}

impl Builder<Measure> {
    /// Finds the size, and writes nothing.
    #[inline]
    pub fn measure() -> Self {
        Self { purpose: Measure, position: 0, room: u32::MAX }
    }
}

impl<'f> Builder<Write<'f>> {
    /// Writes hidden bytes, padding and dimensions.
    #[inline]
    pub fn write(frame: &'f mut [u8], zero_regions: ZeroRegions) -> Self {
        let room = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        Self { purpose: Write { frame, zero_regions }, position: 0, room }
    }
}

impl<P: Purpose> Builder<P> {
    /// Bytes laid out so far.
    #[inline]
    pub fn position(&self) -> u32 {
        self.position
    }

    /// A whole frame of a plain class.
    #[inline]
    pub fn plain<T: Member>(&mut self, desc: &'static ClassDesc) -> Result<(), Error> {
        let start = self.position;
        self.advance(size_of::<T>() as u64).map_err(|why| Error::frame(desc, why.problem()))?;
        match self.purpose.zero_regions() {
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

    /// A region's bytes.
    #[inline]
    pub(super) fn region(&mut self, len_bytes: u64, site: Site) -> Result<(), Error> {
        let start = self.position;
        self.advance(len_bytes).map_err(|why| site.error(why.problem()))?;
        if self.purpose.zero_regions() == ZeroRegions::Yes {
            self.zero_since(start);
        }
        Ok(())
    }

    /// Zero bytes up to the next multiple of 8.
    #[inline]
    fn pad(&mut self, site: Site) -> Result<(), Error> {
        let start = self.position;
        self.advance(align8(u64::from(start)) - u64::from(start)).map_err(|why| site.error(why.problem()))?;
        // They end the word that is last now. Zeroing a few bytes of a slice would be a call.
        let end = self.position;
        if let Some(frame) = self.purpose.frame()
            && let Some(word) = frame[..end as usize].last_chunk_mut::<8>()
            && start < end
        {
            let kept = (1 << (8 * (start % 8))) - 1;
            *word = (u64::from_le_bytes(*word) & kept).to_le_bytes();
        }
        Ok(())
    }

    #[inline]
    fn advance(&mut self, len_bytes: u64) -> Result<(), NoRoom> {
        let end = u64::from(self.position).saturating_add(len_bytes);
        if end > u64::from(self.room) {
            return Err(NoRoom { end, room: self.room });
        }
        self.position = end as u32;
        Ok(())
    }

    #[inline]
    fn zero_since(&mut self, start: u32) {
        let end = self.position;
        if let Some(frame) = self.purpose.frame() {
            frame[start as usize..end as usize].fill(0);
        }
    }

    /// The struct at `start`, if there is a frame.
    #[inline]
    fn fixed_mut<F: Pod>(&mut self, desc: &'static ClassDesc, start: u32) -> Result<Option<&mut F>, Error> {
        let Some(frame) = self.purpose.frame() else { return Ok(None) };
        let bytes = &mut frame[start as usize..][..size_of::<F>()];
        let fixed = bytemuck::try_from_bytes_mut(bytes);
        fixed.map(Some).map_err(|why| Error::cast(desc, size_of::<F>(), size_of::<F>(), why))
    }

    #[inline]
    fn put<T: Pod>(&mut self, start: u32, value: &T) {
        if let Some(frame) = self.purpose.frame() {
            frame[start as usize..][..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(value));
        }
    }
}

/// What is laid out does not end where it must.
#[derive(Debug, Clone, Copy)]
struct NoRoom {
    end: u64,
    room: u32,
}

impl NoRoom {
    #[cold]
    fn problem(self) -> String {
        let Self { end, room } = self;
        if end > u64::from(u32::MAX) {
            return WireError::TooLong.to_string();
        }
        format!("expected at least {end} bytes of room, found {room}")
    }
}

/// The body of one class that is being laid out: its regions follow one another, then [`Body::close`] writes the fixed
/// part that tells their sizes.
#[derive(Debug)]
pub struct Body<'b, P> {
    builder: &'b mut Builder<P>,
    desc: &'static ClassDesc,
    start: u32,
}

impl<'b, P: Purpose> Body<'b, P> {
    /// A body at the builder's position; [`open`](Self::open) comes next.
    #[inline]
    pub fn new(builder: &'b mut Builder<P>, desc: &'static ClassDesc) -> Self {
        let start = builder.position;
        Self { builder, desc, start }
    }

    /// Leaves room for the fixed part.
    #[inline]
    pub fn open<F: Pod>(&mut self) -> Result<(), Error> {
        self.builder.advance(size_of::<F>() as u64).map_err(|why| Error::frame(self.desc, why.problem()))
    }

    /// The region of an array of fixed elements.
    #[inline]
    pub fn array<T: Pod>(&mut self, index: usize, count: u64) -> Result<(), Error> {
        let site = self.site(index);
        self.builder.pad(site)?;
        self.builder.region(count.saturating_mul(size_of::<T>() as u64), site)
    }

    /// The region of one variable member, empty if it is absent. Gives its length.
    #[inline]
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
        self.builder.advance(count.saturating_mul(LENGTH_BYTES.into())).map_err(|why| site.error(why.problem()))?;
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
    #[inline]
    pub fn absent(&mut self, index: usize) -> Result<(), Error> {
        let site = self.site(index);
        self.builder.pad(site)
    }

    /// Writes the fixed part, which is all zeros before.
    #[inline]
    pub fn close<F: Pod>(self, write: impl FnOnce(&mut F)) -> Result<(), Error> {
        if let Some(fixed) = self.builder.fixed_mut::<F>(self.desc, self.start)? {
            bytemuck::bytes_of_mut(fixed).fill(0);
            write(fixed);
        }
        Ok(())
    }

    #[inline]
    fn site(&self, index: usize) -> Site {
        Site::new(self.desc, index)
    }
}
