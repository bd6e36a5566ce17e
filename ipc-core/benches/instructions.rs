//! Instructions of publishing and receiving one frame, counted by callgrind: figures that the noise of a machine does not
//! move. `cargo bench -p ipc-core --bench instructions` compares them with `instructions.txt`, and fails if one is more
//! than a tenth above; `BLESS=1` in front of it writes the file anew.
//!
//! The same program is what is counted: called with the name of a case and a number, it exchanges that many frames in one
//! thread. A case is counted with two numbers, and their difference is free of all that happens once.

use std::fmt::Write;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use ipc_core::{Channel, Consumer, Error, Fence, Producer, Wait, ZeroRegions, schema};

schema! {
    [{ "className": "Sample", "members": [
        { "name": "words", "type": "array", "size": [8], "elem": { "type": "uint64" } } ] },
     { "className": "Imu", "members": [
        { "name": "stamp", "type": "int64", "unit": "ns" }, { "name": "accel", "type": "array", "size": [3], "elem": { "type": "float" } },
        { "name": "gyro", "type": "array", "size": [3], "elem": { "type": "float" } },
        { "name": "ready", "type": "bool" }, { "name": "temperature", "type": "float", "optional": true } ] },
     { "className": "SimpleMatrix", "members": [
        { "name": "n", "type": "int" },
        { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } } ] },
     { "className": "Picture", "members": [
        { "name": "stamp", "type": "int64", "unit": "ns" },
        { "name": "rows", "type": "uint16" }, { "name": "cols", "type": "uint16", "max": 8192 },
        { "name": "camera", "type": "string" },
        { "name": "pixels", "type": "array", "size": ["rows", "cols"], "elem": { "type": "uint8" } } ] }]
}

/// Frames of the shorter of the two runs, many times around the ring.
const FRAMES: u64 = 64 << 10;

const BATCH: u64 = 64;

/// What stands between two runs of a case: the frames, and how they are exchanged.
struct Case {
    name: &'static str,
    run: fn(&str, u64) -> Result<(), Error>,
}

/// Publishing alone is counted without a consumer, and receiving is what a consumer adds.
const CASES: &[Case] = &[
    Case { name: "sample: send", run: |at, count| produce::<Sample>(at, count, send_sample) },
    Case { name: "sample: send, receive", run: |at, count| exchange::<Sample>(at, count, send_sample, sum_words) },
    Case { name: "sample: reserve, publish", run: |at, count| produce::<Sample>(at, count, publish_sample) },
    Case { name: "sample: send, receive 64 at once", run: batches },
    Case { name: "imu: send", run: |at, count| produce::<Imu>(at, count, send_imu) },
    Case { name: "imu: send, receive", run: |at, count| exchange::<Imu>(at, count, send_imu, see_imu) },
    Case { name: "matrix: send", run: |at, count| produce::<SimpleMatrix>(at, count, send_matrix) },
    Case { name: "matrix: reserve, publish", run: |at, count| produce::<SimpleMatrix>(at, count, publish_matrix) },
    Case {
        name: "matrix: reserve, publish, receive",
        run: |at, count| exchange::<SimpleMatrix>(at, count, publish_matrix, see_matrix),
    },
    Case { name: "picture: reserve, publish", run: |at, count| produce::<Picture>(at, count, publish_picture) },
    Case {
        name: "picture: reserve, publish, receive",
        run: |at, count| exchange::<Picture>(at, count, publish_picture, see_picture),
    },
];

#[inline(always)]
fn send_sample(producer: &mut Producer<Sample>, number: u64) -> Result<u64, Error> {
    producer.send(&Sample { words: [number; 8] })
}

#[inline(always)]
fn publish_sample(producer: &mut Producer<Sample>, number: u64) -> Result<u64, Error> {
    let mut frame = producer.reserve(())?;
    frame.words = [number; 8];
    frame.publish()
}

#[inline(always)]
fn sum_words(sample: &Sample) -> u64 {
    sample.words.iter().sum()
}

#[inline(always)]
fn send_imu(producer: &mut Producer<Imu>, number: u64) -> Result<u64, Error> {
    let mut imu =
        Imu { stamp: number as i64, accel: [1.0; 3], gyro: [2.0; 3], ready: true.into(), ..Default::default() };
    imu.set_temperature(Some(20.0));
    producer.send(&imu)
}

#[inline(always)]
fn see_imu(imu: &Imu) -> u64 {
    imu.stamp as u64 + u64::from(imu.temperature().is_some())
}

#[inline(always)]
fn send_matrix(producer: &mut Producer<SimpleMatrix>, _: u64) -> Result<u64, Error> {
    thread_local! {
        static MATRIX: SimpleMatrix = SimpleMatrix { n: 2, a: vec![7; 4] };
    }
    MATRIX.with(|matrix| producer.send(matrix))
}

