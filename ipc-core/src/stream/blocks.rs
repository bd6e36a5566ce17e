//! [`Blocks`]: from blocks to records.

use std::ops::RangeInclusive;

use super::header::{HEADER_BYTES, Header, Kind, MAGIC, foreign};
use crate::content::AlignedBytes;
use crate::ring::layout::MAX_SCHEMA_BYTES;

/// How many records of several blocks may be under way at once: as many as writers write large frames at the same time.
const MOST_UNDER_WAY: usize = 16;

/// Puts records together, those of several writers side by side.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    under_way: Vec<UnderWay>,
}

/// A record whose end has not come yet.
#[derive(Debug)]
struct UnderWay {
    first: Header,
    bytes: AlignedBytes,
}

/// A whole record.
#[derive(Debug)]
pub(super) enum Record {
    /// The class of the frames to come: its fingerprint and its text.
    Class([u8; 16], Vec<u8>),
    /// A frame of the class that is expected.
    Frame(AlignedBytes),
    /// A writer ends the stream.
    End,
}

/// What the front of the input held.
#[derive(Debug)]
pub(super) enum Taken {
    /// A block of that many bytes, and the record that it completes.
    Block(usize, Option<Record>),
    /// Not all of a block: it takes that many bytes.
    Needs(usize),
}

/// The class whose frames are expected, as far as it concerns blocks.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) fingerprint: [u8; 16],
    pub(super) frame_bytes: RangeInclusive<u32>,
}

impl Blocks {
    /// Looks at the block at the front of `input`; an error if there is none. Frames of other classes are left out.
    pub(super) fn take(&mut self, input: &[u8], expected: Option<&Expected>) -> Result<Taken, String> {
        let Some(header) = input.first_chunk() else {
            return foreign(input).map_or(Ok(Taken::Needs(HEADER_BYTES)), Err);
        };
        let header = Header::from_bytes(header)?;
        let end = HEADER_BYTES + header.block_bytes as usize;
        check_length(&header, expected)?;
        let Some(bytes) = input.get(HEADER_BYTES..end) else { return Ok(Taken::Needs(end)) };
        let is_foreign = || expected.is_none_or(|expected| expected.fingerprint != header.fingerprint);
        if header.kind == Kind::Frame && is_foreign() {
            return Ok(Taken::Block(end, None));
        }
        let record = self.bytes_of_record(header, bytes).map(|record| match header.kind {
            Kind::Class => Record::Class(header.fingerprint, record.to_vec()),
            Kind::Frame => Record::Frame(record),
            Kind::End => Record::End,
        });
        Ok(Taken::Block(end, record))
    }

    /// The bytes of the record that this block completes.
    fn bytes_of_record(&mut self, header: Header, bytes: &[u8]) -> Option<AlignedBytes> {
        let index = self.under_way.iter().position(|record| record.first.writer == header.writer);
        if header.offset == 0 {
            // What this writer had under way will not be completed: it gave up, or another process has its number.
            index.map(|index| self.under_way.remove(index));
            if header.is_last() {
                return Some(AlignedBytes::copy_of(bytes));
            }
            if self.under_way.len() == MOST_UNDER_WAY {
                self.under_way.remove(0);
            }
            self.under_way.push(UnderWay { first: header, bytes: AlignedBytes::copy_of(bytes) });
            return None;
        }
        // The rest of a record whose beginning a reader before this one has taken, or that was given up here.
        let index = index?;
        let UnderWay { first, bytes: so_far } = &mut self.under_way[index];
        let follows = header.offset as usize == so_far.len()
            && (header.kind, header.record_bytes, header.fingerprint)
                == (first.kind, first.record_bytes, first.fingerprint);
        if !follows {
            self.under_way.remove(index);
            return None;
        }
        let start = so_far.len();
        so_far.resize(start + bytes.len());
        so_far[start..].copy_from_slice(bytes);
        header.is_last().then(|| self.under_way.remove(index).bytes)
    }

    /// Forgets what was under way: its writers are gone.
    pub(super) fn forget(&mut self) {
        self.under_way.clear();
    }
}

/// Whether a record may be as long as the header says: before anything of it is kept.
fn check_length(header: &Header, expected: Option<&Expected>) -> Result<(), String> {
    let allowed = match (header.kind, expected) {
        (Kind::Class, _) => 1..=MAX_SCHEMA_BYTES as u32,
        (Kind::End, _) => 0..=0,
        (Kind::Frame, Some(expected)) if expected.fingerprint == header.fingerprint => expected.frame_bytes.clone(),
        (Kind::Frame, _) => return Ok(()),
    };
    match allowed.contains(&header.record_bytes) {
        true => Ok(()),
        false => {
            let (least, most, found) = (allowed.start(), allowed.end(), header.record_bytes);
            Err(format!("a record of kind {:?} has {found} bytes: expected {least} to {most}", header.kind))
        }
    }
}

