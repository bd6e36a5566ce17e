//! The third program of README.md: a counter and a message that several processes share. `shared_data say TEXT` changes both at
//! once, `shared_data watch` prints them whenever they have changed.

use ipc_core::{Char, Error, Shared, include_schema};

include_schema!("classes/shared_data.json");

const NAME: &str = "shared_data";

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["say", text] => say(text),
        ["watch"] => watch(),
        _ => {
            eprintln!("usage: shared_data say TEXT | shared_data watch");
            std::process::exit(2)
        }
    }
}

fn say(text: &str) -> Result<(), Error> {
    let mut shared = Shared::create(NAME, &SharedData::default())?; // or opens the one that is there
    let mut data = shared.lock()?;
    if let Some(unfinished) = data.unfinished() {
        eprintln!("somebody died at message {}; it never was one", unfinished.counter);
    }
    data.counter += 1;
    data.message.fill(Char(0));
    for (to, from) in data.message[..255].iter_mut().zip(text.bytes()) {
        *to = Char(from);
    }
    data.publish() // both members at once, for everybody
}

fn watch() -> Result<(), Error> {
    let mut shared = Shared::create(NAME, &SharedData::default())?;
    loop {
        let data = shared.wait_changed()?;
        let text: Vec<u8> = data.message.iter().map(|unit| unit.0).take_while(|&unit| unit != 0).collect();
        println!("{}: {}", data.counter, String::from_utf8_lossy(&text));
    }
}
