//! A module that the tests' controller runs: `worker send`, `worker read`, `worker hang`, `worker copy`.
#![forbid(unsafe_code)]

use std::env;
use std::fs::File;
use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use ipc_core::raw::{Communicator, Next, Patience};
use ipc_core::{Delivery, Error};

fn main() -> Result<(), Error> {
    let mut module = Communicator::from_env()?;
    match env::args().nth(1).as_deref() {
        Some("send") => send(&mut module),
        Some("read") => read(&module),
        Some("hang") => hang(&module),
        Some("copy") => copy(&module),
        other => panic!("{other:?} is nothing to do"),
    }
}

/// Sends ticks, and says the number of the last.
fn send(module: &mut Communicator) -> Result<(), Error> {
    let mut last = 0;
    while module.go_on()? {
        let producer = module.outputs.get_mut(0).expect("it produces");
        match producer.deliver(&[7; 8])? {
            Delivery::Sent(number) => last = number,
            Delivery::Dropped(_) => {}
            Delivery::Unsent => break,
        }
        // A pace at which the log can be read; nothing waits for it.
        thread::sleep(Duration::from_millis(2));
    }
    say(&format!("sent {last}"));
    Ok(())
}

/// Says the number of the first frame, each hundredth, and of the last; fails if one is missing. Writes each to the file that is
/// named, before it gives the frame back.
fn read(module: &Communicator) -> Result<(), Error> {
    let file = env::args().nth(2);
    let mut file = file.map(|path| File::options().append(true).create(true).open(path).expect("a file to write"));
    let mut last = None;
    while let Next::Frame(index) = module.inputs.next(Patience::Endless)? {
        let frame = module.inputs.consumer(index).expect("it consumes").recv(Patience::None)?;
        let number = frame.sequence();
        match last {
            None => say(&format!("first {number}")),
            Some(before) => assert_eq!(number, before + 1, "a frame is missing"),
        }
        if let Some(file) = &mut file {
            file.write_all(format!("{number}\n").as_bytes()).expect("the file takes it");
        }
        if number.is_multiple_of(100) {
            say(&format!("at {number}"));
        }
        last = Some(number);
    }
    last.into_iter().for_each(|last| say(&format!("last {last}")));
    Ok(())
}

/// Takes a frame and does not come back.
fn hang(module: &Communicator) -> Result<(), Error> {
    module.inputs.next(Patience::Endless)?;
    loop {
        thread::park();
    }
}

/// Copies its standard input to its output, and then waits for the controller: its control is elsewhere.
fn copy(module: &Communicator) -> Result<(), Error> {
    let mut data = Vec::new();
    std::io::stdin().read_to_end(&mut data).expect("the input is open");
    std::io::stdout().write_all(&data).expect("the output is open");
    std::io::stdout().flush().expect("the output is open");
    while !matches!(module.inputs.next(Patience::Endless)?, Next::Quit) {}
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the controller reads");
}
