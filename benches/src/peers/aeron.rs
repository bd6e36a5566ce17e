//! [Aeron](https://aeron.io) over `aeron:ipc`, by the crate that carries its C client and its C media driver. Payloads are
//! claimed and written in place; those that do not fit into one frame are copied in, cut to frames, and put together again
//! by an assembler. It has batches for receiving alone.
//!
//! The media driver is a thread of side 0's process, on that side's core: of two cores none is left for it. It moves no
//! payload, but tells the sender how far the receiver is.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread::yield_now;

use rusteron_media_driver::{
    Aeron, AeronCError, AeronContext, AeronDriver, AeronDriverContext, AeronExclusivePublication,
    AeronFragmentClosureAssembler, AeronHeader, AeronImage, AeronOfferError, AeronSubscription, Handlers,
};

use super::bytes;
use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;
use crate::payload;
use crate::task::Task;

/// A publication and a subscription.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "Aeron",
        kind: Kind::Peer,
        sides: Sides::Processes,
        buffer: |task| format!("terms of {} B, of which a receiver may be half a one behind", term_bytes(task)),
        run: |side| match side.task.payload_bytes {
            ..=LARGEST_CLAIM => drivers::link::<Claims>(side),
            _ => drivers::link::<Offers>(side),
        },
    }
}

/// Bytes of a frame's header.
const HEADER_BYTES: usize = 32;

/// Bytes of the largest frame, and of the largest that Aeron knows.
const MTU_BYTES: usize = 65_504;

/// Bytes of the largest payload in one frame.
const LARGEST_CLAIM: usize = MTU_BYTES - HEADER_BYTES;

/// A term holds so many messages of the largest size, so that one of 8 MB needs a term of 64 MiB.
const MESSAGES_IN_TERM: usize = 8;

/// A term has at least so many bytes. Streams of 64 B took the same time with 256 KiB and with 64 MiB.
const LEAST_TERM_BYTES: usize = 1 << 20;

/// Bytes of the term that Aeron makes where nobody states another.
const LARGEST_TERM_BYTES: usize = 1 << 26;

/// Bytes of a term: half of one, which is what a receiver may be behind, holds the task's depth.
fn term_bytes(task: &Task) -> usize {
    let payloads = 2 * task.depth * (HEADER_BYTES + task.payload_bytes).next_multiple_of(HEADER_BYTES);
    payloads.max(MESSAGES_IN_TERM * task.payload_bytes).next_power_of_two().clamp(LEAST_TERM_BYTES, LARGEST_TERM_BYTES)
}

/// Where the driver of a run has its files.
fn driver_directory(run: &Path) -> Outcome<CString> {
    Ok(CString::new(run.join("aeron").as_os_str().as_bytes())?)
}

/// Starts the driver, which ends with this process.
fn start_driver(run: &Path) -> Outcome {
    let context = AeronDriverContext::new()?;
    context.set_dir(&driver_directory(run)?)?;
    context.set_ipc_mtu_length(MTU_BYTES)?;
    context.set_term_buffer_sparse_file(false)?;
    AeronDriver::launch_embedded(context, false);
    Ok(())
}

/// A client of the driver, and the names of a link: of its channel, and of its stream.
fn client(end: &End<'_>) -> Outcome<(Aeron, CString, i32)> {
    let context = AeronContext::new()?;
    context.set_dir(&driver_directory(end.directory)?)?;
    context.set_pre_touch_mapped_memory(true)?;
    let client = Aeron::new(&context)?;
    client.start()?;
    let channel = CString::new(format!("aeron:ipc?term-length={}", term_bytes(end.task)))?;
    // The links of a run differ in their names' last words.
    let stream = if end.name.ends_with("there") { 1 } else { 2 };
    Ok((client, channel, stream))
}

/// Tries until there is something. The driver and the client, which make it, may wait for this core.
fn until<T>(mut attempt: impl FnMut() -> Result<Option<T>, AeronCError>) -> Outcome<T> {
    loop {
        if let Some(found) = attempt()? {
            return Ok(found);
        }
        yield_now();
    }
}

/// The publication, once somebody has subscribed.
fn publication(end: &End<'_>) -> Outcome<AeronExclusivePublication> {
    if end.side == 0 {
        start_driver(end.directory)?;
    }
    end.meeting.meet();
    let (client, channel, stream) = client(end)?;
    let adding = client.async_add_exclusive_publication(&channel, stream)?;
    let publication = until(|| adding.poll())?;
    until(|| Ok(publication.is_connected().then_some(())))?;
    end.meeting.meet();
    Ok(publication)
}

