//! [iceoryx2](https://docs.rs/iceoryx2), publish and subscribe: samples are loaned, written in place, and read in place. Safe
//! overflow is off and a publisher that finds the buffer full tries again, so nothing is lost. iceoryx2 has nothing for
//! batches.

use std::fmt::Debug;
use std::os::unix::ffi::OsStrExt;

use iceoryx2::port::publisher::Publisher;
use iceoryx2::port::subscriber::Subscriber;
use iceoryx2::prelude::*;
use iceoryx2::service::builder::publish_subscribe::Builder;

use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;
use crate::payload;

/// Services of arrays, and of slices.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "iceoryx2",
        kind: Kind::Peer,
        sides: Sides::Processes,
        buffer: |task| format!("subscriber's buffer of {} samples", task.depth),
        run: |side| match side.task.payload_bytes {
            48 => drivers::link::<Arrays<6>>(side),
            64 => drivers::link::<Arrays<8>>(side),
            _ => drivers::link::<Slices>(side),
        },
    }
}

/// The service of a link, with the settings that both sides state. Its node keeps its files in the run's directory, and
/// names its shared memory after the link, and so after the run.
fn service<P: ?Sized + Debug + IceoryxSend>(end: &End<'_>) -> Outcome<Builder<P, (), ipc::Service>> {
    set_log_level(LogLevel::Error);
    let mut config = Config::default();
    config.global.set_root_path(&Path::new(end.directory.as_os_str().as_bytes())?);
    config.global.prefix = FileName::new(format!("{}-", end.name).as_bytes())?;
    let node = NodeBuilder::new().config(&config).create::<ipc::Service>()?;
    // No larger than two processes need, since every send looks at every place for a subscriber.
    let builder = node.service_builder(&end.name.try_into()?).publish_subscribe::<P>();
    let builder = builder.max_publishers(1).max_subscribers(1).max_nodes(2).history_size(0);
    let builder = builder.subscriber_max_buffer_size(end.task.depth).subscriber_max_borrowed_samples(1);
    Ok(builder.enable_safe_overflow(false))
}

/// A publisher sends to the subscribers that it knows, and a subscriber receives from the publishers that it knows; so the
/// subscriber is there before the publisher, which learns of it as it is made, and looks for the publisher afterwards.
fn shake_hands<P>(end: &End<'_>, publisher: impl FnOnce() -> Outcome<P>) -> Outcome<P> {
    end.meeting.meet();
    let publisher = publisher()?;
    end.meeting.meet();
    end.meeting.meet();
    Ok(publisher)
}

/// A service whose payload has a constant size.
struct Arrays<const WORDS: usize>;

struct ArraysTx<const WORDS: usize>(Publisher<ipc::Service, [u64; WORDS], ()>);
struct ArraysRx<const WORDS: usize>(Subscriber<ipc::Service, [u64; WORDS], ()>);

impl<const WORDS: usize> Link for Arrays<WORDS> {
    type Sender = ArraysTx<WORDS>;
    type Receiver = ArraysRx<WORDS>;

    fn sender(end: &End<'_>) -> Outcome<Self::Sender> {
        let service = service::<[u64; WORDS]>(end)?.open_or_create()?;
        shake_hands(end, || Ok(ArraysTx(service.publisher_builder().max_loaned_samples(1).create()?)))
    }

    fn receiver(end: &End<'_>) -> Outcome<Self::Receiver> {
        let subscriber = service::<[u64; WORDS]>(end)?.open_or_create()?.subscriber_builder().create()?;
        end.meeting.meet();
        end.meeting.meet();
        subscriber.has_samples()?;
        end.meeting.meet();
        Ok(ArraysRx(subscriber))
    }
}

impl<const WORDS: usize> Sender for ArraysTx<WORDS> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        let mut words = [0; WORDS];
        payload::write(&mut words, number);
        arrived(self.0.loan_uninit()?.write_payload(words).send()?)
    }
}

impl<const WORDS: usize> Receiver for ArraysRx<WORDS> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            if let Some(sample) = self.0.receive()? {
                return payload::read(sample.payload());
            }
            pause();
        }
    }
}

/// A service whose payload has any size.
struct Slices;

struct SlicesTx {
    publisher: Publisher<ipc::Service, [u64], ()>,
    words: usize,
}

struct SlicesRx(Subscriber<ipc::Service, [u64], ()>);

impl Link for Slices {
    type Sender = SlicesTx;
    type Receiver = SlicesRx;

    fn sender(end: &End<'_>) -> Outcome<SlicesTx> {
        let service = service::<[u64]>(end)?.open_or_create()?;
        let words = end.task.words();
        shake_hands(end, || {
            let builder = service.publisher_builder().max_loaned_samples(1).initial_max_slice_len(words);
            Ok(SlicesTx { publisher: builder.create()?, words })
        })
    }

    fn receiver(end: &End<'_>) -> Outcome<SlicesRx> {
        let subscriber = service::<[u64]>(end)?.open_or_create()?.subscriber_builder().create()?;
        end.meeting.meet();
        end.meeting.meet();
        subscriber.has_samples()?;
        end.meeting.meet();
        Ok(SlicesRx(subscriber))
    }
}

impl Sender for SlicesTx {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        arrived(self.publisher.loan_slice_uninit(self.words)?.write_from_fn(|_| number).send()?)
    }
}

impl Receiver for SlicesRx {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            if let Some(sample) = self.0.receive()? {
                return payload::read(sample.payload());
            }
            pause();
        }
    }
}

/// Fails unless the one subscriber has got a sample.
#[inline(always)]
fn arrived(subscribers: usize) -> Outcome {
    if subscribers == 1 { Ok(()) } else { Err("the subscriber is gone".into()) }
}
