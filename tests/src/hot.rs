//! The hot path: every way to send and to receive, which must neither allocate nor call the kernel. One test counts the
//! allocations of [`Exchange::run`], another runs all of this behind a filter of system calls.

use ipc_core::{Consumer, Error, Observer, Producer, Shared};

use crate::tally::{count, tally};
use crate::{Parcel, ParcelDims, Ring, Tally, Tick};

/// Ticks of a batch.
const BATCH: u32 = 4;

/// Both ends of two rings, and shared state, used in turns by one thread: a frame is always there, and space too, so nobody ever waits.
#[derive(Debug)]
pub struct Exchange {
    parcels: (Producer<Parcel>, Consumer<Parcel>, Observer<Parcel>),
    ticks: (Producer<Tick>, Consumer<Tick>, Observer<Tick>),
    parcel: Parcel,
    shared: Shared<Tally>,
}

impl Exchange {
    /// Opens the ring of parcels, and one of ticks and shared state beside it. Both have the reserved consumer `reader`.
    pub fn open(ring: &Ring) -> Result<Self, Error> {
        let (parcels, beside) = (ring.channel(), ring.beside("ticks"));
        let ticks = beside.channel_of::<Tick>();
        Ok(Self {
            parcels: (parcels.producer()?, parcels.consumer("reader")?, parcels.observer()?),
            ticks: (ticks.producer()?, ticks.consumer("reader")?, ticks.observer()?),
            shared: Shared::create(ring.path().with_extension("shared").to_str().expect("text"), &tally(0))?,
            parcel: Parcel { n: 100, data: vec![7; 100], ..Default::default() },
        })
    }

    /// Sends and receives in every way, so many times.
    pub fn run(&mut self, rounds: u32) -> Result<(), Error> {
        for round in 0..rounds {
            let mut value = self.shared.lock()?;
            let next = count(&value) + 1;
            *value = tally(next);
            value.publish()?;
            assert_eq!(count(self.shared.read()?), next);
            drop(self.shared.try_lock()?);

            let (producer, consumer, observer) = &mut self.parcels;
            producer.send(&self.parcel)?;
            assert!(consumer.recv()?.view().data().iter().all(|&byte| byte == 7));
            assert!(observer.recv()?.view().data().iter().all(|&byte| byte == 7));
            send_parcel(producer, round)?;
            see_parcel(consumer, round)?;
            assert_eq!(observer.latest()?.view().n(), round % 100);
            assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "outcomes are of the hot path, too");

            let (producer, consumer, observer) = &mut self.ticks;
            producer.send(&Tick { count: round, level: 0.5 })?;
            assert_eq!(consumer.recv()?.count, round);
            assert_eq!(observer.recv()?.count, round);
            send_ticks(producer, round)?;
            assert_eq!(see_ticks(consumer, round, BATCH as usize)?, BATCH);
            assert_eq!(observer.latest()?.count, round + BATCH - 1);
        }
        Ok(())
    }
}

/// Sends so many parcels, and as many ticks, to rings that have room for all of them.
pub fn send(parcels: &mut Producer<Parcel>, ticks: &mut Producer<Tick>, rounds: u32) -> Result<(), Error> {
    for round in 0..rounds {
        send_parcel(parcels, round)?;
        send_ticks(ticks, round)?;
    }
    Ok(())
}

/// Receives what [`send`] sends.
pub fn receive(parcels: &mut Consumer<Parcel>, ticks: &mut Consumer<Tick>, rounds: u32) -> Result<(), Error> {
    for round in 0..rounds {
        see_parcel(parcels, round)?;
        let mut seen = 0;
        while seen < BATCH {
            seen += see_ticks(ticks, round + seen, (BATCH - seen) as usize)?;
        }
    }
    Ok(())
}

fn send_parcel(producer: &mut Producer<Parcel>, round: u32) -> Result<(), Error> {
    let mut place = producer.reserve(ParcelDims { n: round % 100 })?;
    place.edit().data.fill(round as u8);
    place.publish().map(drop)
}

fn see_parcel(consumer: &Consumer<Parcel>, round: u32) -> Result<(), Error> {
    let frame = consumer.recv()?;
    assert_eq!(frame.view().n(), round % 100);
    assert!(frame.view().data().iter().all(|&byte| byte == round as u8));
    Ok(())
}

fn send_ticks(producer: &mut Producer<Tick>, first: u32) -> Result<(), Error> {
    for count in first..first + BATCH {
        let mut tick = producer.reserve(())?;
        tick.count = count;
        tick.publish()?;
    }
    Ok(())
}

/// Takes at most so many ticks, of consecutive numbers; says how many.
fn see_ticks(consumer: &mut Consumer<Tick>, first: u32, most: usize) -> Result<u32, Error> {
    let batch = consumer.batch(most)?;
    let mut seen = 0;
    for tick in &batch {
        assert_eq!(tick?.count, first + seen);
        seen += 1;
    }
    Ok(seen)
}
