//! Reading without a slot: rule 4 of ARCHITECTURE.md, section "Protocol".

use super::faults::{Fault, active};
use super::protocol::{Body, Broken, Control, Record, plausible};
use super::reader::Reader;
use super::sync::{AtomicU64, Ordering, fence};

/// What an observer found at its position.
#[derive(Debug)]
pub(crate) enum Observation {
    /// Nothing is committed there yet, or the producer has claimed the place of the newest record again already.
    Nothing,
    /// A record, which may be overwritten at any moment: copy it by relaxed words, then ask [`still_there`]; and the reader
    /// that goes on after it.
    Record(Record, Reader),
    /// The producer has lapped the observer: a newer record is here, or will be.
    Lapped(u64),
}

/// Looks at an observer's next record (rule 4) without moving.
pub(crate) fn observe(control: Control<'_>, body: &impl Body, reader: &Reader) -> Result<Observation, Broken> {
    let ahead = reader.clone();
    let polled = ahead.poll(body);
    if !still_there(control, body, reader.position()) {
        // Where the newest record stands, or if that is claimed over too, where the next one will.
        let line = &control.head.producer;
        for newer in [published(&line.last)?, published(&line.tail)?] {
            if newer > reader.position() {
                return Ok(Observation::Lapped(newer));
            }
        }
        return Ok(Observation::Nothing);
    }
    Ok(match polled? {
        Some(record) => Observation::Record(record, ahead),
        None => Observation::Nothing,
    })
}

/// Whether all that was read at and after `position` before this call was still whole then.
pub(crate) fn still_there(control: Control<'_>, body: &impl Body, position: u64) -> bool {
    if active(Fault::NoClaimCheck) {
        return true;
    }
    // Pairs with the release fence in Writer::make_room: whoever read a byte of a later lap sees its claim.
    fence(Ordering::Acquire);
    control.head.producer.claim.load(Ordering::Relaxed) <= position + body.capacity()
}

/// Where an observer starts: the newest record, or where the first one will be.
pub(crate) fn newest(control: Control<'_>, body: &impl Body) -> Result<u64, Broken> {
    let start = published(&control.head.producer.last)?;
    let (mut reader, mut newest) = (Reader::at(start), start);
    // What was committed after the stored position; a producer that is at work is not run after for ever.
    while newest < start + body.capacity() {
        let here = reader.position();
        match observe(control, body, &reader)? {
            Observation::Record(_, ahead) => (reader, newest) = (ahead, here),
            Observation::Lapped(last) => (reader, newest) = (Reader::at(last), last),
            Observation::Nothing => break,
        }
    }
    Ok(newest)
}

/// A position that the producer's line tells of; records may have followed since.
fn published(position: &AtomicU64) -> Result<u64, Broken> {
    // Pairs with the release stores in Writer::publish.
    let position = position.load(Ordering::Acquire);
    if plausible(position) { Ok(position) } else { Err(format!("the producer's line has position {position}")) }
}
