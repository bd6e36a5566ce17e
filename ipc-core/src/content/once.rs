//! [`once`]: a read that the compiler does not repeat.

use bytemuck::Pod;

/// The value at a place that another process may write to, read once: what was checked is what is used.
#[inline]
pub fn once<T: Pod>(place: &T) -> T {
    // SAFETY: a reference is valid for reads and aligned, and any bytes are a `T`, because it is Pod.
    unsafe { std::ptr::from_ref(place).read_volatile() }
}
