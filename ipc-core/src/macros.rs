//! The macros that make types from class descriptions. They only tell the procedural ones where this crate is.

/// Makes types from a JSON file; its path is relative to the directory of the crate's `Cargo.toml`.
///
/// The crate is rebuilt when the file, or one that it imports, is edited. What comes of a class, see
/// [`schema!`](crate::schema).
///
/// Each call makes types of its own, of imported files too. Files that share an import belong in one call,
/// `include_schema!("pose.json", "twist.json")`, or each in a module of its own, with types that are not the same.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! include_schema {
    ($($path:literal),+ $(,)?) => {
        $crate::__private::include_schema! { [$crate] $($path),+ }
    };
}

/// Makes types and ends from the file of an application; its path is relative to the directory of the crate's `Cargo.toml`.
///
/// The whole file is checked when the crate compiles, as `ipc check` does: an error of it is an error of the compiler. The
/// call stands outside of functions, and makes the types of all classes, as [`include_schema!`](crate::include_schema)
/// does, and for each module of the application a module of its name with the struct of its ends:
///
/// ```text
/// pub mod filter {
///     pub struct Ends { pub edges: Producer<Edges>, pub frames: Consumer<VideoFrame> }
///     impl Ends { pub fn open() -> Result<Self, Error> }
/// }
/// ```
///
/// `filter::Ends::open()` opens them all, and makes the rings that are not there, so modules may start in any order. A
/// channel that the module does not have, or another class, does not compile.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! include_topology {
    ($path:literal $(,)?) => {
        $crate::__private::include_topology! { [$crate] $path }
    };
}

/// Makes types from JSON in place. String literals follow Rust's rules for escapes.
///
/// A *fixed* class `C` becomes a plain `repr(C)` struct: the frame is its bytes. Update syntax hides its padding, and an
/// optional member `q` is `value.q()` and `value.set_q(…)`. A *variable* class becomes
///
/// | type | what it is |
/// | --- | --- |
/// | `C` | the owned value, of `Vec`, `String` and `Option` |
/// | `CRef<'a>` | a received frame: a method a member, slices point into the ring |
/// | `CMut<'a>` | a frame that is written in place: a field a member; dimensions are methods, since they are fixed |
/// | `CDims` | what fixes a frame's size: dimensions, lengths in bytes, which optional regions are there |
///
/// An enum becomes a newtype with an associated constant for each value (`InFlight` is `Mode::IN_FLIGHT`), a constant a
/// `u64` in upper case (`Joints` is `JOINTS`, or `JOINTS_` if an enum has that name). In mapped structs a bool is a
/// [`Bool`](crate::Bool), a char a [`Char`](crate::Char). A keyword is raw (`r#type`), or gets an underscore where it
/// cannot be (`self_`); so does a generated method (`set_q`, `name_bytes`, `validate`) whose name a member has.
///
/// ```
/// use ipc_core::Class;
///
/// ipc_core::schema! {
///     { "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Idle": 0, "InFlight": 1 } }],
///       "classes": [
///         { "className": "Vec3", "members": [
///             { "name": "x", "type": "float" }, { "name": "y", "type": "float" }, { "name": "z", "type": "float" }] },
///         { "className": "Cloud", "comment": "one sweep", "members": [
///             { "name": "stamp", "type": "int64", "unit": "ns" },
///             { "name": "mode", "type": "Mode" },
///             { "name": "n", "type": "uint32", "max": 1000 },
///             { "name": "points", "type": "array", "size": ["n"], "elem": { "type": "Vec3" } },
///             { "name": "label", "type": "string", "optional": true }] }] }
/// }
///
/// # fn main() -> Result<(), ipc_core::Error> {
/// let cloud = Cloud { n: 2, points: vec![Vec3 { x: 1.0, ..Default::default() }; 2], ..Default::default() };
/// let bytes = cloud.to_bytes()?;
/// assert_eq!(Cloud::from_bytes(&bytes)?, cloud);
///
/// // In place, as in a ring.
/// let dims = CloudDims { n: 1, label: Some(3), ..Default::default() };
/// let mut frame = ipc_core::AlignedBytes::zeroed(Cloud::frame_len(&dims)? as usize);
/// Cloud::init(&mut frame, &dims, ipc_core::ZeroRegions::Yes)?;
/// let mut writer = Cloud::edit(&mut frame)?;
/// *writer.mode = Mode::IN_FLIGHT;
/// writer.points[0].y = 2.5;
/// writer.label.as_mut().unwrap().copy_from_slice(b"map");
/// let view = Cloud::view(&frame)?;
/// assert_eq!((view.n(), view.points()[0].y, view.label()?), (1, 2.5, Some("map")));
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! schema {
    ($($json:tt)*) => {
        $crate::__private::schema! { [$crate] $($json)* }
    };
}
