//! Where the boxes of a picture stand: in columns by layers of the data flow, ordered so that few lines cross, and as level
//! with their neighbours as they can be. Lengths are in pixels.

use ipc_schema::Topology;

/// Between two columns, where lines run.
const COLUMN_GAP: f64 = 52.0;
/// Between two boxes of a column.
const BOX_GAP: f64 = 22.0;
/// How often the columns are gone through, to and fro.
const SWEEPS: usize = 12;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A module, by index.
    Module(usize),
    /// The label of a channel, by index.
    Channel(usize),
    /// A line of this channel that passes the column.
    Line(usize),
}

/// A box and its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    column: usize,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Left side.
    pub(super) x: f64,
    /// Middle.
    pub(super) y: f64,
}

/// A piece of a channel's edge, from one column to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// All places.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
    /// From a channel's label to a reader that does not stand after it: a way back, which is drawn below all boxes.
    pub(super) backward: Vec<Link>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Lays out a topology. `size` gives a module's or a channel's box its width and height.
pub(super) fn layout(topology: &Topology, size: impl Fn(Kind) -> (f64, f64)) -> Layout {
    let mut layout = Layout::default();
    let mut module_nodes = vec![0; topology.modules.len()];
    for (layer, modules) in topology.layers().iter().enumerate() {
        for module in modules {
            module_nodes[module.0] = layout.add(Kind::Module(module.0), 2 * layer, &size);
        }
    }
    for (index, channel) in topology.channels.iter().enumerate() {
        let producer = module_nodes[channel.producer.0];
        let label = layout.add(Kind::Channel(index), layout.nodes[producer].column + 1, &size);
        layout.links.push(Link { from: producer, to: label });
        // One line for all readers, as far as they are.
        let mut line = vec![label];
        let mut readers: Vec<_> =
            channel.consumers.iter().chain(&channel.observers).map(|it| module_nodes[it.0]).collect();
        readers.sort_by_key(|reader| layout.nodes[*reader].column);
        for reader in readers {
            let (first, last) = (layout.nodes[label].column, layout.nodes[reader].column);
            if last <= first {
                layout.backward.push(Link { from: label, to: reader });
                continue;
            }
            while first + line.len() < last {
                let next = layout.add(Kind::Line(index), first + line.len(), &size);
                layout.links.push(Link { from: line[line.len() - 1], to: next });
                line.push(next);
            }
            layout.links.push(Link { from: line[last - first - 1], to: reader });
        }
    }
    layout.place();
    layout
}

impl Layout {
    fn add(&mut self, kind: Kind, column: usize, size: &impl Fn(Kind) -> (f64, f64)) -> usize {
        let (width, height) = if let Kind::Line(_) = kind { (0.0, 0.0) } else { size(kind) };
        self.nodes.push(Node { kind, column, width, height, x: 0.0, y: 0.0 });
        self.nodes.len() - 1
    }

    fn place(&mut self) {
        let count = self.nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
        let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (index, node) in self.nodes.iter().enumerate() {
            columns[node.column].push(index);
        }
        let mut left = 0.0;
        for column in &columns {
            let width = column.iter().map(|node| self.nodes[*node].width).fold(0.0, f64::max);
            for node in column {
                // Lines pass the whole column; boxes stand in its middle.
                let node = &mut self.nodes[*node];
                if let Kind::Line(_) = node.kind {
                    node.width = width;
                }
                node.x = left + (width - node.width) / 2.0;
            }
            left += width + COLUMN_GAP;
            self.stack(column);
        }
        self.width = (left - COLUMN_GAP).max(0.0);
        for sweep in 0..SWEEPS {
            for step in 0..count {
                let column = if sweep % 2 == 0 { step } else { count - 1 - step };
                let wishes: Vec<f64> = columns[column].iter().map(|node| self.wish(*node)).collect();
                let mut order: Vec<usize> = (0..wishes.len()).collect();
                if sweep < SWEEPS / 2 {
                    order.sort_by(|a, b| wishes[*a].total_cmp(&wishes[*b]));
                }
                let wishes: Vec<f64> = order.iter().map(|index| wishes[*index]).collect();
                columns[column] = order.iter().map(|index| columns[column][*index]).collect();
                self.settle(&columns[column], &wishes);
            }
        }
        let tops = self.nodes.iter().map(|node| node.y - node.height / 2.0);
        let top = tops.reduce(f64::min).unwrap_or(0.0);
        self.nodes.iter_mut().for_each(|node| node.y -= top);
        self.height = self.nodes.iter().map(|node| node.y + node.height / 2.0).fold(0.0, f64::max);
    }

