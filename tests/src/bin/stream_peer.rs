//! A process under test at an end of a stream. It obeys the commands on its standard input, one a line, and answers each with
//! a line that begins with `= `; or it is a part of a pipeline of a shell.

use std::io::{BufRead, Write};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::stream::{Channel, Consumer, Producer};
use ipc_tests::streams::{channel, check, load, mixed, said};
use ipc_tests::{Parcel, Tick};

struct Ends<'p> {
    channel: Channel<'p, Parcel>,
    ticks: Channel<'p, Tick>,
    producer: Option<Producer<Parcel>>,
    consumer: Option<Consumer<Parcel>>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (kind, rest) = arguments.split_first().expect("a test starts this program");
    if kind == "pipe" {
        if let Err(error) = part_of_pipeline(rest) {
            // One write, for the parts of a pipeline share their standard error.
            std::io::stderr().write_all(format!("{}\n", said(&error)).as_bytes()).expect("the test reads it");
            std::process::exit(3);
        }
        return;
    }
    let (channel, ticks) = (channel(kind, &rest[0]), channel(kind, &rest[0]));
    let mut ends = Ends { channel, ticks, producer: None, consumer: None };
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("commands are text");
        println!("= {}", ends.obey(&line).unwrap_or_else(|error| said(&error)));
    }
}

/// `produce COUNT`, `filter`, which doubles the data, or `consume`.
fn part_of_pipeline(task: &[String]) -> Result<(), Error> {
    let pipe: Channel<'_, Parcel> = Channel::pipe();
    match task[0].as_str() {
        "produce" => {
            let mut producer = pipe.producer()?;
            for stamp in 0..task[1].parse().expect("a number") {
                producer.send(&load(stamp, mixed(stamp)))?;
            }
            producer.close()
        }
        "filter" => {
            let mut producer = pipe.producer()?;
            for frame in &mut pipe.consumer()? {
                let frame = frame?;
                check(&frame);
                producer.send(&load(frame.view().stamp(), 2 * frame.view().n()))?;
            }
            producer.close()
        }
        _ => {
            let (mut count, mut bytes) = (0, 0);
            for frame in &mut pipe.consumer()? {
                let frame = frame?;
                assert_eq!(check(&frame), count);
                count += 1;
                bytes += frame.view().data().len();
            }
            println!("{count} frames, {bytes} bytes");
            Ok(())
        }
    }
}

impl Ends<'_> {
    fn obey(&mut self, line: &str) -> Result<String, Error> {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |index: usize| words[index].parse::<u64>().expect("a number");
        match words[0] {
            "produce" => self.producer = Some(self.channel.producer()?),
            "consume" => self.consumer = Some(self.channel.consumer()?),
            // Frames from one stamp to before another, of mixed sizes.
            "send" => {
                for stamp in number(1)..number(2) {
                    self.producer().send(&load(stamp, mixed(stamp)))?;
                }
            }
            // Frames of one size.
            "send-of" => {
                for stamp in number(1)..number(2) {
                    self.producer().send(&load(stamp, number(3) as u32))?;
                }
            }
            "recv" => {
                let frame = self.consumer().recv()?;
                return Ok(format!("{} of {}", check(&frame), frame.view().n()));
            }
            "recv-within-ms" => {
                let frame = self.consumer().recv_timeout(Duration::from_millis(number(1)))?;
                return Ok(check(&frame).to_string());
            }
            // The first frame of another class than a parcel's.
            "recv-tick" => return Ok(self.ticks.consumer()?.recv()?.count.to_string()),
            "drain" => {
                let mut stamps = Vec::new();
                loop {
                    match self.consumer().recv() {
                        Ok(frame) => stamps.push(check(&frame)),
                        Err(error) => return Ok(format!("{} {}", stamps.len(), said(&error))),
                    }
                    println!("got {}", stamps.last().expect("pushed"));
                }
            }
            // The child tries what it has inherited, and drops it.
            "fork" => {
                // SAFETY: this process has one thread, so the child may do all that this one may.
                if unsafe { libc::fork() } == 0 {
                    let outcome = self.producer().send(&load(0, 1)).map_err(|error| said(&error));
                    println!("child: {outcome:?}");
                    (self.producer, self.consumer) = (None, None);
                    std::process::exit(0);
                }
                // SAFETY: it waits for the child, and takes no status.
                unsafe { libc::wait(std::ptr::null_mut()) };
            }
            "close" => self.producer.take().expect("a producer").close()?,
            "leave" => self.producer.take().expect("a producer").leave(),
            "drop" => (self.producer, self.consumer) = (None, None),
            other => panic!("there is no command {other}"),
        }
        Ok("done".to_owned())
    }

    fn producer(&mut self) -> &mut Producer<Parcel> {
        self.producer.as_mut().expect("a producer")
    }

    fn consumer(&mut self) -> &mut Consumer<Parcel> {
        self.consumer.as_mut().expect("a consumer")
    }
}
