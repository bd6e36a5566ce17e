//! [`Class`]: what a Rust type must give so that its values travel as frames. The macros implement it.

use ipc_schema::desc::ClassDesc;

use crate::error::Error;

/// A type whose values travel as frames of one class.
///
/// `schema!`, `include_schema!` and `#[derive(Frame)]` implement it; nobody else should.
///
/// All `frame` slices are whole frames, start 16-aligned, and come from a ring or from a buffer that `aligned_frame`
/// made; implementations check length and alignment and never panic on any bytes.
pub trait Class: Sized + 'static {
    /// The class, as a constant tree.
    const DESC: &'static ClassDesc;

    /// A received frame: `&'a Self` for a plain class, `SelfRef<'a>` otherwise.
    type Ref<'a>: Copy + Send + Sync;

    /// A frame being written in place: `&'a mut Self` for a plain class, `SelfMut<'a>` otherwise.
    type Mut<'a>;

    /// What fixes the frame's size: `()` for a fixed class, `SelfDims` otherwise.
    type Dims;

    /// Shortens the lifetime of a view (the compiler cannot see that `Ref` is covariant).
    fn shorten<'short, 'long: 'short>(view: Self::Ref<'long>) -> Self::Ref<'short>;

    /// Reads a frame: checks length, sizes, dimensions and their `max`, and computes every offset once.
    fn view(frame: &[u8]) -> Result<Self::Ref<'_>, Error>;

    /// The values that fix this value's size; an error if its arrays disagree with its dimensions.
    fn dims(&self) -> Result<Self::Dims, Error>;

    /// Size of a frame with these dimensions, in bytes; an error if it overflows, breaks a `max` or reaches 4 GiB.
    fn frame_len(dims: &Self::Dims) -> Result<u32, Error>;

    /// Writes dimensions, hidden lengths and presence into a frame of `frame_len(dims)` bytes, and zeroes all other
    /// bytes of the fixed part and all padding. With `zero_regions` the regions are zeroed as well.
    fn init(frame: &mut [u8], dims: &Self::Dims, zero_regions: ZeroRegions) -> Result<(), Error>;

    /// The writer over a frame that `init` prepared.
    fn edit(frame: &mut [u8]) -> Result<Self::Mut<'_>, Error>;

    /// Writes the whole value into a frame of `frame_len(&self.dims()?)` bytes, every byte of it, padding included.
    fn write(&self, frame: &mut [u8]) -> Result<(), Error>;

    /// Checks `min` and `max` of every member of a frame that is about to be published.
    fn check(frame: &[u8]) -> Result<(), Error>;
}

/// A class whose frames are the bytes of the Rust value itself.
pub trait PlainClass: Class + bytemuck::Pod {}

/// Whether the regions of a new frame are zeroed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroRegions {
    /// The regions read as zero until they are written.
    Yes,
    /// The regions hold whatever the ring held: the caller writes them all.
    No,
}
