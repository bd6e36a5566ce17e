//! How other terminals reach a running application: a socket under an abstract name, of which nothing is left behind. The name
//! follows from the user and the topology's file; it is taken as long as the controller or its guard lives.
//!
//! A request is a line of JSON, and so is its answer. Empty lines before that are signs of life: what was asked for may take its
//! time, and a controller that stands still is known by its silence.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipc_schema::fingerprint::Fingerprint;
use rustix::net::sockopt::socket_peercred;
use rustix::net::{SendFlags, send};
use rustix::process::{Uid, geteuid};
use serde::{Deserialize, Serialize};

use super::request::Request;
use super::snapshot::Snapshot;

/// What an application answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) text: String,
    /// To a request for the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Snapshot>,
}

/// How long a client may take to say what it wants.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);
/// How long an application may give no sign of life.
const SILENCE: Duration = Duration::from_secs(5);
/// How long it may take to read its answer.
const REPLY_WITHIN: Duration = Duration::from_secs(1);
/// Longer requests are none.
const MAX_REQUEST_BYTES: u64 = 64 << 10;

/// Takes the application's name; `None` if somebody has it.
pub(crate) fn listen(file: &Path) -> io::Result<Option<UnixListener>> {
    match UnixListener::bind_addr(&address(file)?) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

/// Hears requests; each comes with the stream that takes its answer.
pub(crate) fn serve(listener: &UnixListener, asked: impl Fn(Request, UnixStream) + Clone + Send + 'static) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let asked = asked.clone();
        // In a thread of its own: one that says nothing would keep all others waiting.
        std::thread::spawn(move || {
            // A client that goes away, or says nothing that is understood, gets no answer.
            if let Ok(Some(request)) = read_request(&stream) {
                asked(request, stream);
            }
        });
    }
}

fn read_request(stream: &UnixStream) -> io::Result<Option<Request>> {
    if !is_mine(stream)? {
        return Ok(None);
    }
    stream.set_read_timeout(Some(REQUEST_WITHIN))?;
    let mut line = String::new();
    BufReader::new(stream.take(MAX_REQUEST_BYTES)).read_line(&mut line)?;
    Ok(Some(serde_json::from_str(&line)?))
}

/// Sends an answer. Who asked may have gone.
pub(crate) fn reply(mut stream: UnixStream, answer: &Answer) {
    let _ = stream.set_write_timeout(Some(REPLY_WITHIN));
    if let Ok(text) = serde_json::to_string(answer) {
        let _ = stream.write_all(format!("{text}\n").as_bytes());
    }
}

/// Tells who waits for an answer that this process lives.
pub(crate) fn live(stream: &UnixStream) {
    // Who does not read them needs no more of them; who asked may have gone.
    let _ = send(stream, b"\n", SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
}

/// Asks the application of a file; `None` if it does not run, or has ended without an answer.
pub(crate) fn ask(file: &Path, request: &Request) -> io::Result<Option<Answer>> {
    let mut stream = match UnixStream::connect_addr(&address(file)?) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) => return Err(error),
    };
    // Another user's program could have taken the name.
    if !is_mine(&stream)? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "another user has taken this application's name"));
    }
    stream.set_read_timeout(Some(SILENCE))?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    match stream.write_all(line.as_bytes()).and_then(|()| read_answer(&stream)) {
        Ok(line) if line.is_empty() => Ok(None),
        Ok(line) => Ok(Some(serde_json::from_str(&line)?)),
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            let (controller, seconds) = (socket_peercred(&stream)?.pid, SILENCE.as_secs());
            Err(io::Error::other(format!(
                "its controller, process {controller}, has given no sign of life for {seconds} s: `kill -CONT {controller}` lets \
                 it go on if it is stopped, `kill -KILL {controller}` ends it, and its guard then ends the modules"
            )))
        }
        Err(error) => Err(error),
    }
}

/// The first line that has something in it; an empty text if none comes any more.
fn read_answer(stream: &UnixStream) -> io::Result<String> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        let is_over = stream.read_line(&mut line)? == 0;
        if is_over || !line.trim().is_empty() {
            return Ok(line);
        }
    }
}

fn is_mine(stream: &UnixStream) -> io::Result<bool> {
    let peer = socket_peercred(stream)?.uid;
    Ok(peer == geteuid() || peer == Uid::ROOT)
}

fn address(file: &Path) -> io::Result<SocketAddr> {
    let file = resolved(&std::path::absolute(file)?)?;
    let name = Fingerprint::of_bytes(file.as_os_str().as_encoded_bytes());
    SocketAddr::from_abstract_name(format!("ipc-run-{}-{name}", geteuid().as_raw()))
}

/// A file's path without links. If it is not there any more, that of the place where it was.
fn resolved(file: &Path) -> io::Result<PathBuf> {
    match file.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Err(error) };
            match file.read_link() {
                Ok(target) => resolved(&folder.join(target)),
                Err(_) => Ok(resolved(folder)?.join(name)),
            }
        }
        outcome => outcome,
    }
}
