//! The picture as SVG, which stands by itself: no script, no font of its own, nothing fetched.

use std::fmt::Write;

use ipc_schema::Topology;
use ipc_schema::topology::ModuleId;

use super::layout::{self, Kind, Layout, Link};
use crate::check::counted;

/// Around the picture.
const MARGIN: f64 = 32.0;
/// For the title, above the boxes.
const TITLE: f64 = 48.0;
/// Between two ways back.
const LANE: f64 = 16.0;
/// Radius of their corners.
const CORNER: f64 = 10.0;
/// Length of an arrow's head.
const HEAD: f64 = 9.0;
/// Between the lines that end at one side of a box.
const PORT_GAP: f64 = 14.0;

/// One for each channel and its edge, dark enough for text on white.
const COLOURS: [&str; 8] = ["#2563eb", "#c2410c", "#0f766e", "#9333ea", "#be123c", "#4d7c0f", "#a16207", "#475569"];

const STYLE: &str = "\
    text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #0f172a; }\n\
    .title { font-size: 17px; font-weight: 600; }\n\
    .note { font-size: 11px; fill: #64748b; }\n\
    .module { fill: #f8fafc; stroke: #64748b; stroke-width: 1.4; }\n\
    .name { font-size: 14px; font-weight: 600; text-anchor: middle; }\n\
    .command { font-size: 10.5px; fill: #64748b; text-anchor: middle; font-family: ui-monospace, Menlo, Consolas, monospace; }\n\
    .channel { fill: #ffffff; stroke-width: 1.4; }\n\
    .label { font-size: 12.5px; font-weight: 600; text-anchor: middle; }\n\
    .class { font-size: 11px; fill: #334155; text-anchor: middle; }\n\
    .edge { fill: none; stroke-width: 1.8; }\n\
    .observed { stroke-dasharray: 5 4; }\n";

/// Draws a topology.
pub(super) fn draw(topology: &Topology, title: &str) -> String {
    let layout = layout::layout(topology, |kind| size(topology, kind));
    let left = MARGIN + if layout.backward.is_empty() { 0.0 } else { 2.0 * CORNER + LANE };
    let below = LANE * layout.backward.len() as f64 + if layout.backward.is_empty() { 0.0 } else { CORNER };
    let note = note(topology);
    let least = text_width(title, 9.5).max(text_width(&note, 6.0));
    let width = left + layout.width.max(least) + left;
    let height = MARGIN + TITLE + layout.height + below + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{MARGIN}\" dominant-baseline=\"middle\">{0}</text>\n\
         <text class=\"note\" x=\"{MARGIN}\" y=\"{1}\">{2}</text>\n\
         <g transform=\"translate({left} {3})\">\n",
        escaped(title),
        MARGIN + 24.0,
        escaped(&note),
        MARGIN + TITLE,
    );
    let mut picture = Picture { topology, layout: &layout, svg: &mut svg };
    picture.edges();
    for node in &layout.nodes {
        picture.node(node);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// What it is, or how much of it there is; and what a dashed line means where there is one.
fn note(topology: &Topology) -> String {
    let count =
        format!("{}, {}", counted(topology.modules.len(), "module"), counted(topology.channels.len(), "channel"));
    let mut note = topology.comment.as_ref().map_or_else(|| count.clone(), |comment| format!("{comment} · {count}"));
    if topology.channels.iter().any(|channel| !channel.observers.is_empty()) {
        note += " · dashed: observes, and may skip frames";
    }
    note
}

fn size(topology: &Topology, kind: Kind) -> (f64, f64) {
    match kind {
        Kind::Module(index) => {
            let module = &topology.modules[index];
            let ends = (module.consumes.len() + module.observes.len()).max(module.produces.len());
            let width = text_width(&module.name, 8.6).max(text_width(&command(&module.command), 6.4)) + 28.0;
            (width.max(112.0), (PORT_GAP * ends as f64 + 10.0).max(50.0))
        }
        Kind::Channel(index) => {
            let channel = &topology.channels[index];
            let lines = super::label(topology, channel);
            let widest = lines.iter().map(|line| text_width(line, 6.2)).fold(text_width(&channel.name, 7.6), f64::max);
            (widest + 32.0, 28.0 + 14.0 * lines.len() as f64)
        }
        Kind::Line(_) => (0.0, 0.0),
    }
}

struct Picture<'a> {
    topology: &'a Topology,
    layout: &'a Layout,
    svg: &'a mut String,
}

