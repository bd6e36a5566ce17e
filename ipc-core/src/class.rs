//! [`Class`]: what a Rust type must give so that its values travel as frames. The macros implement it.

use std::fmt::Debug;

use ipc_schema::desc::ClassDesc;

use crate::content::{AlignedBytes, Builder, Member, Purpose};
use crate::error::Error;

/// A type whose values travel as frames of one class.
///
/// `schema!`, `include_schema!` and `#[derive(Frame)]` implement it; nobody else should.
///
/// All `frame` slices are whole frames, start 16-aligned, and come from a ring or from an [`AlignedBytes`];
/// implementations check length and alignment and never panic on any bytes. Another process may write to a frame while
/// it is read: what decides where something is (dimensions, lengths, presence) is read once, with a volatile load,
/// and the view keeps it; a table of ends is checked anew whenever an element is asked for.
///
/// Methods that give or take `Self` by value pass it over the stack. A class of megabytes is written by
/// [`Producer::reserve`](crate::Producer::reserve), read through its view, and built in a
/// [`zeroed_box`](PlainClass::zeroed_box).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a class of frames",
    label = "not a class",
    note = "describe it with `schema!` or `include_schema!`, or put `#[derive(Frame)]` on it"
)]
pub trait Class: Sized + 'static {
    /// The class, as a constant tree.
    const DESC: &'static ClassDesc;

    /// A received frame: `&'a Self` for a plain class, `SelfRef<'a>` otherwise.
    type Ref<'a>: Copy + Send + Sync;

    /// A frame being written in place: `&'a mut Self` for a plain class, `SelfMut<'a>` otherwise.
    type Mut<'a>;

    /// What fixes the frame's size: `()` for a fixed class, `SelfDims` otherwise.
    type Dims: Clone + Debug + Default + PartialEq;

    /// Whether `tidy` has anything to do.
    #[doc(hidden)]
    const TIDY: bool = false;

    /// Whether `validate` has anything to do.
    #[doc(hidden)]
    const CHECKED: bool = false;

    /// Shortens the lifetime of a view (the compiler cannot see that `Ref` is covariant).
    fn shorten<'short, 'long: 'short>(view: Self::Ref<'long>) -> Self::Ref<'short>;

    /// Reads a frame: checks length, sizes, dimensions and their `max`, and finds every region once.
    fn view(frame: &[u8]) -> Result<Self::Ref<'_>, Error>;

    /// The writer over a frame that `init` prepared.
    fn edit(frame: &mut [u8]) -> Result<Self::Mut<'_>, Error>;

    /// The values that fix this value's size; an error if its arrays disagree with its dimensions.
    fn dims(&self) -> Result<Self::Dims, Error>;

    /// Lays a body with these dimensions out: the one walk behind `frame_len` and `init`.
    #[doc(hidden)]
    fn build<P: Purpose>(dims: &Self::Dims, builder: &mut Builder<P>) -> Result<(), Error>;

    /// Copies all that `build` has not written into a frame of this value's dimensions.
    #[doc(hidden)]
    fn fill(&self, frame: Self::Mut<'_>) -> Result<(), Error>;

    /// Copies a received frame out of the ring.
    fn load(view: Self::Ref<'_>) -> Result<Self, Error>;

    /// Checks `min` and `max` of every member, nested ones too.
    fn validate(_: Self::Ref<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Makes all bytes those that the wire rules ask of a writer: padding and what is absent are zero, a bool is 0 or 1.
    #[doc(hidden)]
    fn tidy(_: Self::Mut<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Size of a frame with these dimensions, in bytes; an error if it overflows, breaks a `max` or reaches 4 GiB.
    #[inline]
    fn frame_len(dims: &Self::Dims) -> Result<u32, Error> {
        let mut builder = Builder::measure();
        Self::build(dims, &mut builder)?;
        Ok(builder.position())
    }

    /// Writes dimensions, hidden lengths and presence into a frame of `frame_len(dims)` bytes. Of a variable class it
    /// zeroes all other bytes of the fixed part and all padding, and with `zero_regions` the regions as well; of a plain
    /// class, with `zero_regions` all, else no more than presence.
    #[inline]
    fn init(frame: &mut [u8], dims: &Self::Dims, zero_regions: ZeroRegions) -> Result<(), Error> {
        Self::build(dims, &mut Builder::write(frame, zero_regions))
    }

    /// Writes the whole value into a frame of `frame_len(&self.dims()?)` bytes, every byte of it, padding included.
    #[inline]
    fn write(&self, frame: &mut [u8]) -> Result<(), Error> {
        self.write_as(&self.dims()?, frame)
    }

    /// The same for who has the value's dimensions already.
    #[doc(hidden)]
    #[inline]
    fn write_as(&self, dims: &Self::Dims, frame: &mut [u8]) -> Result<(), Error> {
        Self::init(frame, dims, ZeroRegions::No)?;
        self.fill(Self::edit(frame)?)?;
        if Self::TIDY { Self::tidy(Self::edit(frame)?) } else { Ok(()) }
    }

    /// The last step before a frame that was written in place is published: puts zeros where the wire rules want them,
    /// then checks `min` and `max`.
    #[doc(hidden)]
    #[inline]
    fn finish(frame: &mut [u8]) -> Result<(), Error> {
        if Self::TIDY {
            Self::tidy(Self::edit(frame)?)?;
        }
        Self::check(frame)
    }

    /// Checks `min` and `max` of every member of a frame that is about to be published.
    #[inline]
    fn check(frame: &[u8]) -> Result<(), Error> {
        if Self::CHECKED { Self::validate(Self::view(frame)?) } else { Ok(()) }
    }

    /// The value as the bytes of a frame; an error if arrays disagree with dimensions, or a value with `min` or `max`.
    fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let dims = self.dims()?;
        let mut frame = AlignedBytes::zeroed(Self::frame_len(&dims)? as usize);
        self.write_as(&dims, &mut frame)?;
        Self::check(&frame)?;
        Ok(frame.to_vec())
    }

    /// The value of a frame's bytes, which may stand anywhere in memory.
    fn from_bytes(frame: &[u8]) -> Result<Self, Error> {
        Self::load(Self::view(&AlignedBytes::copy_of(frame))?)
    }
}

/// A class whose frames are the bytes of the Rust value itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no class of frames, or none of constant size where that is needed",
    label = "not such a class",
    note = "a class with text, bytes, or an array whose size is a member is variable; what is no class yet is described by \
            `schema!`, `include_schema!`, or `#[derive(Frame)]`"
)]
pub trait PlainClass: Member + Send + Sync {
    /// The class, as a constant tree; [`Class::DESC`] is the same.
    const PLAIN_DESC: &'static ClassDesc;

