//! Fingerprints: a hash of a class's canonical form that two programs compare before they exchange a frame.
//!
//! A fingerprint is SHA-256, truncated to its first 128 bits, of this text (`·` is one space, every line ends with `\n`):
//!
//! ```text
//! ipc·RULES_VERSION                             the version of the wire rules
//! class·LEN:NAMESPACE·LEN:NAME
//! member·LEN:NAME·TYPE[·[DIM]…][·optional][·unit·LEN:UNIT][·elem·unit·LEN:UNIT]       one line a member, in order
//! ```
//!
//! `LEN:` is the length of what follows in bytes, decimal, so no name or unit can be taken for something else. A `DIM` is
//! the canonical text of a size expression ([`Expr`](crate::expr::Expr)). A `TYPE` is
//!
//! ```text
//! int32                                         a scalar by its one spelling; string; bytes
//! enum·LEN:NAME·BASE{LEN:NAME=VALUE,…}          values in ascending order, since the order of JSON keys means nothing
//! class·HEX                                     a nested class by its own fingerprint
//! ```
//!
//! An empty unit is none. Comments, defaults, bounds, `since` and `deprecated` are not in it. [`Canonical`] is the one writer of this text: the
//! checked model and the constant descriptions of a derive both drive it, so they cannot drift apart.

use crate::desc::{DimDesc, MemberDesc, TypeDesc};
use crate::model::{Member, Scalar, Schema, Type};
use crate::sha256::Sha256;
use crate::wire;

/// SHA-256 of a class's canonical form, truncated to its first 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fingerprint {
    /// The same hash over any bytes.
    pub const fn of_bytes(bytes: &[u8]) -> Self {
        Canonical { hash: Sha256::new().update(bytes) }.finish()
    }

    /// The fingerprint of a class that is known as constant data only.
    pub const fn of(namespace: &str, name: &str, members: &[MemberDesc]) -> Self {
        let mut text = Canonical::class(namespace, name);
        let mut i = 0;
        while i < members.len() {
            text = text.constant_member(&members[i]);
            i += 1;
        }
        text.finish()
    }
}

/// Writes the canonical text of one class into a hash, member by member.
#[derive(Clone, Copy)]
pub(crate) struct Canonical {
    hash: Sha256,
}

impl Canonical {
    pub(crate) const fn class(namespace: &str, name: &str) -> Self {
        let start = Self { hash: Sha256::new() };
        start
            .text("ipc ")
            .number(wire::RULES_VERSION as u64)
            .text("\nclass ")
            .name(namespace)
            .text(" ")
            .name(name)
            .text("\n")
    }

    const fn member(self, name: &str) -> Self {
        self.text("member ").name(name).text(" ")
    }

    const fn scalar(self, scalar: Scalar) -> Self {
        self.text(scalar.name())
    }

    const fn string(self) -> Self {
        self.text("string")
    }

    const fn bytes(self) -> Self {
        self.text("bytes")
    }

    /// `values` in any order; the text has them by ascending value (values are unique).
    const fn enumeration(self, name: &str, base: Scalar, values: &[(&str, i128)]) -> Self {
        let mut text = self.text("enum ").name(name).text(" ").text(base.name()).text("{");
        let ascending = is_ascending(values);
        let mut least = i128::MIN;
        let mut written = 0;
        while written < values.len() {
            let (name, value) = if ascending { values[written] } else { next_value(values, least) };
            if written > 0 {
                text = text.text(",");
            }
            text = text.name(name).text("=").signed(value);
            least = value + 1;
            written += 1;
        }
        text.text("}")
    }

    const fn nested(self, class: Fingerprint) -> Self {
        let mut text = self.text("class ");
        let mut i = 0;
        while i < class.0.len() {
            let hex = b"0123456789abcdef";
            text.hash = text.hash.update(&[hex[(class.0[i] >> 4) as usize], hex[(class.0[i] & 15) as usize]]);
            i += 1;
        }
        text
    }

