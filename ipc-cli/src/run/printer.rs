//! What the controller prints, written by a thread of its own: whoever reads it may be slow or asleep, or have stopped the
//! terminal, and the controller steers on.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// If so much waits to be read, modules that print wait as well.
const MAX_BYTES: usize = 4 << 20;
/// Nobody reads if nothing was taken for so long. Then what modules print is left out: none is to stand still for its log.
const PATIENCE: Duration = Duration::from_secs(1);

/// A handle; all of its clones print to the same place.
#[derive(Clone)]
pub(crate) struct Printer(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    texts: VecDeque<Text>,
    bytes: usize,
    /// Since when a text is being written, which has left `texts` and not `bytes`.
    writing: Option<Instant>,
    left_out: u64,
}

struct Text {
    text: String,
    is_picture: bool,
}

impl Printer {
    /// Prints there.
    pub(crate) fn start(out: impl Write + Send + 'static) -> Self {
        let printer = Self(Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() }));
        let writer = printer.clone();
        std::thread::spawn(move || writer.write(out));
        printer
    }

    /// Prints a text, without waiting for it to be read.
    pub(crate) fn print(&self, text: String) {
        self.push(Text { text, is_picture: false });
    }

    /// Prints a picture of a whole screen, unless another one overtakes it.
    pub(crate) fn draw(&self, text: String) {
        self.push(Text { text, is_picture: true });
    }

    /// Waits for room for a line of a module. Gives how many lines were left out before it, or `None` if this one is to be,
    /// because nobody reads.
    pub(crate) fn room(&self) -> Option<u64> {
        let mut queue = self.lock();
        while queue.bytes >= MAX_BYTES {
            let waited = queue.writing.map_or(Duration::ZERO, |since| since.elapsed());
            let Some(left) = PATIENCE.checked_sub(waited) else {
                queue.left_out += 1;
                return None;
            };
            queue = self.0.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(std::mem::take(&mut queue.left_out))
    }

    /// How many lines were left out and not told of.
    pub(crate) fn left_out(&self) -> u64 {
        std::mem::take(&mut self.lock().left_out)
    }

    /// Waits until all is written.
    pub(crate) fn finish(&self) {
        let mut queue = self.lock();
        while queue.writing.is_some() || !queue.texts.is_empty() {
            queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn push(&self, text: Text) {
        let mut queue = self.lock();
        if text.is_picture
            && let Some(overtaken) = queue.texts.pop_back_if(|last| last.is_picture)
        {
            queue.bytes -= overtaken.text.len();
        }
        queue.bytes += text.text.len();
        queue.texts.push_back(text);
        self.0.changed.notify_all();
    }

    fn write(&self, mut out: impl Write) {
        let mut queue = self.lock();
        loop {
            let Some(Text { text, .. }) = queue.texts.pop_front() else {
                queue = self.0.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            queue.writing = Some(Instant::now());
            drop(queue);
            // Whoever reads may have gone.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            queue = self.lock();
            queue.bytes -= text.len();
            queue.writing = None;
            self.0.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read, pipe};

    use super::*;

    /// A printer of which nobody reads: its first text is more than a pipe takes.
    fn blocked() -> (Printer, PipeReader) {
        let (reader, writer) = pipe().unwrap();
        let printer = Printer::start(writer);
        printer.print("-".repeat(MAX_BYTES));
        (printer, reader)
    }

    fn read(mut reader: PipeReader, count: usize) -> String {
        let mut text = vec![0; count];
        reader.read_exact(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_picture_is_overtaken_by_the_next_and_text_is_not() {
        let (printer, reader) = blocked();
        printer.print("enter ".into());
        printer.draw("one ".into());
        printer.draw("two ".into());
        printer.print("leave ".into());
        printer.print("end".into());
        let text = read(reader, MAX_BYTES + 19);
        assert_eq!(text.trim_start_matches('-'), "enter two leave end");
        printer.finish();
    }

    #[test]
    fn what_nobody_reads_is_left_out_and_counted() {
        let (printer, reader) = blocked();
        assert_eq!(printer.room(), None);
        assert_eq!(printer.room(), None);
        read(reader, MAX_BYTES);
        printer.finish();
        assert_eq!((printer.room(), printer.room()), (Some(2), Some(0)));
    }
}
