//! The picture in Mermaid's language, which Markdown pages show.

use std::fmt::Write;

use ipc_schema::Topology;

/// Names are identifiers, so nothing in them needs an escape.
pub(super) fn draw(topology: &Topology) -> String {
    let mut text = String::from("flowchart LR\n");
    for module in &topology.modules {
        let _ = writeln!(text, "  module_{0}[\"<b>{0}</b>\"]", module.name);
    }
    for channel in &topology.channels {
        let label = super::label(topology, channel).join("<br/>");
        let _ = writeln!(text, "  channel_{0}([\"<b>{0}</b><br/>{label}\"])", channel.name);
        let _ = writeln!(text, "  module_{} --- channel_{}", topology[channel.producer].name, channel.name);
        for (readers, arrow) in [(&channel.consumers, "-->"), (&channel.observers, "-.->")] {
            for reader in readers {
                let _ = writeln!(text, "  channel_{} {arrow} module_{}", channel.name, topology[*reader].name);
            }
        }
    }
    text
}
