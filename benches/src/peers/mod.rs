//! Other libraries, each as a [`Link`](crate::link::Link) set up as its own manual advises for speed.

mod iceoryx2;
mod rtrb;

use crate::contender::Contender;

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    vec![iceoryx2::contender(), rtrb::contender()]
}
