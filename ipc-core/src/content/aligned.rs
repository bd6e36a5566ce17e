//! [`AlignedBytes`]: a buffer outside any ring that is aligned as a ring's frames are.

use std::ops::{Deref, DerefMut};

/// Bytes that start 16-aligned, as every frame in a ring does.
#[derive(Debug, Clone, Default)]
pub struct AlignedBytes {
    words: Vec<u128>,
    len: usize,
}

impl AlignedBytes {
    /// That many zero bytes.
    pub fn zeroed(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(size_of::<u128>())], len }
    }

    /// A copy of `bytes`.
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut copy = Self::zeroed(bytes.len());
        copy.copy_from_slice(bytes);
        copy
    }

    /// Makes it that many bytes long; new ones are zero, old allocations are kept.
    pub fn resize(&mut self, len: usize) {
        let kept = self.len.min(len);
        self.words.resize(len.div_ceil(size_of::<u128>()), 0);
        self.len = len;
        self[kept..].fill(0);
    }
}

impl Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

impl DerefMut for AlignedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_bytes_are_zero_after_shrinking_too() {
        let mut bytes = AlignedBytes::copy_of(&[9; 16]);
        bytes.resize(5);
        bytes.resize(40);
        assert_eq!(bytes[..5], [9; 5]);
        assert!(bytes[5..].iter().all(|byte| *byte == 0));
    }
}
