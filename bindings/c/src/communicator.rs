//! All ends of a module of an application, with one place to wait for what comes to it.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use std::{ptr, slice};

use ipc_core::raw::{self, Inputs, Next, Outputs, Patience, RawObserved};
use ipc_core::{Error, Order, ZeroRegions};

use crate::channel::{IPC_ZERO_REGIONS_NO, IPC_ZERO_REGIONS_YES};
use crate::class::Class;
use crate::consumer::{Consumer, NO_FRAME, ipc_consumer_close};
use crate::frame::Frame;
use crate::producer::Producer;
use crate::status::{Failed, Status, get, get_mut, instead, misuse, patience, place, run, text};

/// All ends of a module of an application, which its file names. A main loop takes what comes on any of its channels:
///
///     while ((status = ipc_communicator_next(module, IPC_FOREVER, &input, &frame)) == IPC_OK || status == IPC_CLOSED)
///
/// It ends with IPC_QUIT when the controller wants that, and with IPC_ALL_CLOSED when all streams are over.
#[derive(Debug)]
pub struct Communicator {
    inputs: Rc<RefCell<Inputs>>,
    outputs: Outputs,
    /// In the order of the inputs.
    reads: Vec<Read>,
    /// In the order of the outputs.
    writes: Vec<Named>,
}

/// A channel's name and class, as C has them.
#[derive(Debug)]
struct Named {
    name: CString,
    class: Box<Class>,
}

/// A channel that the module reads.
#[derive(Debug)]
struct Read {
    named: Named,
    /// Who holds its frames; null for a channel that the module observes.
    consumer: *mut Consumer,
    /// The frame that was observed last.
    seen: RawObserved,
}

const NO_COMMUNICATOR: &str = "the communicator is null";
const NO_PLACE: &str = "the place for the communicator is null";
const NO_CHANNEL: &str = "the name of the channel is null";

impl Named {
    fn new(name: &str, class: &raw::RawClass) -> Result<Self, Failed> {
        let name = CString::new(name).map_err(|_| misuse("a channel's name has no zero bytes"))?;
        Ok(Self { name, class: Class::new(class.clone())? })
    }

    /// An error if a program knows the class of the channel as another one.
    ///
    /// # Safety
    ///
    /// Invariant 2 of the library.
    unsafe fn check(&self, channel: &str, known: *const Class) -> Result<(), Failed> {
        // SAFETY: invariant 2.
        match unsafe { known.as_ref() } {
            Some(known) => Ok(self.class.raw.check_known(channel, &known.raw)?),
            None => Ok(()),
        }
    }
}

impl Communicator {
    fn new(ends: raw::Communicator) -> Result<Box<Self>, Failed> {
        let raw::Communicator { inputs, outputs } = ends;
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        while let (Some(name), Some(class)) = (inputs.name(reads.len()), inputs.class(reads.len())) {
            reads.push(Read {
                named: Named::new(name, class)?,
                consumer: ptr::null_mut(),
                seen: RawObserved::default(),
            });
        }
        while let (Some(name), Some(class)) = (outputs.name(writes.len()), outputs.class(writes.len())) {
            writes.push(Named::new(name, class)?);
        }
        let inputs = Rc::new(RefCell::new(inputs));
        for (index, read) in reads.iter_mut().enumerate() {
            if !inputs.borrow().is_observed(index) {
                read.consumer = Consumer::of_module(&inputs, index);
            }
        }
        Ok(Box::new(Self { inputs, outputs, reads, writes }))
    }

    /// Takes the frame that is next on a channel.
    fn take(&mut self, index: usize) -> Result<Frame, Failed> {
        let (read, inputs) = (&mut self.reads[index], self.inputs.borrow());
        if let Some(consumer) = inputs.consumer(index) {
            let received = consumer.recv_unbound(Patience::None)?;
            return Ok(Frame::held(&received, read.consumer, received.number));
        }
        inputs.take_observed(index, &mut read.seen);
        Ok(Frame::copied(read.seen.bytes(), read.seen.sequence(), read.seen.publish_time_ns()))
    }
}

impl Drop for Communicator {
    fn drop(&mut self) {
        for read in &self.reads {
            // SAFETY: invariants 2 and 3: Consumer::of_module made it, and the communicator alone closes it. Null is fine.
            unsafe { ipc_consumer_close(read.consumer) };
        }
    }
}

/// Opens the ends of the module that a controller (`ipc run`) has started this process as, and tells the controller that it is
/// ready. From then on the controller is heard, on the standard input or what the application's file says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_from_env(result: *mut *mut Communicator) -> Status {
    // SAFETY: invariant 1.
    run(|| unsafe { opened(result, raw::Communicator::from_env) })
}

