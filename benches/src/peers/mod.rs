//! Other libraries, each as a [`Link`](crate::link::Link) set up as its own manual advises for speed.

#[cfg(feature = "aeron")]
mod aeron;
mod bytes;
mod iceoryx2;
mod ipc_channel;
mod rtrb;
mod shmem_ipc;
mod zeromq;

use crate::contender::Contender;

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    vec![
        iceoryx2::contender(),
        rtrb::contender(),
        shmem_ipc::contender(),
        ipc_channel::contender(),
        zeromq::contender(),
        #[cfg(feature = "aeron")]
        aeron::contender(),
    ]
}
