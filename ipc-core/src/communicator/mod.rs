//! [`Communicator`]: all ends of a module of an application, opened together, with one place to wait for all of them and for
//! the controller.
//!
//! ```text
//! topology ─ open ─► ends ─► inputs      waits for all channels at once, says which is next (order, stamp)
//!                      │        │
//!                      └► outputs
//! controller ◄─ line ─► steering ┘       a thread reads; the main loop, wherever it waits, looks and is woken (histogram)
//! ```

mod histogram;
mod input;
mod inputs;
mod line;
mod open;
mod order;
mod outputs;
mod sighting;
mod stamp;
mod steering;
mod typed;

use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::linux::futex;
use line::Line;
use open::Plan;

pub use inputs::{Inputs, Next};
pub use open::Compiled;
pub use order::Order;
pub use outputs::Outputs;
pub use sighting::Sighting;
pub(crate) use steering::{Course, Steering};
pub use typed::{InputChannel, Inputs as TypedInputs, InputsIter};

/// All ends of a module, by bytes: what the communicators of each language stand on.
///
/// ```no_run
/// use ipc_core::raw::{Communicator, Next, Patience};
///
/// let mut module = Communicator::from_env()?;
/// loop {
///     match module.inputs.next(Patience::Endless)? {
///         Next::Frame(index) => {
///             if let Some(consumer) = module.inputs.consumer(index) {
///                 let frame = consumer.recv(Patience::None)?;
///                 if let Some(producer) = module.outputs.get_mut(0) {
///                     producer.deliver(frame.bytes())?;
///                 }
///             }
///         }
///         Next::Closed(index) => println!("{:?} is over", module.inputs.name(index)),
///         _ => break,
///     }
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Communicator {
    /// What the module reads.
    pub inputs: Inputs,
    /// What it writes.
    pub outputs: Outputs,
}

impl Communicator {
    /// Opens the ends of the module that the controller has started this process as, and tells the controller that it is ready.
    /// From then on the controller's lines are heard, on the standard input or the descriptor `IPC_CONTROL_FD`.
    ///
    /// # Errors
    ///
    /// [`Error::Application`] if no controller has started it, or for what is wrong with the topology,
    /// [`Error::WaitingForSeveral`], and those of opening each end.
    pub fn from_env() -> Result<Self, Error> {
        let (path, module) = open::named()?;
        Self::open(Plan::read(path.as_ref(), &module)?, From::Controller)
    }

    /// Opens the ends of a module of a topology's file, without a controller.
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env).
    pub fn from_file(path: impl AsRef<Path>, module: &str) -> Result<Self, Error> {
        Self::open(Plan::read(path.as_ref(), module)?, From::File)
    }

    /// [`from_env`](Self::from_env) for a program that was compiled for its ends: they have the order in which it names them.
    pub fn compiled_from_env(compiled: &Compiled) -> Result<Self, Error> {
        let (path, module) = open::named()?;
        let mut plan = Plan::read(path.as_ref(), &module)?;
        plan.check(compiled)?;
        Self::open(plan, From::Controller)
    }

    /// [`from_file`](Self::from_file) for a program that was compiled for its ends.
    pub fn compiled_from_file(path: impl AsRef<Path>, compiled: &Compiled) -> Result<Self, Error> {
        let mut plan = Plan::read(path.as_ref(), compiled.module)?;
        plan.check(compiled)?;
        Self::open(plan, From::File)
    }

    fn open(plan: Plan, from: From) -> Result<Self, Error> {
        let line = match from {
            From::Controller => Some(Line::from_env().map_err(Error::Control)?),
            From::File => None,
        };
        let (inputs, mut outputs) = (plan.open_inputs()?, plan.open_outputs()?);
        // The controller's wishes are one more thing to wait for.
        if line.is_some() || inputs.len() > 1 {
            futex::check_wait_any().map_err(Error::WaitingForSeveral)?;
        }
        let names = inputs.iter().map(|input| input.name.clone());
        let steering =
            line.map(|line| Steering::begin(line, names).map(Arc::new)).transpose().map_err(Error::Control)?;
        if let Some(steering) = &steering {
            outputs.iter_mut().for_each(|output| output.end.steer(Arc::clone(steering)));
        }
        let inputs = Inputs::new(inputs, plan.into_schema(), steering);
        Ok(Self { inputs, outputs: Outputs::new(outputs) })
    }

    /// See [`Inputs::go_on`].
    pub fn go_on(&self) -> Result<bool, Error> {
        self.inputs.go_on()
    }
}

/// Who says what a module is.
enum From {
    Controller,
    File,
}
