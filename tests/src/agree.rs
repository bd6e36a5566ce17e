//! Generated code against the dynamic encoder and decoder, which share nothing with it but the layout model.

use ipc_core::{AlignedBytes, Class};
use ipc_schema::arbitrary::{self, Choices};
use ipc_schema::model::ClassId;
use ipc_schema::value::{decode, encode};
use ipc_schema::{Schema, canonical};

/// A small generator (xorshift), so that every run draws the same.
pub struct Random(u64);

impl Random {
    /// Draws from this seed on.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        (self.bits() % count.max(1) as u64) as usize
    }

    /// That many bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.bits() >> 32) as u8).collect()
    }
}

/// Holds a generated class against its model: description, values to bytes and back, and damaged frames.
pub fn agree<C: Class>(schema: &Schema, name: &str) {
    let id = schema.class_id(name).unwrap_or_else(|| panic!("no class {name}"));
    assert_eq!(C::DESC.fingerprint, schema[id].fingerprint, "{name}");
    assert_eq!(canonical::of_desc(C::DESC), canonical::of_class(schema, id), "{name}");
    assert_eq!(C::DESC.size, schema[id].layout.size, "{name}");
    assert!(!C::DESC.fixed || size_of::<C>() == C::DESC.size as usize, "{name}: rustc lays it out in another size");
    let mut random = Random::new(name.len() as u64 + u64::from(C::DESC.fingerprint.0[0]));
    for _ in 0..60 {
        let frame = random_frame(&mut random, schema, id);
        round_trip::<C>(name, &frame);
        for _ in 0..5 {
            let damaged = damage(&mut random, &frame);
            same_verdict::<C>(schema, id, &damaged);
        }
    }
    for _ in 0..100 {
        let len = random.below(2 * C::DESC.size as usize + 40);
        let mut bytes = random.bytes(len);
        if random.below(2) == 0 {
            bytes.iter_mut().for_each(|byte| *byte %= 4);
        }
        same_verdict::<C>(schema, id, &bytes);
    }
}

/// Values are drawn until one lies within the bounds of its class.
fn random_frame(random: &mut Random, schema: &Schema, id: ClassId) -> Vec<u8> {
    let mut refused = String::new();
    for _ in 0..1000 {
        let len = random.below(400);
        let bytes = random.bytes(len);
        let value = arbitrary::value(&mut Choices::new(&bytes), schema, id);
        match encode(schema, &schema[id], &value) {
            Ok(frame) => return frame,
            Err(error) => refused = error.to_string(),
        }
    }
    panic!("no value of {} is within its bounds: {refused}", schema[id].name);
}

/// The same bytes come back, also from a buffer that was full of others.
fn round_trip<C: Class>(name: &str, frame: &[u8]) {
    let value = C::from_bytes(frame).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(value.to_bytes().unwrap_or_else(|error| panic!("{name}: {error}")), frame, "{name}");
    let dims = value.dims().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(C::frame_len(&dims).ok(), u32::try_from(frame.len()).ok(), "{name}");
    let mut dirty = AlignedBytes::zeroed(frame.len());
    dirty.fill(0xaa);
    value.write(&mut dirty).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&dirty[..], frame, "{name}");
}

/// A frame with a few bytes changed, or of another length.
pub fn damage(random: &mut Random, frame: &[u8]) -> Vec<u8> {
    let mut damaged = frame.to_vec();
    if damaged.is_empty() || random.below(4) == 0 {
        let len = random.below(frame.len() + 12);
        damaged.resize(len, 1);
        return damaged;
    }
    for _ in 0..1 + random.below(3) {
        let at = random.below(damaged.len());
        damaged[at] = if random.below(2) == 0 { (random.bits() % 9) as u8 } else { (random.bits() >> 32) as u8 };
    }
    damaged
}

/// Both read it as the same value, or both refuse it; likewise when it is written again.
fn same_verdict<C: Class>(schema: &Schema, id: ClassId, frame: &[u8]) {
    let class = &schema[id];
    let expected = decode(schema, class, frame);
    let found = C::from_bytes(frame);
    let context = || format!("{}: {expected:?}, found {:?}\n{frame:?}", class.name, found.as_ref().err());
    assert_eq!(expected.is_ok(), found.is_ok(), "{}", context());
    if let (Ok(expected_value), Ok(value)) = (&expected, &found) {
        let (expected_bytes, bytes) = (encode(schema, class, expected_value), value.to_bytes());
        assert_eq!(
            expected_bytes.is_ok(),
            bytes.is_ok(),
            "{}: {expected_bytes:?} {:?}",
            context(),
            bytes.as_ref().err()
        );
        if let Ok(bytes) = bytes {
            let again = decode(schema, class, &bytes);
            assert_eq!(format!("{again:?}"), format!("{expected:?}"), "{}", context());
        }
    }
}
