//! [`Stamp`]: the member by which the frames of several channels are merged.

use ipc_schema::model::{Class, ClassId, Place, Scalar, Schema, Type};

/// Where a class has its timestamp: a number in the fixed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    offset: u32,
    scalar: Scalar,
    unit: Option<String>,
}

impl Stamp {
    /// The member of that name, or path into nested classes (`head.stamp`); what is wrong with it otherwise.
    pub(super) fn find(schema: &Schema, class: ClassId, path: &str) -> Result<Self, String> {
        let (mut class, mut start) = (&schema[class], 0);
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            let Class { name: class_name, members, .. } = class;
            let found = members.iter().find(|member| member.name == name);
            let member = found.ok_or_else(|| format!("the class {class_name} has no member {name:?}"))?;
            let is_single = member.dims.is_empty() && member.presence_bit.is_none();
            match (member.ty, member.place) {
                (Type::Class(nested), Some(Place { offset, .. })) if is_single && schema[nested].layout.fixed => {
                    (class, start) = (&schema[nested], start + offset);
                }
                (Type::Scalar(scalar), Some(Place { offset, .. }))
                    if is_single && !matches!(scalar, Scalar::Bool | Scalar::Char) && names.peek().is_none() =>
                {
                    return Ok(Self { offset: start + offset, scalar, unit: member.meaning.unit.clone() });
                }
                _ => break,
            }
        }
        Err(format!("the member {path:?} of the class {} is no number that every frame has", class.name))
    }

    /// Why the numbers of two stamps cannot be compared, if they cannot.
    pub(super) fn differs(&self, other: &Self) -> Option<String> {
        let (unit, other_unit) = (&self.unit, &other.unit);
        if unit != other_unit {
            let [unit, other] = [unit, other_unit].map(|unit| unit.as_deref().unwrap_or("none"));
            return Some(format!("its units differ: {unit} and {other}"));
        }
        (is_float(self.scalar) != is_float(other.scalar))
            .then(|| "it is an integer in one and a float in another".to_owned())
    }

    /// The stamp of a frame of that length, as a number that is ordered as the stamps are; `word` gives the eight bytes of the
    /// frame from a multiple of eight on. A frame that is too short, which its reader will refuse, comes before all others.
    pub(super) fn of(&self, len: usize, word: impl FnOnce(usize) -> u64) -> i128 {
        let (offset, size) = (self.offset as usize, self.scalar.size() as usize);
        if offset + size > len {
            return i128::MIN;
        }
        // Naturally aligned, so it does not reach over the end of its word.
        let bits = word(offset / 8 * 8) >> (offset % 8 * 8);
        match self.scalar {
            Scalar::Int8 => i128::from(bits as i8),
            Scalar::Int16 => i128::from(bits as i16),
            Scalar::Int32 => i128::from(bits as i32),
            Scalar::Int64 => i128::from(bits as i64),
            Scalar::Uint8 | Scalar::Bool | Scalar::Char => i128::from(bits as u8),
            Scalar::Uint16 => i128::from(bits as u16),
            Scalar::Uint32 => i128::from(bits as u32),
            Scalar::Uint64 => i128::from(bits),
            Scalar::Float32 => order(f64::from(f32::from_bits(bits as u32))),
            Scalar::Float64 => order(f64::from_bits(bits)),
        }
    }
}

fn is_float(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Float32 | Scalar::Float64)
}

/// An integer for each float, in the order of [`f64::total_cmp`].
fn order(value: f64) -> i128 {
    let bits = value.to_bits() as i64;
    i128::from(if bits < 0 { bits ^ i64::MAX } else { bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: &str = r#"[
        { "className": "Head", "members": [
            { "name": "id", "type": "uint16" }, { "name": "stamp", "type": "int64", "unit": "ns" } ] },
        { "className": "Scan", "members": [
            { "name": "n", "type": "uint32" }, { "name": "time", "type": "float" }, { "name": "head", "type": "Head" },
            { "name": "late", "type": "int64", "optional": true }, { "name": "on", "type": "bool" },
            { "name": "ranges", "type": "array", "size": ["n"], "elem": { "type": "float" } } ] } ]"#;

    fn find(path: &str) -> Result<Stamp, String> {
        let schema = Schema::from_text(CLASSES, "classes").unwrap();
        Stamp::find(&schema, schema.class_id("Scan").unwrap(), path)
    }

    #[test]
    fn a_stamp_is_read_where_the_class_has_it() {
        let mut frame = [0; 64];
        frame[4..8].copy_from_slice(&1.5f32.to_le_bytes());
        frame[16..24].copy_from_slice(&(-7i64).to_le_bytes());
        let word = |at: usize| u64::from_le_bytes(frame[at..at + 8].try_into().unwrap());
        assert_eq!(find("head.stamp").unwrap().of(64, word), -7);
        assert_eq!(find("time").unwrap().of(64, word), order(1.5));
        assert_eq!(find("n").unwrap().of(64, word), 0);
        assert_eq!(find("head.stamp").unwrap().of(23, |_| unreachable!()), i128::MIN);
    }

    #[test]
    fn what_can_be_no_stamp_is_told() {
        assert!(find("stamp").unwrap_err().contains("has no member \"stamp\""));
        for path in ["head", "late", "on", "ranges", "time.x"] {
            assert!(find(path).unwrap_err().contains("no number that every frame has"), "{path}");
        }
        assert!(find("n").unwrap().differs(&find("head.stamp").unwrap()).unwrap().contains("none and ns"));
        assert!(find("n").unwrap().differs(&find("time").unwrap()).unwrap().contains("a float"));
        assert_eq!(find("n").unwrap().differs(&find("n").unwrap()), None);
    }

    #[test]
    fn floats_are_ordered_as_numbers() {
        let sorted = [f64::NEG_INFINITY, -2.0, -1.0, -0.0, 0.0, 1e-300, 1.0, f64::INFINITY];
        assert!(sorted.map(order).is_sorted());
    }
}
