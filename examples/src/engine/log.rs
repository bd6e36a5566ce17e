//! [`Log`]: what the engine tells an editor, whether one is there or not.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use ipc_core::{Error, stream};

use super::{BuildResult, EngineMessage, Level};

/// How many messages wait for an editor; the oldest goes first.
const MOST_WAITING: usize = 1000;

/// Tells an editor what happens. Nobody who says something waits: a thread sends it, in order, as soon as somebody reads.
#[derive(Debug, Clone)]
pub struct Log {
    began: Instant,
    waiting: Arc<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: Mutex<VecDeque<EngineMessage>>,
    more: Condvar,
}

impl Log {
    /// A log that goes to whoever reads this stream, one after another.
    pub fn to(messages: stream::Producer<EngineMessage>) -> Self {
        let log = Self { began: Instant::now(), waiting: Arc::default() };
        let waiting = Arc::clone(&log.waiting);
        thread::spawn(move || waiting.send_all(messages));
        log
    }

    /// Says a line.
    pub fn say(&self, level: Level, text: String) {
        self.tell(level, text, None);
    }

    /// Says a line, with how a build has ended.
    pub fn tell(&self, level: Level, text: String, build: Option<BuildResult>) {
        let message = EngineMessage { time: self.began.elapsed().as_secs_f64(), level, text, build };
        let mut messages = self.waiting.messages();
        if messages.len() == MOST_WAITING {
            messages.pop_front();
        }
        messages.push_back(message);
        self.waiting.more.notify_one();
    }
}

impl Waiting {
    fn send_all(&self, mut editor: stream::Producer<EngineMessage>) {
        loop {
            let message = self.next();
            // An editor that goes before it has all of a message leaves that to its successor.
            let outcome = std::iter::repeat_with(|| editor.send(&message)).find(|outcome| !is_gone(outcome));
            if let Some(Err(error)) = outcome {
                eprintln!("a message was not sent: {error}");
            }
        }
    }

    fn next(&self) -> EngineMessage {
        let empty = |messages: &mut VecDeque<_>| messages.is_empty();
        let messages = self.more.wait_while(self.messages(), empty);
        messages.unwrap_or_else(PoisonError::into_inner).pop_front().expect("it is not empty")
    }

    /// No panic can leave the queue half changed.
    fn messages(&self) -> MutexGuard<'_, VecDeque<EngineMessage>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_gone(outcome: &Result<u64, Error>) -> bool {
    matches!(outcome, Err(Error::Gone(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc_core::stream::Channel;

    #[test]
    fn whoever_comes_late_gets_the_newest_messages_and_nobody_has_waited_for_it() {
        let path = std::env::temp_dir().join(format!("engine-log-{}", std::process::id()));
        let messages: Channel<'_, EngineMessage> = Channel::fifo(path.to_str().unwrap()).lines();
        let log = Log::to(messages.producer().unwrap());
        let said = 3 * MOST_WAITING;
        for line in 0..said {
            log.say(Level::INFO, line.to_string());
        }
        let mut editor = messages.consumer().unwrap();
        let mut lines = Vec::new();
        while lines.last() != Some(&(said - 1)) {
            lines.push(editor.recv().unwrap().view().text().unwrap().parse::<usize>().unwrap());
        }
        // The thread may have taken one of the first before those after it were too many.
        lines.drain(..lines.len() - MOST_WAITING.min(lines.len()));
        assert!(lines.into_iter().eq(said - MOST_WAITING..said));
        std::fs::remove_file(path).unwrap();
    }
}
