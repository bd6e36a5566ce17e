//! Sizes and durations with their units, as a topology writes them.

use std::time::Duration;

const BYTE_UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

const TIME_UNITS_MS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

/// What a size is, for messages.
pub(super) const BYTES: &str = "a size is a number and `B`, `KiB`, `MiB`, `GiB`, `kB`, `MB` or `GB`: `\"16 MiB\"`";

/// What a duration is, for messages.
pub(super) const DURATION: &str = "a duration is a number and `ms`, `s`, `min` or `h`: `\"500 ms\"`";

/// `"16 MiB"` as bytes.
pub(super) fn bytes(text: &str) -> Option<u64> {
    scaled(text, &BYTE_UNITS)
}

/// `"500 ms"`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    scaled(text, &TIME_UNITS_MS).map(Duration::from_millis)
}

/// `"64 frames"`.
pub(super) fn frames(text: &str) -> Option<u64> {
    scaled(text, &[("frames", 1), ("frame", 1)])
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, scale) = units.iter().find(|(name, _)| *name == unit.trim_start_matches(' '))?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

/// A size in the largest binary unit that gives a whole number: `16 MiB`, `120000 B`.
pub fn bytes_text(bytes: u64) -> String {
    let whole = BYTE_UNITS[..4].iter().find(|(_, scale)| bytes > 0 && bytes.is_multiple_of(*scale));
    whole.map_or_else(|| format!("{bytes} B"), |(unit, scale)| format!("{} {unit}", bytes / scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_read_with_their_units_alone() {
        for (text, expected) in
            [("16 MiB", 16 << 20), ("16MiB", 16 << 20), ("120 kB", 120_000), ("4096 B", 4096), ("0 B", 0)]
        {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for text in ["16", "MiB", "16 mib", "16 Mib", "1.5 MiB", "-1 B", "", " 1 B", "1 B ", "99999999999 TiB", "²B"] {
            assert_eq!(bytes(text), None, "{text}");
        }
        assert_eq!(duration("2 min"), Some(Duration::from_secs(120)));
        assert_eq!((duration("500"), frames("64 frames"), frames("64")), (None, Some(64), None));
    }

    #[test]
    fn sizes_are_shown_in_whole_units() {
        for (bytes, shown) in
            [(16 << 20, "16 MiB"), (4096, "4 KiB"), (120_000, "120000 B"), (0, "0 B"), (1 << 40, "1 TiB")]
        {
            assert_eq!(bytes_text(bytes), shown);
        }
    }
}
