//! From a topology to the open ends of a module.

use std::env;
use std::path::Path;

use ipc_schema::desc::ClassDesc;
use ipc_schema::model::{ClassId, Schema};
use ipc_schema::topology::{Channel, ChannelId, Module, Storage, Topology};

use crate::error::Error;
use crate::raw::{PublishTime, RawChannel, RawClass, RawConsumer, RawObserver, RawProducer};

/// Where the controller says what this process is.
const TOPOLOGY: &str = "IPC_TOPOLOGY";
const MODULE: &str = "IPC_MODULE";

/// The ends of a module that a program was compiled for, in the order in which it knows them.
#[derive(Debug, Clone, Copy)]
pub struct Compiled {
    /// The module's name.
    pub module: &'static str,
    /// Channels that it writes.
    pub produces: &'static [(&'static str, &'static ClassDesc)],
    /// Channels of which it gets every frame.
    pub consumes: &'static [(&'static str, &'static ClassDesc)],
    /// Channels that it reads without holding anybody back.
    pub observes: &'static [(&'static str, &'static ClassDesc)],
}

/// The file and the module that the controller has named.
pub(super) fn named() -> Result<(String, String), Error> {
    match (env::var(TOPOLOGY), env::var(MODULE)) {
        (Ok(topology), Ok(module)) => Ok((topology, module)),
        _ => Err(Error::Application(
            format!(
                "{TOPOLOGY} and {MODULE} are not set, by which a controller tells a module what it is: start the \
                 application with `ipc run FILE`, or open the module with `Communicator::from_file`"
            )
            .into(),
        )),
    }
}

/// A topology, and one of its modules by index.
pub(super) struct Plan {
    topology: Topology,
    module: usize,
    origin: String,
}

/// An end of a module, with what an order needs to know of it.
pub(super) struct Opened<E> {
    pub(super) name: String,
    pub(super) class: ClassId,
    pub(super) raw_class: RawClass,
    pub(super) end: E,
}

/// What reads a channel.
#[derive(Debug)]
pub(super) enum Reading {
    Consumer(RawConsumer),
    Observer(RawObserver),
}

impl Plan {
    pub(super) fn read(path: &Path, module: &str) -> Result<Self, Error> {
        let topology = Topology::from_file(path).map_err(|errors| Error::Application(errors.to_string().into()))?;
        let origin = path.display().to_string();
        let Some(index) = topology.modules.iter().position(|other| other.name == module) else {
            let known: Vec<_> = topology.modules.iter().map(|module| &module.name).collect();
            let problem = format!("{origin} has no module {module:?}: expected one of {known:?}");
            return Err(Error::Application(problem.into()));
        };
        Ok(Self { topology, module: index, origin })
    }

    /// The classes of all channels.
    pub(super) fn into_schema(self) -> Schema {
        self.topology.schema
    }

    fn module(&self) -> &Module {
        &self.topology.modules[self.module]
    }

    /// Puts the module's ends in the order that a program was compiled with; an error if they are others.
    pub(super) fn check(&mut self, compiled: &Compiled) -> Result<(), Error> {
        let differ = |problem: String| {
            let module = compiled.module;
            let text = format!(
                "the module {module:?} of {} is not that of this program: {problem}\nbuild the program anew",
                self.origin
            );
            Error::Application(text.into())
        };
        if self.module().name != compiled.module {
            return Err(differ(format!("it was started as the module {:?}", self.module().name)));
        }
        let topology = &self.topology;
        let ordered = |what: &str, known: &[(&str, &ClassDesc)], there: &[ChannelId]| {
            let names = || there.iter().map(|id| &topology[*id].name).collect::<Vec<_>>();
            let ids = known.iter().map(|(name, desc)| {
                let id = there.iter().find(|id| topology[**id].name == *name);
                let id = *id.ok_or_else(|| {
                    differ(format!("it knows the channel {name:?}, and the file {what} {:?}", names()))
                })?;
                if topology.class_of(&topology[id]).fingerprint != desc.fingerprint {
                    return Err(differ(format!(
                        "the class {} of the channel {name:?} is another in the file",
                        desc.name
                    )));
                }
                Ok(id)
            });
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            if ids.len() != there.len() {
                let known: Vec<_> = known.iter().map(|(name, _)| name).collect();
                return Err(differ(format!("the file {what} {:?}, and it knows {known:?}", names())));
            }
            Ok(ids)
        };
        let module = self.module();
        let produces = ordered("produces", compiled.produces, &module.produces)?;
        let consumes = ordered("consumes", compiled.consumes, &module.consumes)?;
        let observes = ordered("observes", compiled.observes, &module.observes)?;
        let module = &mut self.topology.modules[self.module];
        (module.produces, module.consumes, module.observes) = (produces, consumes, observes);
        Ok(())
    }

    /// Opens what the module reads: first what it consumes, then what it observes.
    pub(super) fn open_inputs(&self) -> Result<Vec<Opened<Reading>>, Error> {
        let module = self.module();
        let consumes = module.consumes.iter().map(|id| {
            self.open(&self.topology[*id], |ring, class, channel| {
                let is_reserved = channel.reserved.contains(&module.name);
                let end =
                    if is_reserved { ring.consumer_of(class, &module.name) } else { ring.dynamic_consumer_of(class) };
                end.map(Reading::Consumer)
            })
        });
        let observes = module
            .observes
            .iter()
            .map(|id| self.open(&self.topology[*id], |ring, class, _| ring.observer_of(class).map(Reading::Observer)));
        consumes.chain(observes).collect()
    }

    /// Opens what the module writes.
    pub(super) fn open_outputs(&self) -> Result<Vec<Opened<RawProducer>>, Error> {
        let open = |id| self.open(&self.topology[id], |ring, class, _| ring.producer_of(class));
        self.module().produces.iter().map(|id| open(*id)).collect()
    }

    /// Opens an end of a channel, whose ring it makes if that is not there.
    fn open<E>(
        &self,
        channel: &Channel,
        end: impl FnOnce(RawChannel<'_>, &RawClass, &Channel) -> Result<E, Error>,
    ) -> Result<Opened<E>, Error> {
        let class = RawClass::from_schema(&self.topology.schema, &self.topology.class_of(channel).name)?;
        let path = match &channel.storage {
            Storage::Memory => channel.name.clone(),
            Storage::Disk(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string(),
        };
        let reserved: Vec<&str> = channel.reserved.iter().map(String::as_str).collect();
        let ring = RawChannel::untyped(&path)
            .capacity(channel.capacity_bytes)
            .reserve(&reserved)
            .dynamic_slots(channel.dynamic_slots)
            .on_full(channel.on_full)
            .publish_time(PublishTime::On);
        let ring = if channel.isolated { ring.isolated() } else { ring };
        ring.create_of(&class)?;
        let end = end(ring, &class, channel)?;
        Ok(Opened { name: channel.name.clone(), class: channel.class, raw_class: class, end })
    }
}
