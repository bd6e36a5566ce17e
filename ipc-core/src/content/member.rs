//! [`Member`]: the types that may stand in a mapped struct.

use std::fmt::Debug;

use bytemuck::Pod;
use ipc_schema::desc::TypeDesc;
use ipc_schema::model::Scalar;

use crate::error::Error;
use crate::scalar::{Bool, Char};

/// A type of constant size that may be a member of a class: a scalar, an enum or a plain class.
///
/// The macros implement it for enums and plain classes; any bit pattern is a valid value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a member of a frame",
    label = "not a scalar, an enum of a schema, or a plain class",
    note = "a nested struct needs `#[derive(Clone, Copy, Frame)]` and `#[repr(C)]`; if it has strings, bytes or `Vec`s, \
            mark the member `#[frame(variable)]`"
)]
pub trait Member: Pod + Debug {
    /// What it is in a class description.
    const TYPE: TypeDesc;

    /// Whether `tidy` has anything to do.
    #[doc(hidden)]
    const TIDY: bool = false;

    /// Whether `validate` has anything to do.
    #[doc(hidden)]
    const CHECKED: bool = false;

    /// Whether there are presence bits inside.
    #[doc(hidden)]
    const OPTIONAL: bool = false;

    /// Makes all bytes those that the wire rules ask of a writer.
    #[doc(hidden)]
    fn tidy(&mut self) {}

    /// Makes every optional member absent.
    #[doc(hidden)]
    fn clear_presence(&mut self) {}

    /// Checks `min` and `max` of all that is inside.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! scalars {
    ($($rust:ty => $scalar:ident),* $(,)?) => {
        $(impl Member for $rust {
            const TYPE: TypeDesc = TypeDesc::Scalar(Scalar::$scalar);
        })*
    };
}

scalars! {
    i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
    u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64,
    f32 => Float32, f64 => Float64, Char => Char,
}

impl Member for Bool {
    const TYPE: TypeDesc = TypeDesc::Scalar(Scalar::Bool);
    const TIDY: bool = true;

    fn tidy(&mut self) {
        *self = Self::new(self.get());
    }
}
