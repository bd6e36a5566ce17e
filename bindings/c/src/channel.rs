//! A channel: a ring's name, and what every program must agree on. Plain data of C, where zero says nothing.

use std::ffi::c_char;
use std::slice;
use std::time::Duration;

use ipc_core::raw::{RawChannel, RawClass};
use ipc_core::{Access, Fence, PublishTime, Wait, ZeroRegions};

use crate::class::Class;
use crate::status::{Failed, Status, get, misuse, run, text};

/// A named ring. What is zero is not stated: it accepts what is there, and takes the default in a new ring.
///
///     ipc_channel channel = {.name = "camera", .capacity = 1 << 24};
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Channel {
    /// Without `/` the file $IPC_DIR/NAME.ring, with `/` a path.
    pub name: *const c_char,
    /// Bytes of the ring's body, a power of two.
    pub capacity: u64,
    /// Names of the reserved consumers; null for not stated.
    pub reserved: *const *const c_char,
    /// How many there are.
    pub reserved_count: usize,
    /// How many dynamic consumers can be attached at once; IPC_NO_DYNAMIC_SLOTS for none.
    pub dynamic_slots: i32,
    /// The fence mode: IPC_FENCE_SYMMETRIC or IPC_FENCE_ASYMMETRIC.
    pub fence: u32,
    /// Who may open a new ring: IPC_ACCESS_OWNER or IPC_ACCESS_GROUP.
    pub access: u32,
    /// How ends opened from this channel wait: IPC_WAIT_SPIN_THEN_SLEEP, IPC_WAIT_SPIN or IPC_WAIT_SLEEP.
    pub wait: u32,
    /// Whether a producer stamps its frames: IPC_PUBLISH_TIME_OFF or IPC_PUBLISH_TIME_ON.
    pub publish_time: u32,
    /// Whether a producer zeroes the frames that it reserves: IPC_ZERO_REGIONS_YES or IPC_ZERO_REGIONS_NO.
    pub zero_regions: u32,
    /// How long a consumer or observer waits for a ring that is not there, in nanoseconds; IPC_DO_NOT_WAIT for not at all.
    pub wait_for_ring_ns: i64,
    /// Zeros, for what later versions state.
    pub spare: [u64; 4],
}

/// For dynamic_slots: the ring has none.
pub const IPC_NO_DYNAMIC_SLOTS: i32 = -1;

/// For wait_for_ring_ns: a ring that is not there is an error at once.
pub const IPC_DO_NOT_WAIT: i64 = -1;

/// That of the ring; in a new one asymmetric where the kernel can.
pub const IPC_FENCE_ANY: u32 = 0;
/// A full fence on either side.
pub const IPC_FENCE_SYMMETRIC: u32 = 1;
/// The sleeper pays for both.
pub const IPC_FENCE_ASYMMETRIC: u32 = 2;

/// Processes of the same user.
pub const IPC_ACCESS_OWNER: u32 = 0;
/// Processes of the file's group as well.
pub const IPC_ACCESS_GROUP: u32 = 1;

/// Looks for some 50 µs, then sleeps.
pub const IPC_WAIT_SPIN_THEN_SLEEP: u32 = 0;
/// Looks again and again.
pub const IPC_WAIT_SPIN: u32 = 1;
/// Sleeps at once.
pub const IPC_WAIT_SLEEP: u32 = 2;

/// They do not.
pub const IPC_PUBLISH_TIME_OFF: u32 = 0;
/// They do.
pub const IPC_PUBLISH_TIME_ON: u32 = 1;

/// It is.
pub const IPC_ZERO_REGIONS_YES: u32 = 0;
/// It holds whatever the ring held: the caller writes it all.
pub const IPC_ZERO_REGIONS_NO: u32 = 1;

const UNKNOWN: &str = "the channel states a fence, access, wait, publish_time or zero_regions that there is not, or its spare is not zero";

