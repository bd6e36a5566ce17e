//! Who comes before whom in the flow of data, and who may wait for whom in a circle.

use std::collections::{BTreeSet, VecDeque};

use super::model::{ModuleId, Topology};

/// A channel between two modules, as indices: from its producer to one who reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) channel: usize,
    pub(super) to: usize,
}

impl Topology {
    /// The modules by layers of the data flow: each stands after all from which it reads. Where the flow is a circle, the
    /// module that is declared first comes first.
    pub fn layers(&self) -> Vec<Vec<ModuleId>> {
        let mut edges = Vec::new();
        for (index, channel) in self.channels.iter().enumerate() {
            let readers = channel.consumers.iter().chain(&channel.observers);
            edges.extend(readers.map(|reader| Edge { from: channel.producer.0, channel: index, to: reader.0 }));
        }
        let mut layers: Vec<Vec<ModuleId>> = Vec::new();
        for (module, layer) in layers_of(self.modules.len(), &edges).into_iter().enumerate() {
            layers.resize_with(layers.len().max(layer + 1), Vec::new);
            layers[layer].push(ModuleId(module));
        }
        layers
    }

    /// The order in which modules start: against the flow, so that who reads is there before the first frame comes. In the
    /// reverse order they end: then who reads can take what is left.
    pub fn start_order(&self) -> Vec<ModuleId> {
        self.layers().into_iter().rev().flatten().collect()
    }
}

/// For each of so many modules, its layer.
fn layers_of(modules: usize, edges: &[Edge]) -> Vec<usize> {
    let mut layers: Vec<Option<usize>> = vec![None; modules];
    for _ in 0..modules {
        let is_open = |module: &usize| layers[*module].is_none();
        let is_next = |module: &usize| {
            edges.iter().all(|edge| edge.to != *module || edge.from == *module || layers[edge.from].is_some())
        };
        let after_one = |module: &usize| edges.iter().any(|edge| edge.to == *module && layers[edge.from].is_some());
        let open = || (0..modules).filter(is_open);
        // A circle is entered where something flows into it, else at its first module.
        let Some(next) = open().find(is_next).or_else(|| open().find(after_one)).or_else(|| open().next()) else {
            break;
        };
        let before = edges.iter().filter(|edge| edge.to == next).filter_map(|edge| layers[edge.from]);
        layers[next] = Some(before.max().map_or(0, |layer| layer + 1));
    }
    layers.into_iter().flatten().collect()
}

/// Circles of edges: for each module the shortest one through it, each circle once. A circle is a list of edges.
pub(super) fn circles(modules: usize, edges: &[Edge]) -> Vec<Vec<Edge>> {
    let mut known = BTreeSet::new();
    let through_each = (0..modules).filter_map(|module| shortest_circle(module, modules, edges));
    let distinct = through_each.filter(|circle| {
        let mut channels: Vec<_> = circle.iter().map(|edge| (edge.channel, edge.to)).collect();
        channels.sort_unstable();
        known.insert(channels)
    });
    distinct.collect()
}

fn shortest_circle(start: usize, modules: usize, edges: &[Edge]) -> Option<Vec<Edge>> {
    let mut reached_by: Vec<Option<Edge>> = vec![None; modules];
    let mut queue = VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for edge in edges.iter().filter(|edge| edge.from == module) {
            if reached_by[edge.to].is_some() {
                continue;
            }
            reached_by[edge.to] = Some(*edge);
            if edge.to != start {
                queue.push_back(edge.to);
                continue;
            }
            let mut circle = vec![*edge];
            while circle[circle.len() - 1].from != start {
                circle.push(reached_by[circle[circle.len() - 1].from]?);
            }
            circle.reverse();
            return Some(circle);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(usize, usize)]) -> Vec<Edge> {
        pairs.iter().enumerate().map(|(channel, (from, to))| Edge { from: *from, channel, to: *to }).collect()
    }

    #[test]
    fn a_module_stands_after_all_from_which_it_reads() {
        assert_eq!(layers_of(5, &edges(&[(0, 1), (1, 2), (0, 2), (2, 3)])), [0, 1, 2, 3, 0]);
        assert_eq!(layers_of(3, &edges(&[(2, 1), (1, 0)])), [2, 1, 0]);
    }

    #[test]
    fn a_circle_begins_where_something_flows_into_it_or_with_its_first_module() {
        assert_eq!(layers_of(2, &edges(&[(0, 1), (1, 0)])), [0, 1]);
        assert_eq!(layers_of(4, &edges(&[(1, 2), (2, 1), (3, 2), (2, 0)])), [2, 2, 1, 0]);
    }

    #[test]
    fn circles_are_found_once_and_each_is_the_shortest() {
        let found = |pairs: &[(usize, usize)]| -> Vec<Vec<usize>> {
            circles(5, &edges(pairs)).iter().map(|circle| circle.iter().map(|edge| edge.channel).collect()).collect()
        };
        assert_eq!(found(&[(0, 1), (1, 2), (2, 3)]), Vec::<Vec<usize>>::new());
        assert_eq!(found(&[(0, 1), (1, 2), (2, 0)]), [[0, 1, 2]]);
        assert_eq!(found(&[(0, 1), (1, 0), (1, 2), (2, 1), (3, 3)]), [vec![0, 1], vec![3, 2], vec![4]]);
    }
}
