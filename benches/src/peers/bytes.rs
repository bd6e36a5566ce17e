//! Payloads in messages of bytes, which need not be aligned to words.

use crate::Outcome;
use crate::payload::WORD_BYTES;

/// As [`payload::write`](crate::payload::write).
#[inline(always)]
pub(crate) fn write(bytes: &mut [u8], number: u64) {
    bytes.as_chunks_mut::<WORD_BYTES>().0.fill(number.to_ne_bytes());
}

/// As [`payload::read`](crate::payload::read).
#[inline(always)]
pub(crate) fn read(bytes: &[u8]) -> Outcome<u64> {
    let (words, rest) = bytes.as_chunks();
    let Some(&first) = words.first() else { return Err("a payload without words".into()) };
    let number = u64::from_ne_bytes(first);
    let difference = words.iter().fold(0, |difference, word| difference | (u64::from_ne_bytes(*word) ^ number));
    if difference == 0 && rest.is_empty() {
        Ok(number)
    } else {
        Err(format!("the words of payload {number} differ").into())
    }
}