    /// A value of zeros on the heap, for a class that is too large for the stack.
    fn zeroed_box() -> Box<Self> {
        bytemuck::zeroed_box()
    }
}

impl<T: PlainClass> Class for T {
    const DESC: &'static ClassDesc = T::PLAIN_DESC;
    type Ref<'a> = &'a T;
    type Mut<'a> = &'a mut T;
    type Dims = ();
    const TIDY: bool = <T as Member>::TIDY;
    const CHECKED: bool = <T as Member>::CHECKED;

    #[inline]
    fn shorten<'short, 'long: 'short>(view: &'long T) -> &'short T {
        view
    }

    #[inline]
    fn view(frame: &[u8]) -> Result<&T, Error> {
        bytemuck::try_from_bytes(frame).map_err(|why| Error::cast(T::PLAIN_DESC, frame.len(), size_of::<T>(), why))
    }

    #[inline]
    fn edit(frame: &mut [u8]) -> Result<&mut T, Error> {
        let found = frame.len();
        bytemuck::try_from_bytes_mut(frame).map_err(|why| Error::cast(T::PLAIN_DESC, found, size_of::<T>(), why))
    }

    #[inline]
    fn dims(&self) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn frame_len((): &()) -> Result<u32, Error> {
        Ok(const { T::PLAIN_DESC.size })
    }

    #[inline]
    fn init(frame: &mut [u8], (): &(), zero_regions: ZeroRegions) -> Result<(), Error> {
        let value = Self::edit(frame)?;
        match zero_regions {
            ZeroRegions::Yes => bytemuck::bytes_of_mut(value).fill(0),
            ZeroRegions::No => value.clear_presence(),
        }
        Ok(())
    }

    fn build<P: Purpose>((): &(), builder: &mut Builder<P>) -> Result<(), Error> {
        builder.plain::<T>(T::PLAIN_DESC)
    }

    #[inline]
    fn fill(&self, frame: &mut T) -> Result<(), Error> {
        // By bytes, because an assignment may pass a large class through the stack.
        bytemuck::bytes_of_mut(frame).copy_from_slice(bytemuck::bytes_of(self));
        Member::tidy(frame);
        Ok(())
    }

    #[inline]
    fn tidy(frame: &mut T) -> Result<(), Error> {
        Member::tidy(frame);
        Ok(())
    }

    fn load(view: &T) -> Result<T, Error> {
        Ok(*view)
    }

    #[inline]
    fn validate(view: &T) -> Result<(), Error> {
        Member::validate(view)
    }

    #[inline]
    fn write_as(&self, (): &(), frame: &mut [u8]) -> Result<(), Error> {
        self.fill(Self::edit(frame)?)
    }
}

/// Whether the regions of a new frame are zeroed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroRegions {
    /// The regions read as zero until they are written.
    Yes,
    /// The regions hold whatever the ring held: the caller writes them all.
    No,
}
