//! The limit of a round trip: one message line each way, nothing else.

use std::fs::File;

use memmap2::{MmapOptions, MmapRaw};

use crate::Outcome;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::MessageLine;

/// A message line in shared memory, for messages of `WORDS` words. It holds one message: only for round trips.
pub(crate) struct Line<const WORDS: usize>;

/// One end of it.
///
/// # Invariant
///
/// The mapping holds a whole [`MessageLine`], page-aligned, which every process accesses by atomics only.
pub(crate) struct LineEnd<const WORDS: usize> {
    map: MmapRaw,
    next: u64,
}

impl<const WORDS: usize> Link for Line<WORDS> {
    type Sender = LineEnd<WORDS>;
    type Receiver = LineEnd<WORDS>;

    fn sender(end: &End<'_>) -> Outcome<Self::Sender> {
        let path = end.directory.join(end.name);
        File::create_new(&path)?.set_len(size_of::<MessageLine>() as u64)?;
        end.meeting.meet();
        LineEnd::open(end)
    }

    fn receiver(end: &End<'_>) -> Outcome<Self::Receiver> {
        end.meeting.meet();
        LineEnd::open(end)
    }
}

impl<const WORDS: usize> LineEnd<WORDS> {
    fn open(end: &End<'_>) -> Outcome<Self> {
        let file = File::options().read(true).write(true).open(end.directory.join(end.name))?;
        let map = MmapOptions::new().len(size_of::<MessageLine>()).map_raw(&file)?;
        Ok(Self { map, next: 1 })
    }

    #[inline(always)]
    fn line(&self) -> &MessageLine {
        // SAFETY: the invariant; any bytes are valid atomics.
        unsafe { &*self.map.as_ptr().cast() }
    }
}

impl<const WORDS: usize> Sender for LineEnd<WORDS> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        self.line().store::<WORDS>(number);
        Ok(())
    }
}

impl<const WORDS: usize> Receiver for LineEnd<WORDS> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        let number = self.next;
        self.line().wait_for::<WORDS>(number)?;
        self.next += 1;
        Ok(number)
    }
}
