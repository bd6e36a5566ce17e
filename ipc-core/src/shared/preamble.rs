//! The preamble: what a file of shared state says of itself before anything else of it is believed.

use ipc_schema::fingerprint::Fingerprint;
use zerocopy::{FromBytes, IntoBytes};

use super::layout::{FORMAT_VERSION, Head, MAGIC, MAX_VALUE_BYTES, Preamble, stride};
use crate::ring::fence::Fence;
use crate::ring::layout::{MAX_SCHEMA_BYTES, REGION_ALIGN, round_up};

/// What shared state is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) fence: Fence,
    pub(super) value_bytes: u64,
    pub(super) fingerprint: [u8; 16],
    pub(super) boot_id: [u64; 2],
}

impl Plan {
    /// Bytes of the state region.
    pub(super) fn state_bytes(&self) -> u64 {
        size_of::<Head>() as u64 + 2 * stride(self.value_bytes)
    }

    /// The preamble for a schema text of this length.
    pub(super) fn encode(&self, schema_bytes: u64) -> Preamble {
        let schema_offset = REGION_ALIGN;
        let state_offset = schema_offset + round_up(schema_bytes, REGION_ALIGN);
        let mut preamble = Preamble {
            magic: MAGIC,
            format_version: FORMAT_VERSION,
            fence_mode: self.fence as u32,
            file_bytes: state_offset + round_up(self.state_bytes(), REGION_ALIGN),
            schema_offset,
            schema_bytes,
            state_offset,
            value_bytes: self.value_bytes,
            boot_id: self.boot_id,
            fingerprint: self.fingerprint,
            checksum: [0; 16],
        };
        preamble.checksum = checksum(&preamble);
        preamble
    }

    /// Reads a preamble, and believes it only if a plan of this library would give exactly these bytes.
    pub(super) fn decode(region: &[u8], file_bytes: u64) -> Result<(Self, Preamble), String> {
        let found = Preamble::read_from_bytes(region)
            .map_err(|_| format!("the file ends in its first {} bytes", size_of::<Preamble>()))?;
        if found.magic != MAGIC {
            return Err("it does not begin as shared state does".to_owned());
        }
        if found.format_version != FORMAT_VERSION {
            return Err(format!(
                "it has format {}, and this program has {FORMAT_VERSION}: build both from one release",
                found.format_version
            ));
        }
        if checksum(&Preamble { checksum: [0; 16], ..found }) != found.checksum {
            return Err("its preamble was overwritten: the checksum is wrong".to_owned());
        }
        let fence = match found.fence_mode {
            0 => Fence::Symmetric,
            1 => Fence::Asymmetric,
            other => return Err(format!("it has fence mode {other}: expected 0 or 1")),
        };
        if found.schema_bytes > MAX_SCHEMA_BYTES || found.value_bytes > MAX_VALUE_BYTES {
            return Err(format!(
                "its schema claims {} bytes and its value {}: expected at most {MAX_SCHEMA_BYTES} and {MAX_VALUE_BYTES}",
                found.schema_bytes, found.value_bytes
            ));
        }
        let Preamble { value_bytes, fingerprint, boot_id, .. } = found;
        let plan = Self { fence, value_bytes, fingerprint, boot_id };
        // One comparison in place of a check for each field.
        if plan.encode(found.schema_bytes) != found {
            return Err("the regions in its preamble do not follow from its sizes".to_owned());
        }
        if file_bytes != found.file_bytes {
            return Err(format!("it has {file_bytes} bytes, and its preamble says {}", found.file_bytes));
        }
        Ok((plan, found))
    }
}

fn checksum(preamble: &Preamble) -> [u8; 16] {
    Fingerprint::of_bytes(preamble.as_bytes()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan { fence: Fence::Symmetric, value_bytes: 264, fingerprint: [7; 16], boot_id: [1, 2] }
    }

    #[test]
    fn a_preamble_reads_back() {
        let preamble = plan().encode(100);
        assert_eq!(Plan::decode(preamble.as_bytes(), preamble.file_bytes), Ok((plan(), preamble)));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let preamble = plan().encode(100);
        for index in 0..size_of::<Preamble>() {
            let mut changed = preamble.as_bytes().to_vec();
            changed[index] ^= 1;
            assert!(Plan::decode(&changed, preamble.file_bytes).is_err(), "byte {index}");
        }
    }

    #[test]
    fn a_file_of_another_length_is_refused() {
        let preamble = plan().encode(100);
        let bytes = preamble.as_bytes();
        assert!(Plan::decode(bytes, preamble.file_bytes - 1).is_err());
        assert!((0..bytes.len()).all(|len| Plan::decode(&bytes[..len], preamble.file_bytes).is_err()));
    }
}
