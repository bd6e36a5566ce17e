//! The limit of a sleeping round trip: a message line each way, and a futex to sleep on, used as our ring uses its own:
//! the sender looks at a flag and makes the system call only when somebody sleeps.

use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering, compiler_fence, fence};

use memmap2::{MmapOptions, MmapRaw};
use rustix::thread::{MembarrierCommand, futex, membarrier};

use crate::Outcome;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::MessageLine;
use crate::task::Fencing;

/// The longest sleep of a timed sleeper.
const NAP: futex::Timespec = futex::Timespec { tv_sec: 0, tv_nsec: 250_000_000 };

/// A message line of `WORDS` words with a futex; its sleeps end by themselves if they are timed.
pub(crate) struct FutexLine<const WORDS: usize, const TIMED: bool>;

#[repr(C)]
struct Shared {
    message: MessageLine,
    sleep: SleepLine,
}

#[repr(C, align(128))]
struct SleepLine {
    /// 1 while somebody sleeps, or is about to.
    flag: AtomicU32,
    /// What a sleeper sleeps on; changes with every wake.
    sequence: AtomicU32,
}

/// One end.
///
/// # Invariant
///
/// The mapping holds a whole [`Shared`], page-aligned, which every process accesses by atomics only.
pub(crate) struct FutexEnd<const WORDS: usize, const TIMED: bool> {
    map: MmapRaw,
    fence: Fencing,
    next: u64,
}

impl<const WORDS: usize, const TIMED: bool> Link for FutexLine<WORDS, TIMED> {
    type Sender = FutexEnd<WORDS, TIMED>;
    type Receiver = FutexEnd<WORDS, TIMED>;

    fn sender(end: &End<'_>) -> Outcome<FutexEnd<WORDS, TIMED>> {
        File::create_new(end.directory.join(end.name))?.set_len(size_of::<Shared>() as u64)?;
        end.meeting.meet();
        FutexEnd::open(end)
    }

    fn receiver(end: &End<'_>) -> Outcome<FutexEnd<WORDS, TIMED>> {
        end.meeting.meet();
        FutexEnd::open(end)
    }
}

impl<const WORDS: usize, const TIMED: bool> FutexEnd<WORDS, TIMED> {
    fn open(end: &End<'_>) -> Outcome<Self> {
        if end.task.fence == Fencing::Asymmetric {
            membarrier(MembarrierCommand::RegisterGlobalExpedited)?;
        }
        let file = File::options().read(true).write(true).open(end.directory.join(end.name))?;
        let map = MmapOptions::new().len(size_of::<Shared>()).map_raw(&file)?;
        end.meeting.meet();
        Ok(Self { map, fence: end.task.fence, next: 1 })
    }

    fn shared(&self) -> &Shared {
        // SAFETY: the invariant; any bytes are valid atomics.
        unsafe { &*self.map.as_ptr().cast() }
    }
}

impl<const WORDS: usize, const TIMED: bool> Sender for FutexEnd<WORDS, TIMED> {
    fn send(&mut self, number: u64) -> Outcome {
        let Shared { message, sleep } = self.shared();
        message.store::<WORDS>(number);
        // Pairs with the fence in receive(): of the message and the flag, one side sees the other's.
        match self.fence {
            Fencing::Asymmetric => compiler_fence(Ordering::SeqCst),
            Fencing::Symmetric => fence(Ordering::SeqCst),
        }
        if sleep.flag.load(Ordering::Relaxed) != 0 {
            sleep.flag.store(0, Ordering::Relaxed);
            // Pairs with the load in receive().
            sleep.sequence.fetch_add(1, Ordering::Release);
            futex::wake(&sleep.sequence, futex::Flags::empty(), 1)?;
        }
        Ok(())
    }
}

impl<const WORDS: usize, const TIMED: bool> Receiver for FutexEnd<WORDS, TIMED> {
    fn receive(&mut self) -> Outcome<u64> {
        let Shared { message, sleep } = self.shared();
        while !message.is_there(self.next) {
            // Pairs with the add in send().
            let sequence = sleep.sequence.load(Ordering::Acquire);
            sleep.flag.store(1, Ordering::Relaxed);
            // Pairs with the fence in send().
            match self.fence {
                Fencing::Asymmetric => membarrier(MembarrierCommand::GlobalExpedited)?,
                Fencing::Symmetric => fence(Ordering::SeqCst),
            }
            if message.is_there(self.next) {
                break;
            }
            // Woken, already changed and interrupted all mean the same: look again.
            let _ = futex::wait(&sleep.sequence, futex::Flags::empty(), sequence, TIMED.then_some(&NAP));
        }
        message.wait_for::<WORDS>(self.next)?;
        self.next += 1;
        Ok(self.next - 1)
    }
}
