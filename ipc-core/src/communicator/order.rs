//! [`Order`]: which of the frames that wait comes next.

use std::time::Duration;

/// In which order a module gets the frames of its channels.
///
/// Within a channel it is always that in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// By the time of publishing, among the frames that wait: what happened first comes first.
    #[default]
    Arrival,
    /// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
    Round,
    /// Always of the first of these channels that has a frame; those that are not named come after them, in the order of the
    /// topology.
    Priority(Vec<String>),
    /// By a number that every frame carries, such as its timestamp, over all channels: a total order, if each channel is in
    /// order by itself.
    ///
    /// The next frame is known only when every channel has one. So a merge waits for each channel that is not closed: also for
    /// one that is silent, also for one whose producer has died or has not come yet. With a limit, a channel for which the others
    /// have waited that long is left out until it has a frame again, which may then come late.
    Merged {
        /// The member, or a path into nested classes: `head.stamp`. In the class of every channel, of the same unit, a number
        /// that every frame has.
        by: String,
        /// How long the frames of other channels wait for a silent one; without limit if not stated.
        limit: Option<Duration>,
    },
}

impl Order {
    /// [`Merged`](Self::Merged) by this member, without a limit.
    pub fn merged(by: &str) -> Self {
        Self::Merged { by: by.to_owned(), limit: None }
    }

    /// [`Merged`](Self::Merged) by this member, in which frames wait no longer than that for a silent channel.
    pub fn merged_within(by: &str, limit: Duration) -> Self {
        Self::Merged { by: by.to_owned(), limit: Some(limit) }
    }
}
