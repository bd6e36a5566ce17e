//! The preamble: what a ring file says of itself before anything else of it is believed.

use ipc_schema::fingerprint::Fingerprint;
use zerocopy::{FromBytes, IntoBytes};

use super::fence::Fence;
use super::layout::{
    ControlHead, FORMAT_VERSION, LINE_BYTES, MAGIC, MAX_CAPACITY, MAX_DYNAMIC, MAX_RESERVED, MAX_SCHEMA_BYTES,
    MIN_CAPACITY, NAME_BYTES, Preamble, REGION_ALIGN, round_up,
};

/// What a ring is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) fence: Fence,
    pub(crate) capacity: u64,
    pub(crate) reserved: Vec<String>,
    pub(crate) dynamic_slots: u32,
    pub(crate) fingerprint: [u8; 16],
    /// Whether the body is a file of its own.
    pub(crate) isolated: bool,
}

/// How long the files of a ring are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) head: u64,
    /// Of the body, if it is a file of its own.
    pub(crate) body: Option<u64>,
}

impl Plan {
    /// Says what is wrong with a user's wishes.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { capacity, reserved, dynamic_slots, .. } = self;
        if !capacity.is_power_of_two() || !(MIN_CAPACITY..=MAX_CAPACITY).contains(capacity) {
            return Err(format!(
                "the capacity is {capacity} bytes: expected a power of two from {MIN_CAPACITY} to {MAX_CAPACITY}, for \
                 example {}",
                capacity.clamp(&MIN_CAPACITY, &MAX_CAPACITY).next_power_of_two()
            ));
        }
        if reserved.len() > MAX_RESERVED as usize {
            return Err(format!("{} reserved consumers: expected at most {MAX_RESERVED}", reserved.len()));
        }
        if *dynamic_slots > MAX_DYNAMIC {
            return Err(format!("{dynamic_slots} dynamic slots: expected at most {MAX_DYNAMIC}"));
        }
        for (index, name) in reserved.iter().enumerate() {
            if name.is_empty() || name.len() >= NAME_BYTES || name.contains('\0') {
                return Err(format!("the reserved name {name:?}: expected 1 to {} bytes without NUL", NAME_BYTES - 1));
            }
            if reserved[..index].contains(name) {
                return Err(format!("the reserved name {name:?} stands twice"));
            }
        }
        Ok(())
    }

    /// Slots of both kinds.
    pub(crate) fn slot_count(&self) -> usize {
        self.reserved.len() + self.dynamic_slots as usize
    }

    /// Bytes of the body region.
    pub(crate) fn body_bytes(&self) -> u64 {
        round_up(self.capacity, REGION_ALIGN)
    }

    /// The preamble region for a checked plan and a schema text of this length.
    pub(crate) fn encode(&self, schema_bytes: u64) -> (Preamble, Vec<u8>) {
        let schema_offset = REGION_ALIGN;
        let control_offset = schema_offset + round_up(schema_bytes, REGION_ALIGN);
        let lines = size_of::<ControlHead>() + self.slot_count() * LINE_BYTES;
        let control_bytes = round_up(lines as u64, REGION_ALIGN);
        let control_end = control_offset + control_bytes;
        // 0 is no place in the file: the preamble is there.
        let body_offset = if self.isolated { 0 } else { control_end };
        let body_in_file = if self.isolated { 0 } else { self.body_bytes() };
        let mut preamble = Preamble {
            magic: MAGIC,
            format_version: FORMAT_VERSION,
            fence_mode: self.fence as u32,
            file_bytes: control_end + body_in_file,
            schema_offset,
            schema_bytes,
            control_offset,
            control_bytes,
            body_offset,
            capacity: self.capacity,
            reserved_slots: self.reserved.len() as u32,
            dynamic_slots: self.dynamic_slots,
            fingerprint: self.fingerprint,
            checksum: [0; 16],
        };
        let mut names = vec![0; self.reserved.len() * NAME_BYTES];
        for (entry, name) in names.chunks_exact_mut(NAME_BYTES).zip(&self.reserved) {
            entry[0] = name.len() as u8;
            entry[1..=name.len()].copy_from_slice(name.as_bytes());
        }
        preamble.checksum = checksum(&preamble, &names);
        let mut region = preamble.as_bytes().to_vec();
        region.extend_from_slice(&names);
        (preamble, region)
    }

    /// Reads a preamble region, and believes it only if a plan of this library would give exactly these bytes.
    pub(crate) fn decode(region: &[u8], lengths: Lengths) -> Result<(Self, Preamble), String> {
        let (found, rest) = Preamble::read_from_prefix(region)
            .map_err(|_| format!("the file ends in its first {} bytes", size_of::<Preamble>()))?;
        if found.magic != MAGIC {
            return Err("it does not begin as a ring does".to_owned());
        }
        if found.format_version != FORMAT_VERSION {
            return Err(format!(
                "it has ring format {}, and this program has {FORMAT_VERSION}: build both from one release",
                found.format_version
            ));
        }
        let names = rest.get(..found.reserved_slots.min(MAX_RESERVED) as usize * NAME_BYTES);
        let names = names.ok_or("the file ends in the names of its reserved slots")?;
        if checksum(&Preamble { checksum: [0; 16], ..found }, names) != found.checksum {
            return Err("its preamble was overwritten: the checksum is wrong".to_owned());
        }
        let name = |entry: &[u8]| {
            let text = entry.get(1..=usize::from(entry[0])).and_then(|text| std::str::from_utf8(text).ok());
            text.map(str::to_owned).ok_or("the name of a reserved slot is no text")
        };
        let plan = Self {
            fence: match found.fence_mode {
                0 => Fence::Symmetric,
                1 => Fence::Asymmetric,
                other => return Err(format!("it has fence mode {other}: expected 0 or 1")),
            },
            capacity: found.capacity,
            reserved: names.chunks_exact(NAME_BYTES).map(name).collect::<Result<_, _>>()?,
            dynamic_slots: found.dynamic_slots,
            fingerprint: found.fingerprint,
            isolated: found.body_offset == 0,
        };
        plan.check()?;
        if found.schema_bytes > MAX_SCHEMA_BYTES {
            return Err(format!("its schema claims {} bytes: expected at most {MAX_SCHEMA_BYTES}", found.schema_bytes));
        }
        // One comparison in place of a check for each field.
        if plan.encode(found.schema_bytes).0 != found {
            return Err("the regions in its preamble do not follow from its sizes".to_owned());
        }
        if lengths.head != found.file_bytes {
            return Err(format!("it has {} bytes, and its preamble says {}", lengths.head, found.file_bytes));
        }
        match (plan.isolated.then(|| plan.body_bytes()), lengths.body) {
            (expected, found) if expected == found => {}
            (Some(expected), Some(found)) => return Err(format!("its body has {found} bytes: expected {expected}")),
            (Some(_), None) => return Err("it is an isolated ring, without its body".to_owned()),
            (None, _) => return Err("its body is not a file of its own: it is no isolated ring".to_owned()),
        }
        Ok((plan, found))
    }
}