    const fn dim(self, canonical: &str) -> Self {
        self.text(" [").text(canonical).text("]")
    }

    /// Ends the member's line.
    const fn end_member(self, optional: bool, unit: Option<&str>, elem_unit: Option<&str>) -> Self {
        let mut text = self;
        if optional {
            text = text.text(" optional");
        }
        if let Some(unit) = unit
            && !unit.is_empty()
        {
            text = text.text(" unit ").name(unit);
        }
        if let Some(unit) = elem_unit
            && !unit.is_empty()
        {
            text = text.text(" elem unit ").name(unit);
        }
        text.text("\n")
    }

    pub(crate) const fn finish(self) -> Fingerprint {
        let hash = self.hash.finish();
        let mut truncated = [0; 16];
        let mut i = 0;
        while i < truncated.len() {
            truncated[i] = hash[i];
            i += 1;
        }
        Fingerprint(truncated)
    }

    /// A whole member of the model.
    pub(crate) fn model_member(self, member: &Member, schema: &Schema) -> Self {
        let text = self.member(&member.name);
        let text = match member.ty {
            Type::Scalar(scalar) => text.scalar(scalar),
            Type::String => text.string(),
            Type::Bytes => text.bytes(),
            Type::Enum(id) => {
                let mut values: Vec<_> =
                    schema[id].values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
                values.sort_unstable_by_key(|(_, value)| *value);
                text.enumeration(&schema[id].name, schema[id].base, &values)
            }
            Type::Class(id) => text.nested(schema[id].fingerprint),
        };
        let text = member.dims.iter().fold(text, |text, dim| text.dim(dim.canonical()));
        let (unit, elem_unit) = (member.meaning.unit.as_deref(), member.elem_meaning.unit.as_deref());
        text.end_member(member.presence_bit.is_some(), unit, elem_unit)
    }

    /// The same for constant data.
    const fn constant_member(self, member: &MemberDesc) -> Self {
        let text = self.member(member.name);
        let mut text = match &member.ty {
            TypeDesc::Scalar(scalar) => text.scalar(*scalar),
            TypeDesc::String => text.string(),
            TypeDesc::Bytes => text.bytes(),
            TypeDesc::Enum(desc) => text.enumeration(desc.name, desc.base, desc.values),
            TypeDesc::Class(desc) => text.nested(desc.fingerprint),
        };
        let mut i = 0;
        while i < member.dims.len() {
            text = match &member.dims[i] {
                DimDesc::Constant(value) => text.text(" [").number(*value).text("]"),
                DimDesc::ConstantExpr { canonical, .. } | DimDesc::Expr(canonical) => text.dim(canonical),
            };
            i += 1;
        }
        text.end_member(member.optional, member.meaning.unit, member.elem_meaning.unit)
    }

    const fn name(self, name: &str) -> Self {
        self.number(name.len() as u64).text(":").text(name)
    }

    const fn signed(self, value: i128) -> Self {
        let sign = if value < 0 { "-" } else { "" };
        self.text(sign).number(value.unsigned_abs() as u64)
    }

    const fn number(mut self, value: u64) -> Self {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.hash = self.hash.update(digits.split_at(start).1);
        self
    }

    const fn text(mut self, text: &str) -> Self {
        self.hash = self.hash.update(text.as_bytes());
        self
    }
}

const fn is_ascending(values: &[(&str, i128)]) -> bool {
    let mut i = 1;
    while i < values.len() {
        if values[i - 1].1 >= values[i].1 {
            return false;
        }
        i += 1;
    }
    true
}

/// The value that is at least `least`, and least.
const fn next_value<'v>(values: &[(&'v str, i128)], least: i128) -> (&'v str, i128) {
    let mut next = ("", i128::MAX - 1);
    let mut i = 0;
    while i < values.len() {
        if values[i].1 >= least && values[i].1 < next.1 {
            next = values[i];
        }
        i += 1;
    }
    next
}
