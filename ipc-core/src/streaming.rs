//! [`copy_streaming`]: a copy of much data into a frame, past the caches.

use bytemuck::Pod;

/// Copies as `copy_from_slice` does, but past the caches of this core, where the processor can.
///
/// For large regions of a frame that another core will read: its lines then come from memory, which delivers them side by
/// side, and not one after another from this core's caches. Whether that is faster depends on the machine and on which cores the
/// two are; ARCHITECTURE.md, section "Measured", has figures from ten times as fast to two times slower. Measure both.
///
/// ```
/// # ipc_core::schema! { [{ "className": "Picture", "members": [{ "name": "n", "type": "uint32" },
/// #     { "name": "pixels", "type": "array", "size": ["n"], "elem": { "type": "uint8" } }] }] }
/// # let channel: ipc_core::Channel<Picture> = ipc_core::Channel::new("doc-streaming").reserve(&["view"]);
/// # let mut producer = channel.producer()?;
/// # let view = channel.consumer("view")?;
/// let camera = vec![7; 120_000];
/// let mut picture = producer.reserve(PictureDims { n: 120_000 })?;
/// ipc_core::copy_streaming(picture.edit().pixels, &camera);
/// picture.publish()?;
/// # assert_eq!(view.recv()?.view().pixels(), camera);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Panics
///
/// If the lengths differ, as `copy_from_slice` does.
pub fn copy_streaming<T: Pod>(to: &mut [T], from: &[T]) {
    assert_eq!(to.len(), from.len(), "a copy into {} elements from {}", to.len(), from.len());
    let (to, from): (&mut [u8], &[u8]) = (bytemuck::cast_slice_mut(to), bytemuck::cast_slice(from));
    #[cfg(target_arch = "x86_64")]
    lines(to, from);
    #[cfg(not(target_arch = "x86_64"))]
    to.copy_from_slice(from);
}

/// Bytes of a streaming store.
#[cfg(target_arch = "x86_64")]
const STORE: usize = 16;

#[cfg(target_arch = "x86_64")]
fn lines(to: &mut [u8], from: &[u8]) {
    use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_sfence, _mm_stream_si128};

    let before = to.as_ptr().align_offset(STORE).min(to.len());
    let (to_before, to) = to.split_at_mut(before);
    let (from_before, from) = from.split_at(before);
    to_before.copy_from_slice(from_before);
    // Streaming stores are ordered with nothing, neither with what comes before them nor with what comes after. Before them
    // comes the claim (rule 4), without which an observer would believe the bytes that these write over.
    // SAFETY: SSE is part of every x86_64 target.
    unsafe { _mm_sfence() };
    let (mut to, mut from) = (to.chunks_exact_mut(STORE), from.chunks_exact(STORE));
    for (to, from) in to.by_ref().zip(from.by_ref()) {
        // SAFETY: the chunk has STORE bytes.
        let sixteen = unsafe { _mm_loadu_si128(from.as_ptr().cast()) };
        // SAFETY: this one too, and it is STORE-aligned: the first was, and each is as long.
        unsafe { _mm_stream_si128(to.as_mut_ptr().cast::<__m128i>(), sixteen) };
    }
    to.into_remainder().copy_from_slice(from.remainder());
    // After them comes the store that commits the frame.
    // SAFETY: as above.
    unsafe { _mm_sfence() };
}

#[cfg(test)]
mod tests {
    use super::copy_streaming;

    #[test]
    fn a_copy_at_any_place_and_of_any_length_writes_all_of_it_and_nothing_else() {
        let from: Vec<u8> = (0..200).map(|n| n as u8).collect();
        for start in 0..20 {
            for len in 0..100 {
                let mut to = [0xee; 140];
                copy_streaming(&mut to[start..start + len], &from[start..start + len]);
                let expected = |at: usize| if (start..start + len).contains(&at) { from[at] } else { 0xee };
                assert!(to.iter().enumerate().all(|(at, byte)| *byte == expected(at)), "{len} bytes at {start}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a copy into 2 elements from 3")]
    fn lengths_that_differ_are_refused() {
        copy_streaming(&mut [0_u32; 2], &[0; 3]);
    }
}
