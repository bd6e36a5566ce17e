//! The rings of an application: made before its modules start, looked at while they run.

use ipc_core::ProducerState;
use ipc_core::raw::{RawChannel, RawClass, RingMonitor, RingStatus};
use ipc_schema::Topology;
use ipc_schema::topology::{Channel, Storage};

use super::isolated::Memory;

/// The name that opens a channel's ring.
pub(crate) fn name(channel: &Channel) -> String {
    match &channel.storage {
        Storage::Memory => channel.name.clone(),
        Storage::Disk(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string(),
    }
}

/// The rings in files that go with the application.
pub(crate) fn passing(topology: &Topology) -> Vec<String> {
    topology.channels.iter().filter(|channel| passes(channel)).map(name).collect()
}

fn passes(channel: &Channel) -> bool {
    !channel.keep && !channel.isolated
}

/// Looks at a ring in a file that is there.
pub(crate) fn look(channel: &Channel) -> Result<RingStatus, ipc_core::Error> {
    RawChannel::untyped(&name(channel)).monitor()?.status()
}

/// Whether somebody has the application's rings open, whom making them anew would cut off.
///
/// # Errors
///
/// Who that is.
pub(crate) fn check_unused(topology: &Topology) -> Result<(), String> {
    for channel in topology.channels.iter().filter(|channel| passes(channel)) {
        // One that is not there, or is no ring, or another version's, harms nobody by what it is.
        let Ok(status) = look(channel) else { continue };
        if status.is_in_use() {
            let consumers = status.slots.iter().filter(|slot| slot.attached).map(|slot| slot.process.to_string());
            let mut users: Vec<_> = consumers.map(|process| format!("process {process}")).collect();
            if status.producer == ProducerState::Open {
                users.insert(0, "its producer".into());
            }
            return Err(format!(
                "the ring of the channel `{}` is in use by {}: end what uses it, or give this application a directory of \
                 its own by IPC_DIR",
                channel.name,
                users.join(", ")
            ));
        }
    }
    Ok(())
}

/// Makes all rings: those that pass anew, those that stay only if they are not there.
pub(crate) fn make(topology: &Topology) -> Result<(Vec<RingMonitor>, Memory), ipc_core::Error> {
    let made = topology.channels.iter().map(|channel| {
        let (name, class) = (name(channel), RawClass::from_schema(&topology.schema, &topology.class_of(channel).name)?);
        let reserved: Vec<_> = channel.reserved.iter().map(String::as_str).collect();
        let ring = RawChannel::untyped(&name)
            .capacity(channel.capacity_bytes)
            .reserve(&reserved)
            .dynamic_slots(channel.dynamic_slots);
        if channel.isolated {
            let memory = ring.create_isolated_of(&class)?;
            return Ok((ring.held(&memory).monitor()?, Some(memory)));
        }
        if let Storage::Disk(path) = &channel.storage
            && let Some(folder) = path.parent()
        {
            // What cannot be made is told by the ring itself.
            let _ = std::fs::create_dir_all(folder);
        }
        if !channel.keep {
            match ring.remove() {
                Err(error) if !error.is_not_there() => return Err(error),
                _ => {}
            }
        }
        ring.create_of(&class)?;
        let monitor = ring.monitor()?;
        if monitor.status()?.producer == ProducerState::Closed {
            // The stream of the run before ended, and this one goes on with it: who reads starts first, and is not to take
            // that end for its own.
            ring.producer_of(&class)?.leave();
        }
        Ok((monitor, None))
    });
    let (monitors, memory) = made.collect::<Result<Vec<_>, ipc_core::Error>>()?.into_iter().unzip();
    Ok((monitors, Memory(memory)))
}