impl Picture<'_> {
    fn edges(&mut self) {
        for link in &self.layout.links {
            let (x1, y1) = self.start(*link);
            let (x2, y2) = self.end(*link);
            let to = &self.layout.nodes[link.to];
            // A line that ends has its head before it.
            let x3 = if let Kind::Module(_) = to.kind { x2 - HEAD + 1.0 } else { x2 };
            let middle = (x1 + x3) / 2.0;
            let mut path = format!("M{x1:.1} {y1:.1} C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x3:.1} {y2:.1}");
            if let Kind::Line(_) = to.kind {
                let _ = write!(path, " H{:.1}", to.x + to.width);
            }
            self.edge(*link, &path, (x2, y2));
        }
        for (lane, link) in self.layout.backward.iter().enumerate() {
            let (x1, y1) = self.start(*link);
            let (x2, y2) = self.end(*link);
            let bottom = self.layout.height + CORNER + LANE * lane as f64;
            let (right, left) = (x1 + 2.0 * CORNER + 4.0 * lane as f64, x2 - 2.0 * CORNER - 4.0 * lane as f64);
            let path = format!(
                "M{x1:.1} {y1:.1} H{:.1} Q{right:.1} {y1:.1} {right:.1} {:.1} V{:.1} Q{right:.1} {bottom:.1} {:.1} {bottom:.1} \
                 H{:.1} Q{left:.1} {bottom:.1} {left:.1} {:.1} V{:.1} Q{left:.1} {y2:.1} {:.1} {y2:.1} H{:.1}",
                right - CORNER,
                y1 + CORNER,
                bottom - CORNER,
                right - CORNER,
                left + CORNER,
                bottom - CORNER,
                y2 + CORNER,
                left + CORNER,
                x2 - HEAD + 1.0,
            );
            self.edge(*link, &path, (x2, y2));
        }
    }

    /// A line, and the arrow's head where it ends at a reader.
    fn edge(&mut self, link: Link, path: &str, (x, y): (f64, f64)) {
        let (Kind::Channel(channel) | Kind::Line(channel)) = self.channel_of(link) else { return };
        let colour = COLOURS[channel % COLOURS.len()];
        let ends = matches!(self.layout.nodes[link.to].kind, Kind::Module(_));
        let observed = self.is_observed(channel, link.to);
        let class = if observed { "edge observed" } else { "edge" };
        let _ = writeln!(self.svg, "<path class=\"{class}\" stroke=\"{colour}\" d=\"{path}\"/>");
        if ends {
            let _ = writeln!(
                self.svg,
                "<path fill=\"{colour}\" d=\"M{:.1} {:.1} L{x:.1} {y:.1} L{:.1} {:.1} Z\"/>",
                x - HEAD,
                y - HEAD / 2.0,
                x - HEAD,
                y + HEAD / 2.0
            );
        }
    }

    /// Whether all that a channel's line leads to from here are observers.
    fn is_observed(&self, channel: usize, node: usize) -> bool {
        match self.layout.nodes[node].kind {
            Kind::Module(module) => self.topology.channels[channel].observers.contains(&ModuleId(module)),
            Kind::Channel(_) => false,
            Kind::Line(_) => {
                let mut onward = self.layout.links.iter().filter(|link| link.from == node);
                onward.all(|link| self.is_observed(channel, link.to))
            }
        }
    }

    /// The channel's end of a link.
    fn channel_of(&self, link: Link) -> Kind {
        match self.layout.nodes[link.from].kind {
            Kind::Module(_) => self.layout.nodes[link.to].kind,
            channel => channel,
        }
    }

    fn start(&self, link: Link) -> (f64, f64) {
        let node = &self.layout.nodes[link.from];
        let sides = self.layout.links.iter().filter(|other| other.from == link.from);
        (node.x + node.width, self.port(link.from, sides.copied().collect(), link, |link| link.to))
    }

    fn end(&self, link: Link) -> (f64, f64) {
        let sides = self.layout.links.iter().chain(&self.layout.backward).filter(|other| other.to == link.to);
        (self.layout.nodes[link.to].x, self.port(link.to, sides.copied().collect(), link, |link| link.from))
    }

    /// Where on its side of a module a line ends: in the order of where it comes from. Channels have one place for all.
    fn port(&self, node: usize, mut sides: Vec<Link>, link: Link, other: impl Fn(&Link) -> usize) -> f64 {
        let at = &self.layout.nodes[node];
        let Kind::Module(_) = at.kind else { return at.y };
        let is_backward = |link: &Link| self.layout.backward.contains(link);
        let height = |link: &Link| self.layout.nodes[other(link)].y;
        sides.sort_by(|a, b| is_backward(a).cmp(&is_backward(b)).then(height(a).total_cmp(&height(b))));
        let index = sides.iter().position(|side| *side == link).unwrap_or(0);
        at.y + PORT_GAP * (index as f64 - (sides.len() as f64 - 1.0) / 2.0)
    }

    fn node(&mut self, node: &layout::Node) {
        let (top, middle) = (node.y - node.height / 2.0, node.x + node.width / 2.0);
        let rect =
            format!("x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"", node.x, node.width, node.height);
        match node.kind {
            Kind::Module(index) => {
                let module = &self.topology.modules[index];
                let about = module.comment.clone().unwrap_or_else(|| module.command.join(" "));
                let _ = writeln!(
                    self.svg,
                    "<g><title>{}</title><rect class=\"module\" {rect} rx=\"9\"/>\
                     <text class=\"name\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>\
                     <text class=\"command\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text></g>",
                    escaped(&about),
                    node.y - 2.0,
                    module.name,
                    node.y + 14.0,
                    escaped(&command(&module.command)),
                );
            }
            Kind::Channel(index) => {
                let channel = &self.topology.channels[index];
                let colour = COLOURS[index % COLOURS.len()];
                let about = channel.comment.clone().unwrap_or_else(|| channel.name.clone());
                let _ = write!(
                    self.svg,
                    "<g><title>{}</title><rect class=\"channel\" stroke=\"{colour}\" {rect} rx=\"{:.1}\"/>\
                     <text class=\"label\" style=\"fill: {colour}\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>",
                    escaped(&about),
                    node.height.min(42.0) / 2.0,
                    top + 17.0,
                    channel.name,
                );
                for (line, text) in super::label(self.topology, channel).iter().enumerate() {
                    let y = top + 32.0 + 14.0 * line as f64;
                    let _ = write!(
                        self.svg,
                        "<text class=\"class\" x=\"{middle:.1}\" y=\"{y:.1}\">{}</text>",
                        escaped(text)
                    );
                }
                self.svg.push_str("</g>\n");
            }
            Kind::Line(_) => {}
        }
    }
}

/// A command as it is shown: its beginning.
fn command(command: &[String]) -> String {
    const MOST: usize = 28;
    let text = command.join(" ");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// About as wide as the text is in the usual fonts; `em` is the mean width of a character.
fn text_width(text: &str, em: f64) -> f64 {
    text.chars().count() as f64 * em
}

/// Text between tags; what XML cannot carry is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
