//! The macros that make types from class descriptions. They only tell the procedural ones where this crate is.

/// Makes types from a JSON file; its path is relative to the directory of the crate's `Cargo.toml`.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! include_schema {
    ($path:literal $(,)?) => {
        $crate::__private::include_schema! { [$crate] $path }
    };
}

/// Makes types from JSON in place: `schema! { [{ "className": "Point", "members": [ … ] }] }`.
///
/// String literals follow Rust's rules for escapes.
#[cfg(feature = "derive")]
#[macro_export]
macro_rules! schema {
    ($($json:tt)*) => {
        $crate::__private::schema! { [$crate] $($json)* }
    };
}
