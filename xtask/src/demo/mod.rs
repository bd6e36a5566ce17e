//! `cargo xtask demo`: the paper's two experiments, applications of `examples/` that run under the controller `ipc run`.

mod application;
mod figures;
mod pipeline;
mod plot;
mod report;
mod sync;

use std::path::PathBuf;

use crate::Outcome;
pub(crate) use application::{CONTROLLER, controller};

/// What the user asked for.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) experiment: Experiment,
    /// The clip; that of the experiment if there is none.
    pub(crate) clip: Option<PathBuf>,
    /// For so long; that of the experiment if it is not said. The clip begins anew when it ends.
    pub(crate) seconds: Option<f64>,
    pub(crate) pace: Pace,
    pub(crate) languages: Languages,
}

/// Which of the two.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Experiment {
    /// Nine processes that pass pictures.
    #[default]
    Pipeline,
    /// Pictures and the motion of their camera, brought together.
    Sync,
}

/// How fast the clip comes.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// In its own time, as from a camera.
    #[default]
    Clip,
    /// As fast as ffmpeg decodes.
    Fast,
}

/// What the nine processes are written in.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Languages {
    /// Python and C++; Rust where one of them is missing.
    #[default]
    PythonAndCpp,
    Rust,
}

/// Runs one of the experiments and prints what came of it.
pub(crate) fn run(request: &Request) -> Outcome {
    match request.experiment {
        Experiment::Pipeline => pipeline::run(request),
        Experiment::Sync => sync::run(request),
    }
}