/// Opens the ends of a module of an application's file, without a controller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_from_file(
    path: *const c_char,
    module: *const c_char,
    result: *mut *mut Communicator,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let path = Path::new(unsafe { text(path, "the path is null")? });
        // SAFETY: invariant 1.
        let module = unsafe { text(module, "the name of the module is null")? };
        // SAFETY: invariant 1.
        unsafe { opened(result, || raw::Communicator::from_file(path, module)) }
    })
}

/// # Safety
///
/// Invariant 1 of the library.
unsafe fn opened(
    result: *mut *mut Communicator,
    open: impl FnOnce() -> Result<raw::Communicator, Error>,
) -> Result<(), Failed> {
    // SAFETY: invariant 1.
    let result = unsafe { place(result, NO_PLACE)? };
    result.write(Box::into_raw(Communicator::new(open()?)?));
    Ok(())
}

/// The next frame of any channel that the module reads, after a wait for one: `*input` gets the channel's index. A frame of a channel
/// that it consumes is held until ipc_frame_release, one of a channel that it observes is a copy, which stays until the next of
/// that channel. IPC_CLOSED is the end of the stream of channel `*input`, told once; IPC_ALL_CLOSED and IPC_QUIT are the end of the
/// main loop. Any other status is told once as well, and the loop may go on: a frame that its class refuses is skipped, and
/// a channel that is broken counts as closed. While the controller has stopped the module, this waits, whatever the time limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_next(
    communicator: *mut Communicator,
    timeout_ns: i64,
    input: *mut usize,
    frame: *mut Frame,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let communicator = unsafe { get_mut(communicator, NO_COMMUNICATOR)? };
        // SAFETY: invariant 1.
        let input = unsafe { place(input, "the place for the channel's index is null")? };
        // SAFETY: invariant 1.
        let frame = unsafe { place(frame, NO_FRAME)? };
        let patience = patience(timeout_ns);
        let next = communicator.inputs.borrow().next(patience)?;
        if let Next::Frame(index) | Next::Closed(index) = next {
            input.write(index);
        }
        let Next::Frame(index) = next else { return Err(instead(next, patience)) };
        frame.write(communicator.take(index)?);
        Ok(())
    })
}

/// For a main loop that has no frame to wait for: IPC_OK, or IPC_QUIT once the controller has told the module to quit. While the module
/// is stopped, this waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_go_on(communicator: *mut Communicator) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        match unsafe { get(communicator, NO_COMMUNICATOR)? }.inputs.borrow().go_on()? {
            true => Ok(()),
            false => Err(instead(Next::Quit, Patience::Endless)),
        }
    })
}

/// Frames come by the time of their publishing, among those that wait. So it is if no order is chosen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_by_arrival(communicator: *mut Communicator) -> Status {
    // SAFETY: invariants 2 and 3.
    run(|| unsafe { ordered(communicator, &Order::Arrival) })
}

/// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_in_turn(communicator: *mut Communicator) -> Status {
    // SAFETY: invariants 2 and 3.
    run(|| unsafe { ordered(communicator, &Order::Round) })
}

/// Always of the first of these channels that has a frame; those that are not named come after them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_by_priority(
    communicator: *mut Communicator,
    channels: *const *const c_char,
    count: usize,
) -> Status {
    run(|| {
        if channels.is_null() {
            return Err(misuse("the names of the channels are null"));
        }
        // SAFETY: invariant 1.
        let names = unsafe { slice::from_raw_parts(channels, count) };
        // SAFETY: invariant 1.
        let names = names.iter().map(|name| unsafe { text(*name, NO_CHANNEL) }.map(str::to_owned));
        let order = Order::Priority(names.collect::<Result<_, _>>()?);
        // SAFETY: invariants 2 and 3.
        unsafe { ordered(communicator, &order) }
    })
}

/// By a number that every frame has, such as its timestamp, over all channels: the name of a member, or a path into nested classes
/// (`head.stamp`). The next frame is known when every channel that is open has one; with a time limit, frames wait no longer than
/// that for a channel that is silent. IPC_FOREVER is no limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_merged_by(
    communicator: *mut Communicator,
    member: *const c_char,
    within_ns: i64,
) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let member = unsafe { text(member, "the name of the member is null")? };
        let order = match u64::try_from(within_ns) {
            Ok(limit) => Order::merged_within(member, Duration::from_nanos(limit)),
            Err(_) => Order::merged(member),
        };
        // SAFETY: invariants 2 and 3.
        unsafe { ordered(communicator, &order) }
    })
}

/// # Safety
///
/// Invariants 2 and 3 of the library.
unsafe fn ordered(communicator: *mut Communicator, order: &Order) -> Result<(), Failed> {
    // SAFETY: invariants 2 and 3.
    let communicator = unsafe { get(communicator, NO_COMMUNICATOR)? };
    Ok(communicator.inputs.borrow_mut().set_order(order)?)
}

/// Whether the main loop is at its end: all streams are over, or the controller has told the module to quit. True for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_is_over(communicator: *const Communicator) -> bool {
    // SAFETY: invariants 2 and 3.
    unsafe { communicator.as_ref() }.is_none_or(|communicator| communicator.inputs.borrow().is_over())
}

