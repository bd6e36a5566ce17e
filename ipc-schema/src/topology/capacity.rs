//! How large a channel's ring is, and whether its frames fit.

use super::parse::{Capacity, RawChannel};
use super::units::bytes_text;
use crate::model::Class;
use crate::source::{Diagnostics, Span};
use crate::wire::FRAME_LIMIT_BYTES;

/// What a topology must know of rings. `ipc-core` owns these rules: its build fails, or its test does, where they differ.
#[derive(Debug)]
pub struct RingLimits;

impl RingLimits {
    /// The smallest capacity in bytes.
    pub const MIN_CAPACITY: u64 = 4096;
    /// The largest capacity in bytes.
    pub const MAX_CAPACITY: u64 = 1 << 40;
    /// The capacity of a ring for which none is stated.
    pub const DEFAULT_CAPACITY: u64 = 16 << 20;
    /// Slots for dynamic consumers of a ring for which none are stated.
    pub const DEFAULT_DYNAMIC_SLOTS: u32 = 16;
    /// The most slots for dynamic consumers.
    pub const MAX_DYNAMIC_SLOTS: u32 = 1024;
    /// The most reserved consumers.
    pub const MAX_RESERVED: u32 = 256;
    /// The longest name of a reserved consumer.
    pub const MAX_RESERVED_NAME_BYTES: usize = 63;
    /// The longest name of a channel.
    pub const MAX_CHANNEL_NAME_BYTES: usize = 200;

    /// Bytes of the header of a record, publish time included: the controller measures latencies by it.
    const HEADER_BYTES: u64 = 32;
    /// Bytes that must be left for the header of the next record.
    const NEXT_HEADER_BYTES: u64 = 16;
    /// Records start at multiples of this many bytes.
    const RECORD_ALIGN: u64 = 16;

    /// The largest frame of a ring: it, its header and the next one take half of the capacity.
    pub const fn largest_frame(capacity: u64) -> u64 {
        let half = capacity / 2 - Self::NEXT_HEADER_BYTES;
        let most = FRAME_LIMIT_BYTES - Self::HEADER_BYTES;
        (if half < most { half } else { most }) - Self::HEADER_BYTES
    }

    /// The least capacity that has room for so many frames of that size, wherever in the ring they begin.
    fn capacity_for(frames: u64, frame_bytes: u64) -> Option<u64> {
        let stride = frame_bytes.checked_add(Self::HEADER_BYTES)?.checked_next_multiple_of(Self::RECORD_ALIGN)?;
        // One more, since the last one before the end of the body may be padding.
        let together = stride.checked_mul(frames.checked_add(1)?)?.checked_add(Self::NEXT_HEADER_BYTES)?;
        let alone = stride.checked_add(Self::NEXT_HEADER_BYTES)?.checked_mul(2)?;
        let capacity = together.max(alone).max(Self::MIN_CAPACITY).checked_next_power_of_two()?;
        (capacity <= Self::MAX_CAPACITY).then_some(capacity)
    }
}

/// The capacity of a channel's ring and its largest frame; `None` if there is an error. Without a class, which has an error
/// of its own then, what is wrong whatever the class is.
pub(super) fn of(raw: &RawChannel, class: Option<&Class>, diagnostics: &mut Diagnostics) -> Option<(u64, Option<u64>)> {
    let largest = class.and_then(|class| largest_frame(raw, class, diagnostics).ok());
    let capacity = match &raw.capacity {
        None => Some(RingLimits::DEFAULT_CAPACITY),
        Some(stated) => match stated.value {
            Capacity::Bytes(bytes) => in_bytes(bytes, stated.span, diagnostics),
            Capacity::Frames(0) => {
                diagnostics.error(stated.span, "expected at least one frame, found 0");
                None
            }
            Capacity::Frames(frames) => in_frames(frames, stated.span, class?, largest?, diagnostics),
        },
    };
    let (class, largest, capacity) = (class?, largest?, capacity?);
    let (frame, how) = match largest {
        Some(bytes) if class.layout.fixed => (bytes, ""),
        Some(bytes) => (bytes, "up to "),
        None => (class.layout.size.into(), "at least "),
    };
    let most = RingLimits::largest_frame(capacity);
    if frame > most {
        let span = raw.capacity.as_ref().map_or_else(|| raw.name.span, |stated| stated.span);
        let message = format!(
            "a frame of `{}` has {how}{frame} bytes, and a ring of {} takes frames of up to {most}",
            class.name,
            bytes_text(capacity)
        );
        let help = match RingLimits::capacity_for(3, frame)
            .filter(|capacity| RingLimits::largest_frame(*capacity) >= frame)
        {
            Some(capacity) => format!(
                "a frame and its headers take at most half of the ring, and a consumer that holds one while it waits for the \
                 next needs room for three: write `\"capacity\": \"{}\"`",
                bytes_text(capacity)
            ),
            None => "no ring is large enough: pass it in parts".to_owned(),
        };
        diagnostics.error_help(span, message, help);
        return None;
    }
    Some((capacity, largest))
}