fn checksum(preamble: &Preamble, names: &[u8]) -> [u8; 16] {
    Fingerprint::of_bytes(&[preamble.as_bytes(), names].concat()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            fence: Fence::Symmetric,
            capacity: 8192,
            reserved: vec!["filter".into(), "näher".into()],
            dynamic_slots: 3,
            fingerprint: [7; 16],
            isolated: false,
        }
    }

    fn in_one(file_bytes: u64) -> Lengths {
        Lengths { head: file_bytes, body: None }
    }

    #[test]
    fn a_preamble_reads_back() {
        let (preamble, region) = plan().encode(100);
        assert_eq!(Plan::decode(&region, in_one(preamble.file_bytes)), Ok((plan(), preamble)));
    }

    #[test]
    fn an_isolated_ring_and_a_file_are_not_taken_for_each_other() {
        let isolated = Plan { isolated: true, ..plan() };
        let (preamble, region) = isolated.encode(100);
        let lengths = |body| Lengths { head: preamble.file_bytes, body };
        assert_eq!(preamble.file_bytes, plan().encode(100).0.body_offset);
        assert_eq!(Plan::decode(&region, lengths(Some(isolated.body_bytes()))), Ok((isolated.clone(), preamble)));
        for (body, says) in [(Some(4096), "its body has 4096 bytes: expected 65536"), (None, "without its body")] {
            let text = Plan::decode(&region, lengths(body)).unwrap_err();
            assert!(text.contains(says), "{text}");
        }
        let (preamble, region) = plan().encode(100);
        let lengths = Lengths { head: preamble.file_bytes, body: Some(plan().body_bytes()) };
        assert!(Plan::decode(&region, lengths).unwrap_err().contains("no isolated ring"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (preamble, region) = plan().encode(100);
        for index in 0..region.len() {
            let mut changed = region.clone();
            changed[index] ^= 1;
            assert!(Plan::decode(&changed, in_one(preamble.file_bytes)).is_err(), "byte {index}");
        }
    }

    #[test]
    fn every_shorter_file_is_refused() {
        let (preamble, region) = plan().encode(100);
        for bytes in 0..region.len() {
            assert!(Plan::decode(&region[..bytes], in_one(preamble.file_bytes)).is_err(), "{bytes} bytes");
        }
        assert!(Plan::decode(&region, in_one(preamble.file_bytes - 1)).is_err());
    }

    #[test]
    fn wishes_that_cannot_be_are_explained() {
        let wrong = |change: fn(&mut Plan), says: &str| {
            let mut plan = plan();
            change(&mut plan);
            let text = plan.check().unwrap_err();
            assert!(text.contains(says), "{text}");
        };
        wrong(|plan| plan.capacity = 10_000, "for example 16384");
        wrong(|plan| plan.capacity = 0, "power of two");
        wrong(|plan| plan.dynamic_slots = MAX_DYNAMIC + 1, "at most 1024");
        wrong(|plan| plan.reserved = vec!["a".into(), "a".into()], "twice");
        wrong(|plan| plan.reserved = vec![String::new()], "1 to 63 bytes");
    }
}
