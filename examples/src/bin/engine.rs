//! The engine of `editor/`, beside which Neovim is the client: `engine [PROJECT]`, by default `editor/project`.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::thread;

use ipc_core::stream::{Channel, Duplex};
use ipc_examples::engine::{Ball, Log, obey, refresh, simulate};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/editor/project");

fn main() -> Result<(), Box<dyn Error>> {
    let project = env::args_os().nth(1).map_or(PROJECT.into(), PathBuf::from).canonicalize()?;
    let folder = project.to_str().ok_or("the project's path is not UTF-8")?;
    let (messages, commands) = (format!("{folder}/engine.messages"), format!("{folder}/engine.commands"));
    let editor = Duplex::open(&Channel::fifo(&messages).lines(), &Channel::fifo(&commands).lines())?;
    println!("simulating the ball of {folder}; :EngineLog in Neovim shows it");

    let log = Log::to(editor.out);
    let (balls, changes) = channel();
    refresh(&project, &log, &balls);
    thread::scope(|scope| {
        let ended = scope.spawn(|| {
            let balls = balls;
            obey(editor.input, &project, &log, &balls)
        });
        simulate(Ball { height: 2.0, gravity: 9.81, bounce: 0.8 }, &changes, &log);
        Ok(ended.join().expect("it does not panic")?)
    })
}
