//! A process under test. It gets a ring's settings as arguments, obeys the commands on its standard input, one a line, and
//! answers each with a line that begins with `= `.

use std::io::{BufRead, Write};
use std::time::Duration;

use ipc_core::raw::{Patience, RawChannel, RawClass, SharedConsumer};
use ipc_core::{Channel, Class, Consumer, Error, Observer, Producer};
use ipc_tests::format::{RingFile, control};
use ipc_tests::hot::{self, Exchange};
use ipc_tests::{Parcel, Ring, Tick, bells, check, eventually, litmus, parcel, seccomp, send};

/// The ends that this process has open.
struct Ends {
    ring: Ring,
    producer: Option<Producer<Parcel>>,
    consumer: Option<Consumer<Parcel>>,
    observer: Option<Observer<Parcel>>,
    /// For the tests of the hot path.
    exchange: Option<Exchange>,
    ticks: (Option<Producer<Tick>>, Option<Consumer<Tick>>),
}

fn main() {
    let ring = Ring::from_arguments(std::env::args().skip(1));
    let mut ends = Ends { ring, producer: None, consumer: None, observer: None, exchange: None, ticks: (None, None) };
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("commands are text");
        let answer = ends.obey(&line).unwrap_or_else(|error| said(&error));
        println!("= {answer}");
    }
}

/// An error as one line: its kind, then its text.
fn said(error: &Error) -> String {
    let kind = match error {
        Error::Frame(_) => "Frame",
        Error::Full { .. } => "Full",
        Error::Empty(_) => "Empty",
        Error::TimedOut { .. } => "TimedOut",
        Error::Closed(_) => "Closed",
        Error::Replaced(_) => "Replaced",
        Error::Mismatch(_) => "Mismatch",
        Error::Differs { .. } => "Differs",
        Error::NotThere { .. } => "NotThere",
        Error::NotARing { .. } => "NotARing",
        Error::Damaged { .. } => "Damaged",
        Error::TooLarge { .. } => "TooLarge",
        Error::ProducerTaken(_) => "ProducerTaken",
        Error::SlotTaken { .. } => "SlotTaken",
        Error::NoSuchSlot { .. } => "NoSuchSlot",
        Error::NoFreeSlot { .. } => "NoFreeSlot",
        Error::Forked(_) => "Forked",
        Error::Channel { .. } => "Channel",
        Error::Os { .. } => "Os",
        _ => "Other",
    };
    format!("{kind}: {}", error.to_string().replace('\n', " | "))
}