#[inline(always)]
fn publish_matrix(producer: &mut Producer<SimpleMatrix>, number: u64) -> Result<u64, Error> {
    let mut frame = producer.reserve(SimpleMatrixDims { n: black_box(2) })?;
    frame.edit().a[0] = number as i32;
    frame.publish()
}

#[inline(always)]
fn see_matrix(matrix: SimpleMatrixRef<'_>) -> u64 {
    matrix.a()[0] as u64
}

#[inline(always)]
fn publish_picture(producer: &mut Producer<Picture>, number: u64) -> Result<u64, Error> {
    let mut frame = producer.reserve(PictureDims { rows: black_box(2), cols: 2, camera: 5 })?;
    let picture = frame.edit();
    *picture.stamp = number as i64;
    picture.camera.copy_from_slice(b"front");
    picture.pixels[0] = number as u8;
    frame.publish()
}

#[inline(always)]
fn see_picture(picture: PictureRef<'_>) -> u64 {
    picture.stamp() as u64 + u64::from(picture.pixels()[0])
}

fn channel<'a, T: ipc_core::Class>(name: &'a str, reserved: &'a [&'a str]) -> Channel<'a, T> {
    let channel = Channel::new(name).capacity(64 << 10).reserve(reserved).dynamic_slots(0);
    channel.wait(Wait::Spin).fence(Fence::Asymmetric).zero_regions(ZeroRegions::No)
}

fn produce<T: ipc_core::Class>(
    name: &str,
    count: u64,
    publish: impl Fn(&mut Producer<T>, u64) -> Result<u64, Error>,
) -> Result<(), Error> {
    let mut producer = channel::<T>(name, &[]).producer()?;
    (0..count).try_for_each(|number| publish(&mut producer, number).map(|_| ()))
}

fn exchange<T: ipc_core::Class>(
    name: &str,
    count: u64,
    publish: impl Fn(&mut Producer<T>, u64) -> Result<u64, Error>,
    see: impl Fn(T::Ref<'_>) -> u64,
) -> Result<(), Error> {
    let channel = channel::<T>(name, &["reader"]);
    let (mut producer, consumer) = (channel.producer()?, channel.consumer("reader")?);
    for number in 0..count {
        publish(&mut producer, number)?;
        black_box(see(consumer.recv()?.view()));
    }
    Ok(())
}

fn batches(name: &str, count: u64) -> Result<(), Error> {
    let channel = channel::<Sample>(name, &["reader"]);
    let (mut producer, mut consumer): (_, Consumer<Sample>) = (channel.producer()?, channel.consumer("reader")?);
    for number in 0..count {
        send_sample(&mut producer, number)?;
        if number % BATCH == BATCH - 1 {
            for frame in &consumer.batch(BATCH as usize)? {
                black_box(sum_words(&*frame?));
            }
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let outcome = match &arguments[..] {
        [case, count] => run(case, count),
        _ => compare(),
    };
    outcome.map_or_else(
        |problem| {
            eprintln!("{problem}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

/// Exchanges frames, under callgrind.
fn run(case: &str, count: &str) -> Result<(), String> {
    let case = CASES.iter().find(|known| known.name == case).ok_or("there is no such case")?;
    let name = format!("/dev/shm/ipc-instructions-{}.ring", std::process::id());
    let outcome = (case.run)(&name, count.parse().map_err(|_| "expected a number of frames")?);
    let _ = std::fs::remove_file(&name);
    outcome.map_err(|error| error.to_string())
}

/// Counts every case, and compares with what is known.
fn compare() -> Result<(), String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let known = |name| {
        known
            .lines()
            .find_map(|line| line.rsplit_once(' ').filter(|(case, _)| case.trim() == name)?.1.parse::<f64>().ok())
    };
    let (mut table, mut above) = (String::new(), Vec::new());
    println!("{:<36} {:>9} {:>9}", "instructions a frame", "expected", "found");
    for Case { name, .. } in CASES {
        let found = (count(name, 2 * FRAMES)? - count(name, FRAMES)?) as f64 / FRAMES as f64;
        let _ = writeln!(table, "{name:<36} {found:.1}");
        match known(*name) {
            Some(expected) if found <= expected * 1.1 => println!("{name:<36} {expected:>9.1} {found:>9.1}"),
            expected => {
                let expected = expected.map_or("none".into(), |expected| format!("{expected:.1}"));
                println!("{name:<36} {expected:>9} {found:>9.1}  more than a tenth above");
                above.push(*name);
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(path, table).map_err(|error| format!("cannot write {path}: {error}"));
    }
    if above.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} above. If that is intended: BLESS=1 cargo bench -p ipc-core --bench instructions",
        above.join(", ")
    ))
}

/// Instructions of this program with one case and that many frames.
fn count(case: &str, frames: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([case, &frames.to_string()]);
    let output = valgrind
        .output()
        .map_err(|error| format!("valgrind cannot run: {error}; get it with `apt install valgrind`"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.filter(|_| output.status.success()).ok_or_else(|| format!("{case}: {said}"))
}