impl Channel {
    /// Calls `with` with what a channel of C states.
    ///
    /// # Safety
    ///
    /// Invariant 1 of the library.
    pub(crate) unsafe fn with<R>(
        channel: *const Self,
        with: impl FnOnce(RawChannel<'_>) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        // SAFETY: invariant 1.
        let stated = unsafe { get(channel, "the channel is null")? };
        // SAFETY: invariant 1.
        let mut raw = RawChannel::untyped(unsafe { text(stated.name, "the channel's name is null")? });
        if stated.spare != [0; 4] {
            return Err(misuse(UNKNOWN));
        }
        let mut reserved = Vec::new();
        if !stated.reserved.is_null() {
            // SAFETY: invariant 1.
            for &name in unsafe { slice::from_raw_parts(stated.reserved, stated.reserved_count) } {
                // SAFETY: invariant 1.
                reserved.push(unsafe { text(name, "the name of a reserved consumer is null")? });
            }
            raw = raw.reserve(&reserved);
        }
        if stated.capacity != 0 {
            raw = raw.capacity(stated.capacity);
        }
        if stated.dynamic_slots != 0 {
            raw = raw.dynamic_slots(stated.dynamic_slots.max(0) as u32);
        }
        raw = match stated.fence {
            IPC_FENCE_ANY => raw,
            IPC_FENCE_SYMMETRIC => raw.fence(Fence::Symmetric),
            IPC_FENCE_ASYMMETRIC => raw.fence(Fence::Asymmetric),
            _ => return Err(misuse(UNKNOWN)),
        };
        if stated.wait_for_ring_ns != 0 {
            raw = raw.wait_for_ring(Duration::from_nanos(stated.wait_for_ring_ns.max(0) as u64));
        }
        let raw = raw.access(match stated.access {
            IPC_ACCESS_OWNER => Access::Owner,
            IPC_ACCESS_GROUP => Access::Group,
            _ => return Err(misuse(UNKNOWN)),
        });
        let raw = raw.wait(match stated.wait {
            IPC_WAIT_SPIN_THEN_SLEEP => Wait::SpinThenSleep,
            IPC_WAIT_SPIN => Wait::Spin,
            IPC_WAIT_SLEEP => Wait::Sleep,
            _ => return Err(misuse(UNKNOWN)),
        });
        let raw = raw.publish_time(match stated.publish_time {
            IPC_PUBLISH_TIME_OFF => PublishTime::Off,
            IPC_PUBLISH_TIME_ON => PublishTime::On,
            _ => return Err(misuse(UNKNOWN)),
        });
        with(raw.zero_regions(match stated.zero_regions {
            IPC_ZERO_REGIONS_YES => ZeroRegions::Yes,
            IPC_ZERO_REGIONS_NO => ZeroRegions::No,
            _ => return Err(misuse(UNKNOWN)),
        }))
    }

    /// The same with a class.
    ///
    /// # Safety
    ///
    /// Invariants 1 and 2 of the library.
    pub(crate) unsafe fn with_class<R>(
        channel: *const Self,
        class: *const Class,
        with: impl FnOnce(RawChannel<'_>, &RawClass) -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        // SAFETY: invariants 1 and 2.
        let class = unsafe { get(class, "the class is null")? };
        // SAFETY: invariant 1.
        unsafe { Self::with(channel, |channel| with(channel, &class.raw)) }
    }
}

/// Makes the ring, or compares with the one that is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_channel_create(channel: *const Channel, class: *const Class) -> Status {
    // SAFETY: invariants 1 and 2.
    run(|| unsafe { Channel::with_class(channel, class, |channel, class| Ok(channel.create_of(class)?)) })
}

/// Removes the ring, of whatever class. Ends that have it open learn so by IPC_REPLACED; its frames are lost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_channel_remove(channel: *const Channel) -> Status {
    // SAFETY: invariant 1.
    run(|| unsafe { Channel::with(channel, |channel| Ok(channel.remove()?)) })
}

/// Frees a reserved slot whose consumer will not come back, so that it no longer holds the producer back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ipc_channel_detach(channel: *const Channel, reserved: *const c_char) -> Status {
    run(|| {
        // SAFETY: invariant 1.
        let reserved = unsafe { text(reserved, "the name of the reserved consumer is null")? };
        // SAFETY: invariant 1.
        unsafe { Channel::with(channel, |channel| Ok(channel.detach(reserved)?)) }
    })
}
