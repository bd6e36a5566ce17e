//! How fast two processes exchange frames, beside what the hardware does for two bare atomics in shared memory.
//!
//! `cargo run --release -p ipc-examples --bin ping_pong` runs both in turns, a few rounds of each, pinned to two cores.
//! One figure by itself says little on a busy machine; the ratio of two that were measured in the same round does.

use std::error::Error;
use std::fs::File;
use std::hint::spin_loop;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ipc_core::{Channel, Consumer, Producer, Wait, schema};
use memmap2::{MmapOptions, MmapRaw};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

schema! { [
    { "className": "Ping", "comment": "48 bytes, the size of an IMU sample", "members": [
        { "name": "number", "type": "uint64" },
        { "name": "values", "type": "array", "size": [5], "elem": { "type": "double" } } ] },
    { "className": "Sample", "comment": "64 bytes", "members": [
        { "name": "number", "type": "uint64" },
        { "name": "values", "type": "array", "size": [7], "elem": { "type": "double" } } ] }
] }

const PING: Channel<Ping> = Channel::new("ping").capacity(1 << 16).reserve(&["echo"]).wait(Wait::Spin);
const PONG: Channel<Ping> = Channel::new("pong").capacity(1 << 16).reserve(&["main"]).wait(Wait::Spin);
/// 1024 samples of 80 bytes, header included, and some.
const STREAM: Channel<Sample> = Channel::new("stream").capacity(1 << 17).reserve(&["echo"]).wait(Wait::Spin);

/// How much is measured.
#[derive(Clone, Copy)]
struct Amount {
    rounds: usize,
    trips: u64,
    samples: u64,
}

const FULL: Amount = Amount { rounds: 7, trips: 200_000, samples: 4_000_000 };
/// Shows that it works; the figures say little.
const SHORT: Amount = Amount { rounds: 3, trips: 200, samples: 4_000 };
const BATCH: usize = 64;

/// One message line each way, 128 bytes apart, as the ring's control lines are.
#[repr(C, align(128))]
struct Line {
    number: AtomicU64,
    values: [AtomicU64; 5],
}

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure(FULL),
        ["--short"] => measure(SHORT),
        ["echo"] => echo(FULL),
        ["echo", "--short"] => echo(SHORT),
        _ => Err("usage: ping_pong [--short]".into()),
    }
}

/// The measuring side: starts the other one, and prints what it found.
fn measure(amount: Amount) -> Outcome {
    let directory = std::env::temp_dir().join(format!("ipc-ping-pong-{}", std::process::id()));
    let directory = if std::path::Path::new("/dev/shm").is_dir() {
        std::path::Path::new("/dev/shm").join(directory.file_name().ok_or("a process has a number")?)
    } else {
        directory
    };
    std::fs::create_dir(&directory)?;
    let outcome = measure_in(&directory, amount);
    std::fs::remove_dir_all(&directory)?;
    outcome
}

fn measure_in(directory: &std::path::Path, amount: Amount) -> Outcome {
    File::create_new(directory.join("bare"))?.set_len(2 * size_of::<Line>() as u64)?;
    let mut echo = Command::new(std::env::current_exe()?);
    let mut child = echo.arg("echo").args(std::env::args_os().skip(1)).env("IPC_DIR", directory).spawn()?;
    // SAFETY: the process has one thread, and the child's environment was set apart from it.
    unsafe { std::env::set_var("IPC_DIR", directory) };
    let outcome = exchange(directory, &mut child, amount);
    if outcome.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    outcome?;
    if !status.success() {
        return Err(format!("the other process ended with {status}").into());
    }
    Ok(())
}

fn exchange(directory: &std::path::Path, child: &mut Child, amount: Amount) -> Outcome {
    pin(0);
    let bare = Bare::open(directory)?;
    let (mut ping, mut stream) = (PING.producer()?, STREAM.producer()?);
    let pong = PONG.consumer("main")?;
    let mut figures: [Vec<f64>; 4] = Default::default();
    // The other side is up: its start belongs to no figure.
    drop(pong.recv()?);
    for round in 0..amount.rounds {
        if let Some(status) = child.try_wait()? {
            return Err(format!("the other process ended early, with {status}").into());
        }
        figures[0].push(per_step(amount.trips, || bare.ask(round, amount.trips)));
        let mut failed = Ok(());
        figures[1].push(per_step(amount.trips, || failed = ask(&mut ping, &pong, amount.trips)));
        failed?;
        // Each stream ends with an answer, so that the time includes the reading.
        for figure in &mut figures[2..] {
            let mut failed = Ok(());
            figure.push(per_step(amount.samples, || failed = fill(&mut stream, &pong, amount.samples)));
            failed?;
        }
    }
    report(figures);
    Ok(())
}

