//! Other libraries, each as a [`Link`](crate::link::Link) set up as its own manual advises for speed.

use crate::contender::Contender;

/// All of them.
pub(crate) fn contenders() -> Vec<Contender> {
    Vec::new()
}