impl Ends {
    fn obey(&mut self, line: &str) -> Result<String, Error> {
        if let Some(line) = line.strip_prefix("may ") {
            return self.obey_if_open(line);
        }
        let words: Vec<&str> = line.split(' ').collect();
        let number = |index: usize| words[index].parse::<u64>().expect("a number");
        let channel = self.ring.channel();
        match words[0] {
            "create" => channel.create()?,
            "create-tick" => self.ring.channel_of::<Tick>().create()?,
            "create-with-defaults" => Channel::<Tick>::new(self.ring.path().to_str().unwrap()).create()?,
            "remove" => channel.remove()?,
            "become" => become_user(number(1)),
            "die-at-membarrier" => seccomp::die_at_membarrier(),
            "refuse-membarrier" => seccomp::refuse_membarrier(),
            "produce-ticks" => drop(self.ring.channel_of::<Tick>().producer()?),
            "produce" => self.producer = Some(channel.producer()?),
            "continue" => self.producer = Some(channel.open_producer()?),
            "consume" => self.consumer = Some(channel.consumer(words[1])?),
            "join" => self.consumer = Some(channel.dynamic_consumer()?),
            "observe" => self.observer = Some(channel.observer()?),
            "send" => return self.send(number(1)),
            "send-to" => return self.send_to(number(1)),
            "batches-to" => return self.batches_to(number(1), number(2)),
            "reserve" => drop(self.producer().reserve(ipc_tests::ParcelDims { n: number(1) as u32 })?),
            "try-send" => return self.try_send(),
            "send-within-ms" => return self.send_within(Duration::from_millis(number(1))),
            "recv-within-ms" => {
                return Ok(self.consumer().recv_timeout(Duration::from_millis(number(1)))?.sequence().to_string());
            }
            "recv" => return self.receive(number(1)),
            "send-pausing" => return self.send_pausing(number(1), number(2)),
            "heed-sigpipe" => heed_sigpipe(),
            "bell" => drop(self.consumer().doorbell()?),
            "bell-drain" | "drain-watching" => return bells::drain(self.consumer(), self.ring.bytes()),
            "bell-recv" => return bells::receive(self.consumer(), self.ring.bytes(), number(1)),
            "bell-until-gone" => return bells::until_gone(self.consumer()),
            "drain" => return self.drain(),
            "drain-batches" => return self.drain_batches(number(1) as usize),
            "log" => return self.log(),
            "try-recv" => return Ok(self.consumer().try_recv()?.sequence().to_string()),
            "skip" => return Ok(self.consumer().skip_to_latest()?.to_string()),
            "look" => return Ok(self.observer().try_recv()?.sequence().to_string()),
            "churn" => return Ok(self.churn(words[1], number(2))),
            "observe-all" => return self.observe_all(),
            "state" => return Ok(format!("{:?}", self.consumer().producer_state()?)),
            "sync" => self.producer().sync()?,
            "close" => self.producer.take().expect("a producer").close()?,
            "leave" => self.producer.take().expect("a producer").leave(),
            "drop" => (self.producer, self.consumer, self.observer) = (None, None, None),
            "panic" => self.panic(),
            "fork" => return self.fork(),
            "fork-shared" => return self.fork_shared(words[1]),
            "exchange-open" => self.exchange = Some(Exchange::open(&self.ring)?),
            "exchange" => self.exchange.as_mut().expect("open").run(number(1) as u32)?,
            "hot-produce" => {
                self.ticks.0 = Some(self.ring.beside("ticks").channel_of().producer()?);
                self.producer = Some(channel.producer()?);
            }
            "hot-consume" => {
                self.ticks.1 = Some(self.ring.beside("ticks").channel_of().consumer("reader")?);
                self.consumer = Some(channel.consumer("reader")?);
            }
            "hot-send" => {
                let ticks = self.ticks.0.as_mut().expect("open");
                hot::send(self.producer.as_mut().expect("open"), ticks, number(1) as u32)?;
            }
            "hot-receive" => {
                let ticks = self.ticks.1.as_mut().expect("open");
                hot::receive(self.consumer.as_mut().expect("open"), ticks, number(1) as u32)?;
            }
            "seal" => seccomp::refuse_all_but(&[]),
            "seal-but-clock" => seccomp::refuse_all_but(&[libc::SYS_clock_gettime]),
            "litmus" => litmus::publish(std::path::Path::new(words[1])),
            other => panic!("there is no command {other}"),
        }
        Ok("done".to_owned())
    }

    /// Obeys a command whose end may not have opened.
    fn obey_if_open(&mut self, line: &str) -> Result<String, Error> {
        let is_open = match line {
            "try-send" | "close" => self.producer.is_some(),
            "try-recv" | "skip" => self.consumer.is_some(),
            "look" => self.observer.is_some(),
            _ => true,
        };
        if is_open { self.obey(line) } else { Ok("absent".to_owned()) }
    }

    fn producer(&mut self) -> &mut Producer<Parcel> {
        self.producer.as_mut().expect("a producer")
    }

    fn consumer(&self) -> &Consumer<Parcel> {
        self.consumer.as_ref().expect("a consumer")
    }

    fn observer(&mut self) -> &mut Observer<Parcel> {
        self.observer.as_mut().expect("an observer")
    }

    /// Sends that many frames, and reports each.
    fn send(&mut self, count: u64) -> Result<String, Error> {
        let end = self.producer().next_sequence().saturating_add(count);
        self.send_to(end)
    }

