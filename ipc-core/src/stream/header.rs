//! Every byte of a block's header: the one thing that stands between the frames of a stream.
//!
//! ```text
//!  0  magic         8   "ipcstrm", 1
//!  8  kind          4   1 class, 2 frame, 3 end
//! 12  record_bytes  4   of the whole record
//! 16  offset        4   of this block's bytes in the record
//! 20  block_bytes   4   that follow this header
//! 24  writer        8   any number that no other writer of the stream has
//! 32  fingerprint  16   of the frame's class
//! ```
//!
//! Numbers are little-endian. A record is one block or several, in order. In a pipe a block with its header takes at most
//! 4096 bytes, which Linux writes whole or not at all: so neither a writer that dies nor one that writes at the same time
//! cuts a block, and a record whose end does not come is known by the next block with offset 0 of the same writer.

/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 48;

/// The most that a block takes in a pipe with its header: Linux's `PIPE_BUF`.
pub(super) const PIPE_BLOCK_BYTES: usize = 4096;

/// The first bytes of every block; the last one is the version of the format.
pub(super) const MAGIC: [u8; 8] = *b"ipcstrm\x01";

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The canonical JSON of the class of the frames to come.
    Class = 1,
    /// A frame.
    Frame = 2,
    /// The writer ends the stream.
    End = 3,
}

/// What stands before the bytes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) record_bytes: u32,
    pub(super) offset: u32,
    pub(super) block_bytes: u32,
    pub(super) writer: u64,
    pub(super) fingerprint: [u8; 16],
}

impl Header {
    /// Its bytes.
    pub(super) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&(self.kind as u32).to_le_bytes());
        bytes[12..16].copy_from_slice(&self.record_bytes.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.offset.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.block_bytes.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.writer.to_le_bytes());
        bytes[32..].copy_from_slice(&self.fingerprint);
        bytes
    }

    /// The header in these bytes, or why there is none. What it says of lengths holds together; that the bytes are there is
    /// for the caller to see.
    pub(super) fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Result<Self, String> {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if let Some(reason) = foreign(bytes) {
            return Err(reason);
        }
        let kind = match word(8) {
            1 => Kind::Class,
            2 => Kind::Frame,
            3 => Kind::End,
            other => return Err(format!("a block is of kind {other}: expected 1, 2 or 3")),
        };
        let (record_bytes, offset, block_bytes) = (word(12), word(16), word(20));
        let end = u64::from(offset) + u64::from(block_bytes);
        if end > record_bytes.into() || (block_bytes == 0 && record_bytes > 0) {
            return Err(format!("a block has bytes {offset} to {end} of a record of {record_bytes}"));
        }
        let (low, high) = (word(24), word(28));
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&bytes[32..]);
        let writer = u64::from(high) << 32 | u64::from(low);
        Ok(Self { kind, record_bytes, offset, block_bytes, writer, fingerprint })
    }

    /// Whether the record ends with this block.
    pub(super) fn is_last(&self) -> bool {
        // No overflow: from_bytes() has checked the sum.
        self.offset + self.block_bytes == self.record_bytes
    }
}

/// Why no block begins with these bytes, which may be fewer than a header has; `None` if one may.
pub(super) fn foreign(bytes: &[u8]) -> Option<String> {
    let there = &bytes[..bytes.len().min(MAGIC.len())];
    match MAGIC.starts_with(there) {
        true => None,
        false if there.starts_with(&MAGIC[..7]) => {
            Some(format!("expected blocks of version {}, found version {}", MAGIC[7], there[7]))
        }
        false => Some(format!("expected a block, found {}", shown(&bytes[..bytes.len().min(16)]))),
    }
}

/// Foreign bytes, as far as a line can show them.
pub(super) fn shown(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        kind: Kind::Frame,
        record_bytes: 0x0403_0201,
        offset: 0x100,
        block_bytes: 0x200,
        writer: 0x0807_0605_0403_0201,
        fingerprint: [0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x0f],
    };

    #[test]
    fn every_byte_stands_where_the_contract_says() {
        let bytes = HEADER.to_bytes();
        assert_eq!(
            bytes[..32],
            *b"ipcstrm\x01\x02\0\0\0\x01\x02\x03\x04\0\x01\0\0\0\x02\0\0\x01\x02\x03\x04\x05\x06\x07\x08"
        );
        assert_eq!(bytes[32..], HEADER.fingerprint);
        assert_eq!(Header::from_bytes(&bytes), Ok(HEADER));
    }

    #[test]
    fn what_is_no_header_is_told_apart() {
        let with = |at: usize, byte: u8| {
            let mut bytes = HEADER.to_bytes();
            bytes[at] = byte;
            Header::from_bytes(&bytes).unwrap_err()
        };
        assert!(with(0, b'\n').starts_with("expected a block, found \"\\npcstrm"));
        assert_eq!(with(7, 2), "expected blocks of version 1, found version 2");
        assert_eq!(with(8, 9), "a block is of kind 9: expected 1, 2 or 3");
        assert_eq!(
            with(19, 0xff),
            format!("a block has bytes {0} to {1} of a record of 67305985", 0xff00_0100_u32, 0xff00_0300_u32)
        );
        assert!(Header::from_bytes(&Header { block_bytes: 0, ..HEADER }.to_bytes()).is_err());
    }
}
