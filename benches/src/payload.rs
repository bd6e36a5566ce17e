//! What every contender carries: words that all hold the payload's number. Writing one stores every word, reading one
//! loads every word, so that no contender can win by leaving the payload alone.

use crate::Outcome;

/// Bytes of a word.
pub(crate) const WORD_BYTES: usize = size_of::<u64>();

/// Stores the number to every word.
#[inline(always)]
pub(crate) fn write(words: &mut [u64], number: u64) {
    words.fill(number);
}

/// Loads every word, and gives the number that they all hold.
///
/// # Errors
///
/// If they differ: the payload was torn, or is another one than was sent.
#[inline(always)]
pub(crate) fn read(words: &[u64]) -> Outcome<u64> {
    let Some(&number) = words.first() else { return Err("a payload without words".into()) };
    // Without an early exit, so that the loop is one of vectors.
    let difference = words.iter().fold(0, |difference, word| difference | (word ^ number));
    if difference == 0 { Ok(number) } else { Err(torn(number)) }
}

/// Fails unless the number that came is the one that was due.
#[inline(always)]
pub(crate) fn expect(due: u64, came: u64) -> Outcome {
    if came == due { Ok(()) } else { Err(format!("payload {due} was due, and {came} came").into()) }
}

#[cold]
fn torn(number: u64) -> crate::Failure {
    format!("the words of payload {number} differ").into()
}
