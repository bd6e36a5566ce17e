//! Frames whose every byte follows from their sequence number, so that whoever receives one knows what it must hold.

use std::sync::LazyLock;

use ipc_core::{Error, Frame, Producer};

use crate::{Parcel, ParcelDims};

/// Bytes of a parcel's fixed part.
const FIXED_BYTES: u64 = 24;

/// Bytes of two record headers without publish time: what a frame shares half of the capacity with.
const HEADERS_BYTES: u64 = 32;

/// Bytes that the data of parcels is cut from: 64 KiB, enough for rings of twice that capacity.
static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| (0..8 << 10).flat_map(|i| mix(i).to_le_bytes()).collect());

/// The most data that a parcel in a ring of this capacity can have.
pub fn largest(capacity: u64) -> u64 {
    capacity / 2 - HEADERS_BYTES - FIXED_BYTES
}

/// The parcel of this sequence number: mostly small, now and then empty, large, or the largest.
pub fn parcel(sequence: u64, capacity: u64) -> Parcel {
    let noise = mix(sequence);
    let n = match noise % 256 {
        0..4 => 0,
        4 => largest(capacity),
        5..9 => (noise >> 8) % (largest(capacity) + 1),
        _ => (noise >> 8) % 97,
    };
    let start = (noise >> 32) as usize % 4096;
    let data = NOISE[start..start + n as usize].to_vec();
    Parcel { stamp: sequence, n: n as u32, data, seal: mix(sequence ^ n) }
}

/// Sends the next parcel, by value and in place in turns.
pub fn send(producer: &mut Producer<Parcel>, capacity: u64) -> Result<u64, Error> {
    let sequence = producer.next_sequence();
    let parcel = parcel(sequence, capacity);
    if sequence.is_multiple_of(2) {
        return producer.send(&parcel);
    }
    let mut reservation = producer.reserve(ParcelDims { n: parcel.n })?;
    let frame = reservation.edit();
    *frame.stamp = parcel.stamp;
    *frame.seal = parcel.seal;
    frame.data.copy_from_slice(&parcel.data);
    reservation.publish()
}

/// Compares every byte of a received frame with what its sequence number says.
///
/// # Panics
///
/// If one differs.
pub fn check(frame: &Frame<'_, Parcel>, capacity: u64) {
    let expected = parcel(frame.sequence(), capacity);
    let view = frame.view();
    assert_eq!((view.stamp(), view.n()), (expected.stamp, expected.n), "frame {}", frame.sequence());
    assert!(view.data() == expected.data, "the data of frame {}", frame.sequence());
    assert!(frame.bytes() == expected.to_bytes().unwrap(), "the bytes of frame {}", frame.sequence());
}

/// SplitMix64's output function.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
