//! The ring between the programs `producer` and `consumer`.

use ipc_core::{Channel, include_schema};

include_schema!("classes/matrix.json");

/// From `producer` to `consumer`.
pub const MATRICES: Channel<SimpleMatrix> = Channel::new("matrices").reserve(&["consumer"]);
