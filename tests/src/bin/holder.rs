//! A process that has shared state open. It gets the state's name as its argument, obeys the commands on its standard input,
//! one a line, and answers each with a line that begins with `= `.

use std::io::BufRead;
use std::time::Duration;

use ipc_core::raw::{Patience, RawClass, RawShared};
use ipc_core::{Class, Error, Shared};
use ipc_tests::tally::{count, tally};
use ipc_tests::{Tally, seccomp};

fn main() {
    let name = std::env::args().nth(1).expect("a test starts this program with the name of shared state");
    if std::env::args().nth(2).is_some() {
        seccomp::refuse_membarrier();
    }
    let class = RawClass::of(Tally::DESC);
    let opened = RawShared::create(&name, &class, &tally(0).to_bytes().unwrap());
    let Ok(mut state) = opened.map_err(|error| println!("= {}", said(&error))) else { return };
    println!("= open");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("commands are text");
        let answer = obey(&name, &mut state, &line).unwrap_or_else(|error| said(&error));
        println!("= {answer}");
    }
}

/// An error as one line.
fn said(error: &Error) -> String {
    error.to_string().replace('\n', " | ")
}

fn obey(name: &str, state: &mut RawShared, line: &str) -> Result<String, Error> {
    let (command, number) = line.split_once(' ').unwrap_or((line, "0"));
    let number: u64 = number.parse().expect("a number");
    let within = Patience::Until(Duration::from_millis(number));
    let counted = |bytes: &[u8]| Ok(count(Tally::view(bytes)?).to_string());
    match command {
        // As a program does that has no time to lose.
        "add" => add(name, number)?,
        "hammer" => add(name, u64::MAX)?,
        "read" => return counted(state.read()?),
        "watch" => return watch(name, number),
        "lock" => drop(state.lock(Patience::Endless)?),
        "lock-within" => drop(state.lock(within)?),
        "try-lock" => drop(state.lock(Patience::None)?),
        "set" => state.value_mut().expect("locked").copy_from_slice(&tally(number).to_bytes()?),
        "set-half" => Tally::edit(state.value_mut().expect("locked"))?.words.fill(number),
        "unfinished" => return Ok(state.unfinished().map_or("none".to_owned(), |it| format!("{:?}", words(it)))),
        "publish" => state.publish()?,
        "discard" => state.discard(),
        "wait" => return counted(state.wait_changed(Patience::Endless)?),
        "wait-within" => return counted(state.wait_changed(within)?),
        "fork" => return fork(state),
        other => panic!("there is no command {other}"),
    }
    Ok("done".to_owned())
}

/// The first and the last word.
fn words(bytes: &[u8]) -> (u64, u64) {
    let tally = Tally::view(bytes).expect("a tally");
    (tally.count, tally.words[62])
}

/// Adds one, so many times, with a handle of its own.
fn add(name: &str, times: u64) -> Result<(), Error> {
    let mut shared = Shared::<Tally>::open(name)?;
    for _ in 0..times {
        let mut value = shared.lock()?;
        let next = count(&value) + 1;
        *value = tally(next);
        value.publish()?;
    }
    Ok(())
}

/// Reads until the count is this. Every value must be whole, the one of its version, and none older than the one before.
fn watch(name: &str, last: u64) -> Result<String, Error> {
    let mut shared = Shared::<Tally>::open(name)?;
    let (mut before, mut changes) = (0, 0_u64);
    while before < last {
        let found = count(shared.read()?);
        assert!(found >= before, "{found} after {before}");
        assert_eq!(found, shared.version());
        changes += u64::from(found > before);
        before = found;
    }
    Ok(format!("saw {changes}"))
}

/// Forks while the lock is held. The child says what its copy of the handle says, and drops it.
fn fork(state: &mut RawShared) -> Result<String, Error> {
    state.lock(Patience::Endless)?;
    // SAFETY: the child writes to a pipe, and ends.
    if unsafe { libc::fork() } != 0 {
        return Ok("forked".to_owned());
    }
    for said in [state.read().err(), state.publish().err()] {
        println!("child: {}", said.map_or_else(|| "nothing".to_owned(), |error| error.to_string()));
    }
    state.discard();
    println!("child lives");
    let mut byte = 0_u8;
    // SAFETY: one byte of room. A read of its own: the buffer of the standard library may hold the parent's commands.
    unsafe { libc::read(0, (&raw mut byte).cast(), 1) };
    std::process::exit(0);
}
