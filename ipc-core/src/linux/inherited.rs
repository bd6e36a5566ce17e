//! Descriptors that the process which started this one has handed over by their number.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

/// The descriptor of that number, which is not inherited further.
pub(crate) fn take(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the descriptor is borrowed for two calls, of which the kernel refuses each if it is not open. Nobody else closes
    // it: that number is in the environment because it was handed to this library.
    let inherited = unsafe { BorrowedFd::borrow_raw(number) };
    // A copy, so that a second end of the same process finds it as well.
    let own = fcntl_dupfd_cloexec(inherited, 0)?;
    fcntl_setfd(inherited, FdFlags::CLOEXEC)?;
    Ok(own)
}
