//! The picture in DOT, which graphviz lays out.

use std::fmt::Write;

use ipc_schema::Topology;

/// Names are identifiers; the title alone needs an escape.
pub(super) fn draw(topology: &Topology, title: &str) -> String {
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    let mut text = format!("digraph \"{title}\" {{\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=12];\n");
    for module in &topology.modules {
        let _ = writeln!(text, "  module_{0} [shape=box, style=rounded, label=\"{0}\"];", module.name);
    }
    for channel in &topology.channels {
        let label = super::label(topology, channel).join("\\n");
        let _ = writeln!(text, "  channel_{0} [shape=plaintext, fontsize=10, label=\"{0}\\n{label}\"];", channel.name);
        let _ = writeln!(text, "  module_{} -> channel_{} [dir=none];", topology[channel.producer].name, channel.name);
        for (readers, style) in [(&channel.consumers, "solid"), (&channel.observers, "dashed")] {
            for reader in readers {
                let reader = &topology[*reader].name;
                let _ = writeln!(text, "  channel_{} -> module_{reader} [style={style}];", channel.name);
            }
        }
    }
    text.push_str("}\n");
    text
}
