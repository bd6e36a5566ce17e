//! A module of the tests' applications, which are made at run time: `communicator read ORDER`, `communicator send BEGIN STEP
//! COUNT` and more. A controller, or a test in its place, has started it.
#![forbid(unsafe_code)]

use std::env;
use std::io::Write;
use std::thread;
use std::time::Duration;

use ipc_core::raw::{Communicator, Next, Patience, RawObserved};
use ipc_core::{Error, Order};
use ipc_tests::application::{sample, stamp};
use ipc_tests::seccomp;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments == ["old-kernel"] {
        seccomp::refuse_futex_waitv();
    }
    let mut module = Communicator::from_env()?;
    match arguments[..] {
        ["read", order] => {
            module.inputs.set_order(&self::order(order))?;
            read(&module)
        }
        ["send", begin, step, count] => {
            send(&mut module, [begin, step, count].map(|number| number.parse().expect("a number")))
        }
        ["pass"] => pass(&mut module),
        ["hang"] => hang(&module),
        ["murmur"] => murmur(&module),
        ["chatter"] => chatter(&module),
        ref other => panic!("{other:?}"),
    }
}

/// `arrival`, `round`, `priority:b,a`, `merged:stamp` or `merged:stamp:MS`.
fn order(text: &str) -> Order {
    match text.split(':').collect::<Vec<_>>()[..] {
        ["arrival"] => Order::Arrival,
        ["round"] => Order::Round,
        ["priority", names] => Order::Priority(names.split(',').map(str::to_owned).collect()),
        ["merged", by] => Order::merged(by),
        ["merged", by, limit] => Order::merged_within(by, Duration::from_millis(limit.parse().expect("milliseconds"))),
        ref other => panic!("{other:?}"),
    }
}

/// Tells of each frame, and of each end.
fn read(module: &Communicator) -> Result<(), Error> {
    let mut observed = RawObserved::default();
    loop {
        let next = module.inputs.next(Patience::Endless);
        let next = next.inspect_err(|error| say(&format!("error {}", first_line(error))));
        let name = |index| module.inputs.name(index).unwrap_or_default();
        match next {
            Ok(Next::Frame(index)) => {
                let tell = |bytes| say(&format!("{} {}", name(index), stamp(bytes)));
                match module.inputs.consumer(index) {
                    // Told before it is given back: who is killed in between has it again.
                    Some(consumer) => tell(consumer.recv(Patience::None)?.bytes()),
                    None => {
                        assert!(module.inputs.take_observed(index, &mut observed));
                        tell(observed.bytes());
                    }
                }
            }
            Ok(Next::Closed(index)) => say(&format!("{} is closed", name(index))),
            Ok(Next::AllClosed) => return say_end("all are closed"),
            Ok(Next::Quit) => return say_end("told to quit"),
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }
}

/// Sends so many frames with these stamps, or up to `quit`.
fn send(module: &mut Communicator, [begin, step, count]: [i64; 3]) -> Result<(), Error> {
    let mut number = 0;
    while number < count && module.go_on()? {
        let producer = module.outputs.get_mut(0).expect("a module that writes");
        let stamp = begin + number * step;
        say(&format!("{:?}", producer.deliver(&sample(stamp, 0))?));
        number += 1;
    }
    say_end("sent")
}

/// Passes frames on from its one channel to another.
fn pass(module: &mut Communicator) -> Result<(), Error> {
    while let Next::Frame(index) = module.inputs.next(Patience::Endless)? {
        let frame = module.inputs.consumer(index).expect("it consumes").recv(Patience::None)?;
        module.outputs.get_mut(0).expect("it produces").deliver(frame.bytes())?;
    }
    say_end("passed")
}

/// Takes a frame, and never comes back.
fn hang(module: &Communicator) -> Result<(), Error> {
    module.inputs.next(Patience::Endless)?;
    say("hanging");
    loop {
        thread::park();
    }
}

/// Leaves its log in the middle of a line.
fn murmur(module: &Communicator) -> Result<(), Error> {
    print!("half a line");
    std::io::stdout().flush().expect("the test reads");
    while module.inputs.next(Patience::Endless)? != Next::Quit {}
    Ok(())
}

/// Writes its log in pieces without end.
fn chatter(module: &Communicator) -> Result<(), Error> {
    thread::spawn(|| {
        loop {
            print!("a log ");
            std::io::stdout().flush().expect("the test reads");
            println!("in pieces");
        }
    });
    while module.inputs.next(Patience::Endless)? != Next::Quit {}
    Ok(())
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the test reads");
}

fn say_end(line: &str) -> Result<(), Error> {
    say(line);
    Ok(())
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