/// Where the next block may begin in bytes that do not begin with one: as many bytes are to be skipped.
pub(super) fn next_block(input: &[u8]) -> usize {
    let later = (1..input.len()).find(|&at| {
        let rest = &input[at..];
        rest.starts_with(&MAGIC) || (rest.len() < MAGIC.len() && MAGIC.starts_with(rest))
    });
    later.unwrap_or(input.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Header =
        Header { kind: Kind::Frame, record_bytes: 6, offset: 0, block_bytes: 6, writer: 1, fingerprint: [7; 16] };

    fn expected() -> Expected {
        Expected { fingerprint: [7; 16], frame_bytes: 4..=u32::MAX }
    }

    /// A block of a frame `text`, with `bytes` of it from `offset` on.
    fn block(writer: u64, text: &str, offset: usize, bytes: usize) -> Vec<u8> {
        let header = Header {
            record_bytes: text.len() as u32,
            offset: offset as u32,
            block_bytes: bytes as u32,
            writer,
            ..WRITER
        };
        [&header.to_bytes(), &text.as_bytes()[offset..offset + bytes]].concat()
    }

    /// The frames in these blocks.
    fn frames(blocks: &[Vec<u8>]) -> Vec<String> {
        let (mut state, mut input, mut frames) = (Blocks::default(), &blocks.concat()[..], Vec::new());
        while let Taken::Block(bytes, record) = state.take(input, Some(&expected())).unwrap() {
            if let Some(Record::Frame(frame)) = record {
                frames.push(String::from_utf8(frame.to_vec()).unwrap());
            }
            input = &input[bytes..];
        }
        assert!(input.is_empty());
        frames
    }

    #[test]
    fn records_of_several_writers_come_side_by_side() {
        let blocks = [
            block(1, "abcdef", 0, 2),
            block(2, "uvwxyz", 0, 3),
            block(3, "small", 0, 5),
            block(1, "abcdef", 2, 2),
            block(2, "uvwxyz", 3, 3),
            block(1, "abcdef", 4, 2),
        ];
        assert_eq!(frames(&blocks), ["small", "uvwxyz", "abcdef"]);
    }

    #[test]
    fn a_record_whose_end_or_beginning_is_missing_is_left_out() {
        assert_eq!(frames(&[block(1, "abcdef", 0, 4), block(1, "uvwxyz", 0, 6)]), ["uvwxyz"]);
        assert_eq!(frames(&[block(1, "abcdef", 4, 2), block(1, "uvwxyz", 0, 6)]), ["uvwxyz"]);
        let gap = [block(1, "abcdef", 0, 2), block(1, "abcdef", 4, 2), block(1, "abcdef", 2, 4)];
        assert!(frames(&gap).is_empty());
        assert!(frames(&[block(1, "abcdef", 0, 2), block(1, "abcdefgh", 2, 6)]).is_empty());
    }

    #[test]
    fn frames_of_another_class_and_wrong_lengths_keep_nothing() {
        let mut blocks = Blocks::default();
        let foreign = Header { fingerprint: [8; 16], record_bytes: u32::MAX, ..WRITER };
        let input = [&foreign.to_bytes()[..], b"abcdef"].concat();
        assert!(matches!(blocks.take(&input, Some(&expected())), Ok(Taken::Block(54, None))));
        assert!(blocks.under_way.is_empty());
        let short = Header { record_bytes: 3, block_bytes: 3, ..WRITER };
        let error = blocks.take(&short.to_bytes(), Some(&expected())).unwrap_err();
        assert_eq!(error, "a record of kind Frame has 3 bytes: expected 4 to 4294967295");
        let class = Header { kind: Kind::Class, record_bytes: u32::MAX, ..WRITER };
        assert!(blocks.take(&class.to_bytes(), None).unwrap_err().starts_with("a record of kind Class has 4294967295"));
    }

    #[test]
    fn records_under_way_are_bounded() {
        let mut state = Blocks::default();
        for writer in 0..1000 {
            state.take(&block(writer, "abcdef", 0, 2), Some(&expected())).unwrap();
        }
        assert_eq!(state.under_way.len(), MOST_UNDER_WAY);
    }

    #[test]
    fn no_bytes_make_it_panic_and_the_next_block_is_found() {
        let whole = block(1, "abcdef", 0, 6);
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = Blocks::default().take(&damaged, Some(&expected()));
            }
            assert!(matches!(Blocks::default().take(&whole[..at], Some(&expected())), Ok(Taken::Needs(_))));
            // Cut inside of its magic, it is none; cut later, only what is behind its header is missing.
            let damaged = [b"x", &whole[..at], &whole].concat();
            assert_eq!(next_block(&damaged), if at < MAGIC.len() { 1 + at } else { 1 });
            assert_eq!(next_block(&[b"\0ipc\0", &whole[..at.min(8)]].concat()), 5);
        }
    }
}