    /// One under the other, in order.
    fn stack(&mut self, column: &[usize]) {
        let mut top = 0.0;
        for node in column {
            let node = &mut self.nodes[*node];
            node.y = top + node.height / 2.0;
            top += node.height + BOX_GAP;
        }
    }

    /// The height at which a box would be level with its neighbours.
    fn wish(&self, node: usize) -> f64 {
        let neighbours = self.links.iter().filter_map(|link| match (link.from == node, link.to == node) {
            (true, _) => Some(link.to),
            (_, true) => Some(link.from),
            _ => None,
        });
        let heights: Vec<f64> = neighbours.map(|neighbour| self.nodes[neighbour].y).collect();
        if heights.is_empty() { self.nodes[node].y } else { heights.iter().sum::<f64>() / heights.len() as f64 }
    }

    /// Puts the boxes of a column, in their order and without overlap, as near to their wishes as the sum of squares can be:
    /// boxes that would overlap form a block, which stands at the mean of their wishes.
    fn settle(&mut self, column: &[usize], wishes: &[f64]) {
        // Middle of each box below that of the column's first, when all touch.
        let mut offsets = Vec::new();
        let mut offset = 0.0;
        for (index, node) in column.iter().enumerate() {
            if index > 0 {
                offset += (self.nodes[column[index - 1]].height + self.nodes[*node].height) / 2.0 + BOX_GAP;
            }
            offsets.push(offset);
        }
        // Blocks: sum of the wishes for the block's own offset, and how many boxes it has.
        let mut blocks: Vec<(f64, usize)> = Vec::new();
        for (wish, offset) in wishes.iter().zip(&offsets) {
            blocks.push((wish - offset, 1));
            while let [.., (before, before_count), (last, last_count)] = blocks[..]
                && before / before_count as f64 > last / last_count as f64
            {
                blocks.truncate(blocks.len() - 2);
                blocks.push((before + last, before_count + last_count));
            }
        }
        let places = blocks.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
        for ((node, place), offset) in column.iter().zip(places).zip(offsets) {
            self.nodes[*node].y = place + offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn boxes_do_not_overlap_and_every_line_leads_to_the_right() {
        let topology = Topology::from_file(Path::new("tests/graph/app.json")).unwrap();
        let layout = layout(&topology, |kind| if let Kind::Module(_) = kind { (100.0, 50.0) } else { (120.0, 40.0) });
        let overlap = |a: &Node, b: &Node| {
            let apart = (a.y - b.y).abs() + 1e-6 >= (a.height + b.height) / 2.0;
            a.column == b.column && !apart
        };
        for (index, node) in layout.nodes.iter().enumerate() {
            assert!(layout.nodes[..index].iter().all(|other| !overlap(node, other)), "{node:?}");
            assert!(node.x >= 0.0 && node.x + node.width <= layout.width, "{node:?}");
            assert!(node.y - node.height / 2.0 > -1e-6 && node.y + node.height / 2.0 <= layout.height, "{node:?}");
        }
        for link in &layout.links {
            let (from, to) = (&layout.nodes[link.from], &layout.nodes[link.to]);
            assert!(from.x + from.width + COLUMN_GAP <= to.x + 1e-6, "{from:?} {to:?}");
        }
        assert_eq!(layout.backward.len(), 1, "status goes back to the camera");
    }
}