/// What is known of the largest frame; an error if more is stated than can be.
fn largest_frame(raw: &RawChannel, class: &Class, diagnostics: &mut Diagnostics) -> Result<Option<u64>, ()> {
    let size = u64::from(class.layout.size);
    match (&raw.largest_frame, class.layout.fixed) {
        (None, true) => Ok(Some(size)),
        (None, false) => Ok(None),
        (Some(stated), true) => {
            let message = format!("every frame of `{}` has {size} bytes: the class is fixed", class.name);
            diagnostics.error_help(stated.span, message, "leave out `largest_frame`");
            Err(())
        }
        (Some(stated), false) if stated.value < size => {
            let message =
                format!("a frame of `{}` has at least {size} bytes, found {}", class.name, bytes_text(stated.value));
            diagnostics.error(stated.span, message);
            Err(())
        }
        (Some(stated), false) => Ok(Some(stated.value)),
    }
}

fn in_bytes(bytes: u64, span: Span, diagnostics: &mut Diagnostics) -> Option<u64> {
    let range = RingLimits::MIN_CAPACITY..=RingLimits::MAX_CAPACITY;
    if bytes.is_power_of_two() && range.contains(&bytes) {
        return Some(bytes);
    }
    let message = format!(
        "expected a power of two from {} to {}, found {}",
        bytes_text(*range.start()),
        bytes_text(*range.end()),
        bytes_text(bytes)
    );
    let near = bytes.clamp(*range.start(), *range.end()).next_power_of_two();
    diagnostics.error_help(span, message, format!("write `\"{}\"`", bytes_text(near)));
    None
}

fn in_frames(
    frames: u64,
    span: Span,
    class: &Class,
    largest: Option<u64>,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let Some(largest) = largest else {
        let message = format!("frames of `{}` differ in size, so a number of them says no capacity", class.name);
        let help = "state `\"largest_frame\": \"…\"` too, or the capacity in bytes";
        diagnostics.error_help(span, message, help);
        return None;
    };
    let capacity = RingLimits::capacity_for(frames, largest);
    if capacity.is_none() {
        let message = format!(
            "{frames} frames of {largest} bytes need more than {}, the largest ring",
            bytes_text(RingLimits::MAX_CAPACITY)
        );
        diagnostics.error(span, message);
    }
    capacity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_for_frames_holds_them_and_half_of_it_holds_one() {
        for frame in [0, 1, 16, 100, 4064, 65_536, 120_000, 1 << 31] {
            for frames in [1, 2, 3, 64] {
                let capacity = RingLimits::capacity_for(frames, frame).unwrap();
                assert!(RingLimits::largest_frame(capacity) >= frame.min(RingLimits::largest_frame(1 << 40)));
                assert!((frame + 32).next_multiple_of(16) * frames + 16 <= capacity, "{frames} of {frame}");
                assert!(capacity.is_power_of_two());
            }
        }
        assert_eq!(RingLimits::capacity_for(u64::MAX, 1), None);
        assert_eq!(RingLimits::capacity_for(1, u64::MAX), None);
        assert_eq!(RingLimits::capacity_for(1 << 30, 1 << 20), None);
    }
}
