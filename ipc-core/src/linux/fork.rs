//! Fork: a handle that a child inherits is dead there, and keeps nothing alive that its parent's death should release.
//!
//! Two mechanisms, since neither covers both needs. A page that the kernel wipes in children (`MADV_WIPEONFORK`, also for
//! a raw `clone`) tells a handle that it is a copy. A fork handler closes the descriptors that hold locks.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use parking_lot::{Mutex, MutexGuard};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};

/// The process, in between two forks, in which something was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    number: u32,
    /// The number of the life that runs now, or 0 in a child that has not asked yet.
    now: &'static AtomicU32,
}

/// Lives that this process and its forefathers have begun.
static BEGUN: AtomicU32 = AtomicU32::new(0);

impl Life {
    /// The life that runs now.
    pub(crate) fn current() -> io::Result<Self> {
        let now = page()?;
        let number = match now.load(Ordering::Relaxed) {
            0 => {
                let next = BEGUN.fetch_add(1, Ordering::Relaxed) + 1;
                // Another thread may have been faster.
                now.compare_exchange(0, next, Ordering::Relaxed, Ordering::Relaxed).map_or_else(|other| other, |_| next)
            }
            number => number,
        };
        Ok(Self { number, now })
    }

    /// Where the number of the life that runs now stands, and that of this one.
    pub(crate) fn words(self) -> (&'static AtomicU32, u32) {
        (self.now, self.number)
    }

    /// Whether that life still runs here: false in a forked child.
    #[inline]
    pub(crate) fn is_current(self) -> bool {
        self.now.load(Ordering::Relaxed) == self.number
    }
}

/// A word that reads as 0 in a new child.
fn page() -> io::Result<&'static AtomicU32> {
    static PAGE: OnceLock<&'static AtomicU32> = OnceLock::new();
    if let Some(page) = PAGE.get() {
        return Ok(page);
    }
    const BYTES: usize = 4096;
    // SAFETY: a new private mapping at an address of the kernel's choice takes nothing from anybody.
    let page =
        unsafe { mmap_anonymous(ptr::null_mut(), BYTES, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) }?;
    // SAFETY: the range is the mapping made above. Wiped bytes are a valid `AtomicU32`.
    unsafe { madvise(page, BYTES, Advice::LinuxWipeOnFork) }?;
    // SAFETY: the mapping is page-aligned, zeroed, large enough, and never unmapped. (Of two threads that come here at
    // once, one's page stays unused.)
    Ok(PAGE.get_or_init(|| unsafe { AtomicU32::from_ptr(page.cast()) }))
}

type Registry = Mutex<Vec<RawFd>>;

/// Descriptors to close in a child. A pointer, because a child gets a new registry: the old one's lock is held over the
/// fork, and its waiters do not exist in the child.
static REGISTRY: AtomicPtr<Registry> = AtomicPtr::new(ptr::null_mut());

/// A file that no forked child keeps open: its descriptor is closed there.
#[derive(Debug)]
pub(crate) struct OwnFile {
    file: ManuallyDrop<File>,
    life: Life,
}

impl OwnFile {
    /// Opens one. No fork comes between opening and noting.
    pub(crate) fn open(open: impl FnOnce() -> io::Result<File>) -> io::Result<Self> {
        let life = Life::current()?;
        let mut registry = registry().lock();
        let file = open()?;
        registry.push(file.as_raw_fd());
        Ok(Self { file: ManuallyDrop::new(file), life })
    }

    /// Whether it is open here: false in a forked child, where its number may be somebody else's.
    pub(crate) fn is_open(&self) -> bool {
        self.life.is_current()
    }
}

impl Deref for OwnFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if !self.is_open() {
            // The child's fork handler has closed the descriptor.
            return;
        }
        // No fork comes between forgetting and closing.
        let mut registry = registry().lock();
        registry.retain(|&other| other != self.file.as_raw_fd());
        // SAFETY: nobody uses it after this.
        unsafe { ManuallyDrop::drop(&mut self.file) };
    }
}

fn registry() -> &'static Registry {
    static HANDLERS: OnceLock<()> = OnceLock::new();
    HANDLERS.get_or_init(|| {
        REGISTRY.store(Box::leak(Box::default()), Ordering::Release);
        // SAFETY: the three functions below stay valid for the life of the program.
        let outcome = unsafe { libc::pthread_atfork(Some(before_fork), Some(after_in_parent), Some(after_in_child)) };
        assert_eq!(outcome, 0, "pthread_atfork fails only without memory");
    });
    // SAFETY: set above, before this is reached, to a leaked box.
    unsafe { &*REGISTRY.load(Ordering::Acquire) }
}

thread_local! {
    /// The registry's guard, while this thread forks.
    static FORKING: Cell<Option<MutexGuard<'static, Vec<RawFd>>>> = const { Cell::new(None) };
}

/// Keeps other threads from opening or closing while the process forks.
extern "C" fn before_fork() {
    FORKING.set(Some(registry().lock()));
}

extern "C" fn after_in_parent() {
    drop(FORKING.take());
}

extern "C" fn after_in_child() {
    let Some(inherited) = FORKING.take() else { return };
    for &descriptor in inherited.iter() {
        // SAFETY: the parent's copy is another descriptor; in this process its owner is a handle of a life that ended,
        // which never uses or closes it again (see OwnFile).
        unsafe { libc::close(descriptor) };
    }
    std::mem::forget(inherited);
    REGISTRY.store(Box::leak(Box::default()), Ordering::Release);
}
