//! A ring's file from outside: where things stand in it by the format's description, to look at and to damage. The
//! offsets are written down a second time on purpose: a change of the layout that nobody meant fails here.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of the preamble without names.
pub const PREAMBLE_BYTES: u64 = 112;
const SCHEMA_OFFSET: u64 = 24;
const SCHEMA_BYTES: u64 = 32;
const CONTROL_OFFSET: u64 = 40;
const BODY_OFFSET: u64 = 56;
const CAPACITY: u64 = 64;

/// Places in the control region.
pub mod control {
    /// How far the producer may have written.
    pub const CLAIM: u64 = 0;
    /// Where the next record goes.
    pub const TAIL: u64 = 8;
    /// The newest record.
    pub const LAST: u64 = 16;
    /// Sequence number of the next frame.
    pub const NEXT_SEQUENCE: u64 = 24;
    /// How far the producer may write without looking at the slots.
    pub const LIMIT: u64 = 128;
    /// The producer's state, 32 bits.
    pub const STATE: u64 = 256;
    /// Records before this position are on disk.
    pub const SYNCED: u64 = 264;
    /// Sequence number of the first frame that is not.
    pub const SYNCED_SEQUENCE: u64 = 272;
    /// Dropped frames.
    pub const DROPPED: u64 = 384;
    /// The consumers' wait line: flag and sequence, 32 bits each.
    pub const DATA_WAIT: u64 = 512;
    /// The producer's wait line.
    pub const SPACE_WAIT: u64 = 640;
    /// The boot id.
    pub const BOOT: u64 = 768;

    /// The position of a slot; its state follows, 32 bits.
    pub const fn slot(index: u64) -> u64 {
        896 + 128 * index
    }
}

/// An open ring file.
#[derive(Debug)]
pub struct RingFile {
    file: File,
    /// Where the schema stands.
    pub schema: u64,
    /// Bytes of the schema.
    pub schema_bytes: u64,
    /// Where the control region stands.
    pub control: u64,
    /// Where the body stands.
    pub body: u64,
    /// Bytes of the body.
    pub capacity: u64,
}

impl RingFile {
    /// Opens a whole ring's file.
    pub fn open(path: &Path) -> Self {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let [schema, schema_bytes, control, body, capacity] =
            [SCHEMA_OFFSET, SCHEMA_BYTES, CONTROL_OFFSET, BODY_OFFSET, CAPACITY].map(|offset| u64_at(&file, offset));
        Self { file, schema, schema_bytes, control, body, capacity }
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.file.metadata().unwrap().len()
    }

    /// Cuts the file.
    pub fn truncate(&self, bytes: u64) {
        self.file.set_len(bytes).unwrap();
    }

    /// A number in the control region.
    pub fn get(&self, place: u64) -> u64 {
        u64_at(&self.file, self.control + place)
    }

    /// A 32-bit number in the control region.
    pub fn get_u32(&self, place: u64) -> u32 {
        self.get(place) as u32
    }

    /// Overwrites a 32-bit number in the control region.
    pub fn set_u32(&self, place: u64, value: u32) {
        self.write(self.control + place, &value.to_le_bytes());
    }

    /// Writes a number in the control region.
    pub fn set(&self, place: u64, value: u64) {
        self.write(self.control + place, &value.to_le_bytes());
    }

    /// Writes a record's header.
    pub fn set_header(&self, position: u64, word: u32, kind: u32, sequence: u64) {
        let header = [&word.to_le_bytes()[..], &kind.to_le_bytes(), &sequence.to_le_bytes()].concat();
        self.write(self.body + position % self.capacity, &header);
    }

    /// The byte at a place of the file.
    pub fn byte(&self, offset: u64) -> u8 {
        let mut byte = [0];
        self.file.read_exact_at(&mut byte, offset).unwrap();
        byte[0]
    }

    /// Writes anywhere in the file.
    pub fn write(&self, offset: u64, bytes: &[u8]) {
        self.file.write_all_at(bytes, offset).unwrap();
    }
}

fn u64_at(file: &File, offset: u64) -> u64 {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, offset).unwrap();
    u64::from_le_bytes(bytes)
}