    /// Sends up to that sequence number, and reports each frame.
    fn send_to(&mut self, end: u64) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let producer = self.producer();
        while producer.next_sequence() < end {
            report("sent", send(producer, capacity)?);
        }
        Ok(format!("{}", producer.next_sequence()))
    }

    /// Sends that many frames, with pauses of up to half a millisecond before one in four.
    fn send_pausing(&mut self, count: u64, seed: u64) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let producer = self.producer();
        let mut random = seed;
        for _ in 0..count {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if random >> 62 == 0 {
                std::thread::sleep(Duration::from_micros((random >> 32) % 500));
            }
            send(producer, capacity)?;
        }
        Ok(producer.next_sequence().to_string())
    }

    /// Sends up to that sequence number in batches of that size.
    fn batches_to(&mut self, end: u64, size: u64) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let producer = self.producer();
        while producer.next_sequence() < end {
            let until = end.min(producer.next_sequence() + size);
            producer.batch(|producer| {
                while producer.next_sequence() < until {
                    send(producer, capacity)?;
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(format!("{}", producer.next_sequence()))
    }

    fn try_send(&mut self) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let producer = self.producer();
        let value = parcel(producer.next_sequence(), capacity);
        producer.try_send(&value).map(|sequence| sequence.to_string())
    }

    fn send_within(&mut self, limit: Duration) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let producer = self.producer();
        let value = parcel(producer.next_sequence(), capacity);
        producer.send_timeout(&value, limit).map(|sequence| sequence.to_string())
    }

    /// Receives that many frames; answers with the first sequence number and the one after the last.
    fn receive(&mut self, count: u64) -> Result<String, Error> {
        let mut range = Range::default();
        for _ in 0..count {
            let frame = self.consumer().recv()?;
            check(&frame, self.ring.bytes());
            range.add(frame.sequence());
        }
        Ok(range.to_string())
    }

    /// Receives up to the end of the stream.
    fn drain(&mut self) -> Result<String, Error> {
        let mut range = Range::default();
        for frame in self.consumer() {
            let frame = frame?;
            check(&frame, self.ring.bytes());
            range.add(frame.sequence());
        }
        Ok(format!("closed {range}"))
    }

    /// The same, in batches of up to that size.
    fn drain_batches(&mut self, max: usize) -> Result<String, Error> {
        let (mut range, capacity) = (Range::default(), self.ring.bytes());
        let consumer = self.consumer.as_mut().expect("a consumer");
        loop {
            let batch = match consumer.batch(max) {
                Ok(batch) => batch,
                Err(error) if error.is_closed() => return Ok(format!("closed {range}")),
                Err(error) => return Err(error),
            };
            for frame in &batch {
                let frame = frame?;
                check(&frame, capacity);
                range.add(frame.sequence());
            }
        }
    }

    /// Receives up to the end of the stream, and reports each frame while it still holds it.
    fn log(&mut self) -> Result<String, Error> {
        for frame in self.consumer() {
            let frame = frame?;
            check(&frame, self.ring.bytes());
            report("got", frame.sequence());
        }
        Ok("closed".to_owned())
    }

    /// Observes up to the end of the stream and reports the first frame; answers with the numbers of frames seen and skipped.
    fn observe_all(&mut self) -> Result<String, Error> {
        let capacity = self.ring.bytes();
        let observer = self.observer();
        let (mut seen, mut next) = (0, 0);
        loop {
            match observer.recv() {
                Ok(frame) => {
                    let value = parcel(frame.sequence(), capacity);
                    assert!(frame.bytes() == ipc_core::Class::to_bytes(&value)?, "frame {} is torn", frame.sequence());
                    assert!(frame.sequence() >= next, "frame {} came after {next}", frame.sequence());
                    if seen == 0 {
                        report("saw", frame.sequence());
                    }
                    (seen, next) = (seen + 1, frame.sequence() + 1);
                }
                Err(error) if error.is_closed() => return Ok(format!("seen {seen} skipped {}", observer.skipped())),
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens one end and uses it that many times, whatever the errors; opens it again after an error that is a failure.
    fn churn(&mut self, end: &str, times: u64) -> String {
        let (mut fine, mut refused) = (0, 0);
        for _ in 0..times {
            match self.churn_once(end) {
                Ok(_) => fine += 1,
                Err(error) if error.is_full() || error.is_empty() || error.is_timed_out() => {}
                Err(_) => {
                    refused += 1;
                    (self.producer, self.consumer, self.observer) = (None, None, None);
                }
            }
        }
        format!("fine {fine} refused {refused}")
    }

    fn churn_once(&mut self, end: &str) -> Result<u64, Error> {
        let (capacity, limit) = (self.ring.bytes(), std::time::Duration::from_millis(1));
        // Damage can make a ring one that was removed.
        let channel = self.ring.channel().wait_for_ring(limit);
        match end {
            "produce" => {
                let producer = match &mut self.producer {
                    Some(producer) => producer,
                    none => none.insert(channel.producer()?),
                };
                producer.send_timeout(&parcel(producer.next_sequence() % 1000, capacity), limit)
            }
            "observe" => {
                let observer = match &mut self.observer {
                    Some(observer) => observer,
                    none => none.insert(channel.observer()?),
                };
                Ok(observer.recv_timeout(limit)?.sequence())
            }
            name => {
                let consumer = match &self.consumer {
                    Some(consumer) => consumer,
                    None if name == "join" => self.consumer.insert(channel.dynamic_consumer()?),
                    None => self.consumer.insert(channel.consumer(name)?),
                };
                Ok(consumer.recv_timeout(limit)?.view().data().iter().map(|&byte| u64::from(byte)).sum())
            }
        }
    }

    /// Panics with the producer open, and survives it.
    fn panic(&mut self) {
        let producer = self.producer.take();
        let thread = std::thread::spawn(move || {
            let _producer = producer;
            std::panic::resume_unwind(Box::new("a test asked for this"));
        });
        thread.join().expect_err("it panicked");
    }

    /// Forks, with a frame in its hands if there is one. The child lets go of it, tries every end it has inherited, reports,
    /// and lives on until standard input ends.
    fn fork(&mut self) -> Result<String, Error> {
        let held = self.consumer.as_ref().and_then(|consumer| consumer.try_recv().ok());
        // SAFETY: this process has one thread, so the child may do all that this one may.
        if unsafe { libc::fork() } != 0 {
            std::mem::forget(held);
            return Ok("forked".to_owned());
        }
        drop(held);
        let capacity = self.ring.bytes();
        if let Some(producer) = &mut self.producer {
            producer.batch(|_| ());
            println!(
                "child sends: {}",
                send(producer, capacity).map_or_else(|error| said(&error), |it| it.to_string())
            );
        }
        if let Some(consumer) = &self.consumer {
            println!(
                "child receives: {}",
                consumer.try_recv().map_or_else(|error| said(&error), |it| format!("{it:?}"))
            );
        }
        println!("child lives");
        let mut byte = 0_u8;
        // SAFETY: one byte of room. A read of its own: the buffer of the standard library may hold the parent's commands.
        unsafe { libc::read(0, (&raw mut byte).cast(), 1) };
        // Dropping what was inherited must do nothing to the ring.
        self.obey("drop")?;
        match self.ring.channel().consumer("child") {
            Ok(consumer) => println!("child opens: {:?}", consumer.producer_state()?),
            Err(error) => println!("child opens: {}", said(&error)),
        }
        std::process::exit(0);
    }

    /// Takes a frame, and has a thread wait for the next; then forks. The child lets go of the frame, tries the consumer that
    /// it has inherited, and says what that says.
    fn fork_shared(&self, reserved: &str) -> Result<String, Error> {
        let channel = RawChannel::untyped(self.ring.path().to_str().expect("text"));
        let consumer = SharedConsumer::from(channel.consumer_of(&RawClass::of(Parcel::DESC), reserved)?);
        let held = consumer.recv(Patience::None)?;
        let file = RingFile::open(self.ring.path());
        std::thread::spawn({
            let consumer = consumer.clone();
            move || consumer.recv(Patience::Endless).map(drop)
        });
        eventually("the thread sleeps", || file.get_u32(control::DATA_WAIT) == 1);
        // SAFETY: the other thread of this process sleeps, and holds no lock but the consumer's, which is what this is for.
        if unsafe { libc::fork() } != 0 {
            std::mem::forget(held);
            return Ok(format!("forked, missed {}", consumer.missed()));
        }
        // A child that waits for ever is to end with the test.
        // SAFETY: sets an attribute of this process, and touches no memory.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        drop(held);
        let said = |outcome: Result<String, Error>| outcome.unwrap_or_else(|error| said(&error));
        println!("child receives: {}", said(consumer.recv(Patience::None).map(|frame| frame.sequence().to_string())));
        println!("child skips: {}", said(consumer.skip_to_latest().map(|count| count.to_string())));
        println!("child has missed {}", consumer.missed());
        std::process::exit(0);
    }
}

/// Has SIGPIPE end this process, as it does one in C.
fn heed_sigpipe() {
    // SAFETY: sets a signal's action, and touches no memory.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Has this process, which is root's, go on as another user.
fn become_user(user: u64) {
    let user = user as libc::uid_t;
    // SAFETY: sets the identity of this process, and touches no memory.
    let refused = unsafe { libc::setresuid(user, user, user) };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
}

/// Consecutive sequence numbers.
#[derive(Default)]
struct Range(Option<(u64, u64)>);

impl Range {
    fn add(&mut self, sequence: u64) {
        let (first, end) = self.0.get_or_insert((sequence, sequence));
        assert_eq!(*end, sequence, "a gap in what began with {first}");
        *end += 1;
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some((first, end)) => write!(f, "{first}..{end}"),
            None => write!(f, "nothing"),
        }
    }
}

/// Prints a line at once, as one write: what is printed has happened, whenever this process is killed.
fn report(what: &str, sequence: u64) {
    let _ = std::io::stdout().write_all(format!("{what} {sequence}\n").as_bytes());
}
