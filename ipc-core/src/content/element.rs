//! [`Element`]: what may fill a region by itself or stand in an array of variable elements: text, blobs, and variable
//! classes. A generated class says `one::<Text>` or `list::<Cloud>`, and the rest follows.

use ipc_schema::wire::body_align;

use crate::class::Class;
use crate::content::{Builder, Purpose, Site};
use crate::error::Error;

/// A kind of variable size.
pub trait Element: 'static {
    /// A value of its own.
    type Owned: Sized;
    /// Checked bytes, or a checked view.
    type Raw<'a>: Copy;
    /// What a reader gets.
    type Item<'a>;
    /// The writer in place.
    type Mut<'a>;
    /// What fixes its size.
    type Dims: Clone;
    /// Where it starts in an array of variable elements.
    const ALIGN: u32;
    /// Whether `tidy` has anything to do.
    const TIDY: bool = false;
    /// Whether `validate` has anything to do.
    const CHECKED: bool = false;

    /// Checks all but what `item` checks.
    fn raw(bytes: &[u8], site: Site, max_bytes: u64) -> Result<Self::Raw<'_>, Error>;
    /// From checked bytes to what a reader gets.
    fn item<'a>(raw: Self::Raw<'a>, site: Site) -> Result<Self::Item<'a>, Error>;
    /// The writer over a region.
    fn edit(bytes: &mut [u8]) -> Result<Self::Mut<'_>, Error>;
    /// Lays one out at the builder's position.
    fn build<P: Purpose>(dims: &Self::Dims, builder: &mut Builder<P>, site: Site, max_bytes: u64) -> Result<(), Error>;
    /// Makes all bytes those that the wire rules ask of a writer.
    fn tidy(_: Self::Mut<'_>) -> Result<(), Error> {
        Ok(())
    }
    /// What fixes the size of a value.
    fn dims(owned: &Self::Owned, site: Site) -> Result<Self::Dims, Error>;
    /// Copies a value into its place.
    fn fill(owned: &Self::Owned, place: Self::Mut<'_>, site: Site) -> Result<(), Error>;
    /// Copies a value out of its place.
    fn load(raw: Self::Raw<'_>, site: Site) -> Result<Self::Owned, Error>;
    /// Checks `min` and `max` inside.
    fn validate(_: Self::Raw<'_>, _: Site) -> Result<(), Error> {
        Ok(())
    }
}

impl<C: Class> Element for C {
    type Owned = C;
    type Raw<'a> = C::Ref<'a>;
    type Item<'a> = C::Ref<'a>;
    type Mut<'a> = C::Mut<'a>;
    type Dims = C::Dims;
    const ALIGN: u32 = body_align(true);
    const TIDY: bool = C::TIDY;
    const CHECKED: bool = C::CHECKED;

    #[inline]
    fn raw(bytes: &[u8], site: Site, _: u64) -> Result<C::Ref<'_>, Error> {
        site.inside(C::view(bytes))
    }

    #[inline]
    fn item<'a>(raw: C::Ref<'a>, _: Site) -> Result<C::Ref<'a>, Error> {
        Ok(raw)
    }

    #[inline]
    fn edit(bytes: &mut [u8]) -> Result<C::Mut<'_>, Error> {
        C::edit(bytes)
    }

    #[inline]
    fn build<P: Purpose>(dims: &C::Dims, builder: &mut Builder<P>, site: Site, _: u64) -> Result<(), Error> {
        site.inside(C::build(dims, builder))
    }

    fn tidy(place: C::Mut<'_>) -> Result<(), Error> {
        C::tidy(place)
    }

    #[inline]
    fn dims(owned: &C, site: Site) -> Result<C::Dims, Error> {
        site.inside(owned.dims())
    }

    #[inline]
    fn fill(owned: &C, place: C::Mut<'_>, site: Site) -> Result<(), Error> {
        site.inside(owned.fill(place))
    }

    fn load(raw: C::Ref<'_>, site: Site) -> Result<C, Error> {
        site.inside(C::load(raw))
    }

    fn validate(raw: C::Ref<'_>, site: Site) -> Result<(), Error> {
        site.inside(C::validate(raw))
    }
}

/// The element kind of `bytes`.
#[derive(Debug, Clone, Copy)]
pub enum Blob {}

impl Element for Blob {
    type Owned = Vec<u8>;
    type Raw<'a> = &'a [u8];
    type Item<'a> = &'a [u8];
    type Mut<'a> = &'a mut [u8];
    type Dims = u32;
    const ALIGN: u32 = body_align(false);

    #[inline]
    fn raw(bytes: &[u8], site: Site, max_bytes: u64) -> Result<&[u8], Error> {
        site.check_len(bytes.len() as u64, max_bytes)?;
        Ok(bytes)
    }

    #[inline]
    fn item<'a>(raw: Self::Raw<'a>, _: Site) -> Result<Self::Item<'a>, Error> {
        Ok(raw)
    }

    #[inline]
    fn edit(bytes: &mut [u8]) -> Result<&mut [u8], Error> {
        Ok(bytes)
    }

    #[inline]
    fn build<P: Purpose>(len_bytes: &u32, builder: &mut Builder<P>, site: Site, max_bytes: u64) -> Result<(), Error> {
        site.check_len(u64::from(*len_bytes), max_bytes)?;
        builder.region(u64::from(*len_bytes), site)
    }

    #[inline]
    fn dims(owned: &Vec<u8>, _: Site) -> Result<u32, Error> {
        Ok(len_u32(owned.len()))
    }

    #[inline]
    fn fill(owned: &Vec<u8>, place: &mut [u8], site: Site) -> Result<(), Error> {
        site.copy(owned, place)
    }

    fn load(raw: &[u8], _: Site) -> Result<Vec<u8>, Error> {
        Ok(raw.to_vec())
    }
}

/// The element kind of `string`: bytes that are checked for UTF-8 when they are read as text.
#[derive(Debug, Clone, Copy)]
pub enum Text {}

impl Element for Text {
    type Owned = String;
    type Raw<'a> = &'a [u8];
    type Item<'a> = &'a str;
    type Mut<'a> = &'a mut [u8];
    type Dims = u32;
    const ALIGN: u32 = body_align(false);

    #[inline]
    fn raw(bytes: &[u8], site: Site, max_bytes: u64) -> Result<&[u8], Error> {
        Blob::raw(bytes, site, max_bytes)
    }

    #[inline]
    fn item<'a>(raw: Self::Raw<'a>, site: Site) -> Result<Self::Item<'a>, Error> {
        std::str::from_utf8(raw).map_err(|why| {
            let problem = format!("expected UTF-8, found an invalid sequence at byte {}", why.valid_up_to());
            site.error(problem)
        })
    }

    #[inline]
    fn edit(bytes: &mut [u8]) -> Result<&mut [u8], Error> {
        Ok(bytes)
    }

    #[inline]
    fn build<P: Purpose>(len_bytes: &u32, builder: &mut Builder<P>, site: Site, max_bytes: u64) -> Result<(), Error> {
        Blob::build(len_bytes, builder, site, max_bytes)
    }

    #[inline]
    fn dims(owned: &String, _: Site) -> Result<u32, Error> {
        Ok(len_u32(owned.len()))
    }

    #[inline]
    fn fill(owned: &String, place: &mut [u8], site: Site) -> Result<(), Error> {
        site.copy(owned.as_bytes(), place)
    }

    fn load(raw: &[u8], site: Site) -> Result<String, Error> {
        Self::item(raw, site).map(str::to_owned)
    }
}

/// A length that no frame can hold stays one that no frame can hold.
#[inline]
fn len_u32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