/// The subscription, once somebody publishes, and the image of the publication.
fn subscription(end: &End<'_>) -> Outcome<(AeronSubscription, AeronImage)> {
    end.meeting.meet();
    let (client, channel, stream) = client(end)?;
    let adding = client.async_add_subscription(&channel, stream, Handlers::NONE, Handlers::NONE)?;
    let subscription = until(|| adding.poll())?;
    let image = until(|| Ok(subscription.image_at_index(0)))?;
    end.meeting.meet();
    Ok((subscription, image))
}

/// Fails unless it helps to try again. The driver, which makes room, may wait for this core.
#[cold]
fn back_pressed(error: AeronOfferError) -> Outcome {
    if !error.is_retryable() {
        return Err(error.into());
    }
    yield_now();
    Ok(())
}

/// Waits a little for what the other side will send. It may wait itself, for the driver to make room, and so after many looks
/// the driver gets this core.
#[inline(always)]
fn wait(looks: &mut u32) {
    *looks += 1;
    if looks.is_multiple_of(LOOKS) { yield_now() } else { pause() }
}

/// Looks between two times that a receiver gives its core away: far more than a payload needs to come.
const LOOKS: u32 = 1024;

/// Payloads of one frame.
struct Claims;

struct ClaimsTx {
    publication: AeronExclusivePublication,
    payload_bytes: usize,
}

struct ClaimsRx(AeronImage);

impl Link for Claims {
    type Sender = ClaimsTx;
    type Receiver = ClaimsRx;

    fn sender(end: &End<'_>) -> Outcome<ClaimsTx> {
        Ok(ClaimsTx { publication: publication(end)?, payload_bytes: end.task.payload_bytes })
    }

    fn receiver(end: &End<'_>) -> Outcome<ClaimsRx> {
        Ok(ClaimsRx(subscription(end)?.1))
    }
}

impl Sender for ClaimsTx {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        loop {
            match self.publication.try_claim_owned(self.payload_bytes) {
                Ok(mut claim) => {
                    bytes::write(claim.data(), number);
                    claim.commit()?;
                    return Ok(());
                }
                Err(error) => back_pressed(error)?,
            }
        }
    }
}

impl Receiver for ClaimsRx {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        let (mut found, mut looks) = (None, 0);
        loop {
            self.0.poll_fn(|payload: &[u8], _: AeronHeader| found = Some(bytes::read(payload)), 1)?;
            if let Some(found) = found {
                return found;
            }
            wait(&mut looks);
        }
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let (mut next, mut failure, mut looks) = (first, Ok(()), 0);
        while next == first {
            let read = |payload: &[u8], _: AeronHeader| {
                if failure.is_ok() {
                    failure = bytes::read(payload).and_then(|number| payload::expect(next, number));
                }
                next += 1;
            };
            if self.0.poll_fn(read, most)? == 0 {
                wait(&mut looks);
            }
        }
        failure.map(|()| (next - first) as usize)
    }
}

/// Payloads of several frames.
struct Offers;

struct OffersTx {
    publication: AeronExclusivePublication,
    payload: Vec<u8>,
}

struct OffersRx {
    subscription: AeronSubscription,
    assembler: AeronFragmentClosureAssembler,
}

impl Link for Offers {
    type Sender = OffersTx;
    type Receiver = OffersRx;

    fn sender(end: &End<'_>) -> Outcome<OffersTx> {
        Ok(OffersTx { publication: publication(end)?, payload: vec![0; end.task.payload_bytes] })
    }

    fn receiver(end: &End<'_>) -> Outcome<OffersRx> {
        Ok(OffersRx { subscription: subscription(end)?.0, assembler: AeronFragmentClosureAssembler::new()? })
    }
}

impl Sender for OffersTx {
    fn send(&mut self, number: u64) -> Outcome {
        bytes::write(&mut self.payload, number);
        loop {
            match self.publication.offer(&self.payload) {
                Ok(_) => return Ok(()),
                Err(error) => back_pressed(error)?,
            }
        }
    }
}

impl Receiver for OffersRx {
    fn receive(&mut self) -> Outcome<u64> {
        let (mut found, mut looks): (Option<Outcome<u64>>, _) = (None, 0);
        loop {
            // One frame a poll, so that a poll ends with the payload's last one.
            let read = |found: &mut Option<Outcome<u64>>, payload: &[u8], _: AeronHeader| {
                *found = Some(bytes::read(payload));
            };
            if self.assembler.poll(&self.subscription, &mut found, read, 1)? == 0 {
                wait(&mut looks);
            }
            if let Some(found) = found.take() {
                return found;
            }
        }
    }
}