fn report([bare, ring, single, batch]: [Vec<f64>; 4]) {
    let ratios = bare.iter().zip(&ring).map(|(bare, ring)| ring / bare).collect();
    println!(
        "{:<44} {:>8} {:>8} {:>8}",
        format!("{} rounds, two pinned processes", bare.len()),
        "min",
        "median",
        "max"
    );
    row("round trip, two bare atomics, 48 B    [ns]", bare);
    row("round trip, two rings, 48 B frame     [ns]", ring);
    row("  ratio to the bare atomics", ratios);
    row("stream, 64 B frames, one at a time [ns each]", single);
    row("stream, 64 B frames, batches of 64 [ns each]", batch);
}

fn row(what: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    println!("{what:<44} {:>8.2} {:>8.2} {:>8.2}", figures[0], figures[figures.len() / 2], figures[figures.len() - 1]);
}

fn per_step(steps: u64, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / steps as f64
}

fn ask(ping: &mut Producer<Ping>, pong: &Consumer<Ping>, trips: u64) -> Outcome {
    for number in 0..trips {
        ping.send(&Ping { number, values: [number as f64; 5] })?;
        let answer = pong.recv()?;
        assert_eq!((answer.number, answer.values[4]), (number, number as f64));
    }
    Ok(())
}

fn fill(stream: &mut Producer<Sample>, pong: &Consumer<Ping>, samples: u64) -> Outcome {
    for number in 0..samples {
        stream.send(&Sample { number, values: [number as f64; 7] })?;
    }
    assert_eq!(pong.recv()?.number, samples);
    Ok(())
}

/// The other side: answers, in the order in which `exchange` asks.
fn echo(amount: Amount) -> Outcome {
    // Without the measuring side there is nobody left to answer.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    pin(1);
    let bare = Bare::open(std::path::Path::new(&std::env::var_os("IPC_DIR").ok_or("IPC_DIR is set by the parent")?))?;
    let mut pong = PONG.producer()?;
    let ping = PING.consumer("echo")?;
    let mut stream = STREAM.consumer("echo")?;
    pong.send(&done(amount))?;
    for round in 0..amount.rounds {
        bare.answer(round, amount.trips);
        for _ in 0..amount.trips {
            let question = ping.recv()?;
            pong.send(&question)?;
        }
        for number in 0..amount.samples {
            let sample = stream.recv()?;
            assert_eq!((sample.number, sample.values[6]), (number, number as f64));
        }
        pong.send(&done(amount))?;
        let mut number = 0;
        while number < amount.samples {
            for sample in &stream.batch(BATCH)? {
                let sample = sample?;
                assert_eq!((sample.number, sample.values[6]), (number, number as f64));
                number += 1;
            }
        }
        pong.send(&done(amount))?;
    }
    Ok(())
}

fn done(amount: Amount) -> Ping {
    Ping { number: amount.samples, values: [0.0; 5] }
}

/// Two message lines in shared memory: the least that a round trip between two processes can be.
struct Bare(MmapRaw);

impl Bare {
    fn open(directory: &std::path::Path) -> Outcome<Self> {
        let file = File::options().read(true).write(true).open(directory.join("bare"))?;
        Ok(Self(MmapOptions::new().len(2 * size_of::<Line>()).map_raw(&file)?))
    }

    fn lines(&self) -> &[Line; 2] {
        // SAFETY: the mapping has the size of two lines, is page-aligned, and is accessed by atomics only.
        unsafe { &*self.0.as_ptr().cast() }
    }

    fn ask(&self, round: usize, trips: u64) {
        let [there, back] = self.lines();
        for trip in 0..trips {
            let number = round as u64 * trips + trip + 1;
            store(there, number);
            wait_for(back, number);
        }
    }

    fn answer(&self, round: usize, trips: u64) {
        let [there, back] = self.lines();
        for trip in 0..trips {
            let number = round as u64 * trips + trip + 1;
            wait_for(there, number);
            store(back, number);
        }
    }
}

fn store(line: &Line, number: u64) {
    for value in &line.values {
        value.store(number, Ordering::Relaxed);
    }
    // Pairs with the load in wait_for().
    line.number.store(number, Ordering::Release);
}

fn wait_for(line: &Line, number: u64) {
    // Pairs with the store in store().
    while line.number.load(Ordering::Acquire) != number {
        // As the ring does: looks without pauses steal the line that the peer is about to write.
        for _ in 0..4 {
            spin_loop();
        }
    }
    assert!(line.values.iter().all(|value| value.load(Ordering::Relaxed) == number));
}

/// Pins this process to one of the cores that it may use, if there are two.
fn pin(index: usize) {
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect();
    if cores.len() < 2 {
        println!("one core: both processes share it, so these figures say what sleeping and waking costs");
        return;
    }
    let mut one = CpuSet::new();
    one.set(cores[index]);
    if let Err(error) = sched_setaffinity(None, &one) {
        println!("not pinned ({error}): the figures will vary more");
    }
}
