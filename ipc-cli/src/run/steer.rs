//! `ipc stop`, `resume`, `restart`, `quit` and `status`: a running application, from another terminal. And `ipc detach`.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ipc_core::raw::RawChannel;
use ipc_schema::Topology;
use rustix::termios::tcgetwinsize;

use super::remote;
use super::request::{Request, Verb};
use super::snapshot::{ChannelRow, ModuleRow, Snapshot};
use super::{rings, table};
use crate::{Failure, print};

/// Which application, and which of its modules.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The topology of the running application.
    file: PathBuf,
    /// The module; all of them if none is named.
    module: Option<String>,
}

/// Which application, and how its state is printed.
#[derive(clap::Args)]
pub(crate) struct StatusArguments {
    /// The topology of the application.
    file: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// Which slot of which ring.
#[derive(clap::Args)]
pub(crate) struct DetachArguments {
    /// The ring: the name of its channel, or its path (NAME.ring).
    ring: String,
    /// The name of the reserved slot: that of the module it is for.
    slot: String,
    /// The topology of the running application whose channel it is: needed for an isolated one, which has no name but there.
    #[arg(long, value_name = "FILE")]
    app: Option<PathBuf>,
}

/// Sends a command, and prints what came of it; exit status 0 if it was done.
pub(crate) fn run(verb: Verb, arguments: &Arguments) -> Result<ExitCode, Failure> {
    obey(&arguments.file, &Request::new(verb, arguments.module.clone()))
}

fn obey(file: &Path, request: &Request) -> Result<ExitCode, Failure> {
    let Some(answer) = ask(file, request)? else {
        let is_there = file.exists();
        let file = file.display();
        return Err(match is_there {
            true => format!("{file} does not run: `ipc run` starts it"),
            false => format!("{file} is not there, and no application of it runs"),
        }
        .into());
    };
    if answer.ok {
        println!("{}", answer.text);
        Ok(ExitCode::SUCCESS)
    } else {
        eprintln!("error: {}", answer.text);
        Ok(ExitCode::FAILURE)
    }
}

/// Prints the table of a running application; of one that does not run, what its rings tell. Exit status 1 then.
pub(crate) fn status(arguments: &StatusArguments) -> Result<ExitCode, Failure> {
    let request = Request::new(Verb::Status, None);
    let answer = ask(&arguments.file, &request)?.and_then(|answer| answer.status);
    let runs = answer.is_some();
    let snapshot = match answer {
        Some(snapshot) => snapshot,
        None => without_controller(&arguments.file)?,
    };
    if arguments.json {
        print(&(serde_json::to_string(&snapshot)? + "\n"))?;
    } else {
        let columns = tcgetwinsize(stdout()).map_or(table::WIDE, |size| usize::from(size.ws_col).max(20));
        let is_terminal = stdout().is_terminal();
        let lines = table::lines(&snapshot, columns).into_iter();
        let lines =
            lines.map(|line| if is_terminal { line.painted() } else { line.plain().trim_end().to_owned() } + "\n");
        print(&lines.collect::<String>())?;
    }
    Ok(ExitCode::from(u8::from(!runs)))
}

/// Frees a reserved slot whose consumer will not come back.
pub(crate) fn detach(arguments: &DetachArguments) -> Result<ExitCode, Failure> {
    if let Some(file) = &arguments.app {
        return obey(file, &Request::detach(arguments.ring.clone(), arguments.slot.clone()));
    }
    RawChannel::untyped(&arguments.ring).detach(&arguments.slot)?;
    println!("{}", detached(&arguments.slot));
    Ok(ExitCode::SUCCESS)
}

/// What is told of a slot that was freed.
pub(super) fn detached(slot: &str) -> String {
    format!("the slot {slot} holds nobody back any more")
}

fn ask(file: &Path, request: &Request) -> Result<Option<remote::Answer>, Failure> {
    remote::ask(file, request).map_err(|error| format!("cannot ask about {}: {error}", file.display()).into())
}

/// What can be seen of an application that does not run: rings that stayed.
fn without_controller(file: &Path) -> Result<Snapshot, Failure> {
    let topology = Topology::from_file(file)?;
    let module = |name: &String| ModuleRow { name: name.clone(), state: "not running".into(), ..Default::default() };
    // Those of isolated channels went with their controller.
    let files = topology.channels.iter().enumerate().filter(|(_, channel)| !channel.isolated);
    let channels = files.filter_map(|(index, channel)| match rings::look(channel) {
        Err(error) if error.is_not_there() => None,
        status => Some(ChannelRow::of(&topology, index, status.map_err(|error| error.to_string()))),
    });
    Ok(Snapshot {
        file: std::path::absolute(file)?.display().to_string(),
        phase: "not running".into(),
        controller: 0,
        seconds: 0,
        modules: topology.modules.iter().map(|plan| module(&plan.name)).collect(),
        channels: channels.collect(),
    })
}