/// How many channels the module reads: first those that it consumes, then those that it observes. 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_input_count(communicator: *const Communicator) -> usize {
    // SAFETY: invariants 2 and 3.
    unsafe { communicator.as_ref() }.map_or(0, |communicator| communicator.reads.len())
}

/// The name of a channel that it reads; null if there is none of that index. It stays as long as the communicator; so does
/// the class.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_input_name(communicator: *const Communicator, input: usize) -> *const c_char {
    // SAFETY: invariants 2 and 3.
    let read = unsafe { communicator.as_ref() }.and_then(|communicator| communicator.reads.get(input));
    read.map_or(ptr::null(), |read| read.named.name.as_ptr())
}

/// The class of a channel that it reads; null if there is none of that index. It is not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_input_class(communicator: *const Communicator, input: usize) -> *const Class {
    // SAFETY: invariants 2 and 3.
    let read = unsafe { communicator.as_ref() }.and_then(|communicator| communicator.reads.get(input));
    read.map_or(ptr::null(), |read| &raw const *read.named.class)
}

/// The index of a channel that it reads. IPC_APPLICATION if it reads none of that name; IPC_MISMATCH, with each member that
/// differs, if `class` is not null and the channel is for another one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_input(
    communicator: *const Communicator,
    channel: *const c_char,
    class: *const Class,
    input: *mut usize,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let communicator = unsafe { get(communicator, NO_COMMUNICATOR)? };
        // SAFETY: invariant 1.
        let channel = unsafe { text(channel, NO_CHANNEL)? };
        // SAFETY: invariant 1.
        let input = unsafe { place(input, "the place for the channel's index is null")? };
        let index = communicator.inputs.borrow().find(channel)?;
        // SAFETY: invariant 2.
        unsafe { communicator.reads[index].named.check(channel, class)? };
        input.write(index);
        Ok(())
    })
}

/// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped. 0 for null, and if
/// there is no channel of that index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_missed(communicator: *const Communicator, input: usize) -> u64 {
    // SAFETY: invariants 2 and 3.
    let communicator = unsafe { communicator.as_ref() };
    communicator.and_then(|communicator| communicator.inputs.borrow().missed(input)).unwrap_or(0)
}

/// How many channels the module writes; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_output_count(communicator: *const Communicator) -> usize {
    // SAFETY: invariants 2 and 3.
    unsafe { communicator.as_ref() }.map_or(0, |communicator| communicator.writes.len())
}

/// The name of a channel that it writes; null if there is none of that index. It stays as long as the communicator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_output_name(
    communicator: *const Communicator,
    output: usize,
) -> *const c_char {
    // SAFETY: invariants 2 and 3.
    let written = unsafe { communicator.as_ref() }.and_then(|communicator| communicator.writes.get(output));
    written.map_or(ptr::null(), |written| written.name.as_ptr())
}

/// Takes the producer of a channel that the module writes, which from then on is the caller's, to close or leave; what is not
/// taken is closed with the communicator. `class` as for ipc_communicator_input, `zero_regions` as ipc_channel has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_take_producer(
    communicator: *mut Communicator,
    channel: *const c_char,
    class: *const Class,
    zero_regions: u32,
    result: *mut *mut Producer,
) -> Status {
    run(|| {
        // SAFETY: invariants 2 and 3.
        let communicator = unsafe { get_mut(communicator, NO_COMMUNICATOR)? };
        // SAFETY: invariant 1.
        let channel = unsafe { text(channel, NO_CHANNEL)? };
        // SAFETY: invariant 1.
        let result = unsafe { place(result, "the place for the producer is null")? };
        let zero_regions = match zero_regions {
            IPC_ZERO_REGIONS_YES => ZeroRegions::Yes,
            IPC_ZERO_REGIONS_NO => ZeroRegions::No,
            _ => return Err(misuse("zero_regions is neither IPC_ZERO_REGIONS_YES nor IPC_ZERO_REGIONS_NO")),
        };
        let index = communicator.outputs.find(channel)?;
        // SAFETY: invariant 2.
        unsafe { communicator.writes[index].check(channel, class)? };
        let taken = communicator.outputs.take(index);
        let mut producer = taken.ok_or_else(|| misuse("the producer of this channel was taken before"))?;
        producer.set_zero_regions(zero_regions);
        result.write(Producer::new(producer));
        Ok(())
    })
}

/// Ends the streams whose producers were not taken, and frees the communicator. While frames that it gave are held, its rings
/// stay mapped and its slots attached, up to the release of the last. Null is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_communicator_close(communicator: *mut Communicator) -> Status {
    run(|| {
        if !communicator.is_null() {
            // SAFETY: invariants 2 and 3: opened() made it, and nobody uses it again.
            drop(unsafe { Box::from_raw(communicator) });
        }
        Ok(())
    })
}
