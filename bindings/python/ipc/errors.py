"""The exceptions of this package. Their texts say what was expected, what was found, where, and what to do."""


class Error(Exception):
    """What went wrong, or what did not happen."""


# Outcomes that a program expects.


class Full(Error):
    """The ring has no space until the slowest consumer goes on, or a pipe until its reader does."""


class Empty(Error):
    """No frame is there now."""


class TimedOut(Error, TimeoutError):
    """No frame came, or no space, within the time limit."""


class Closed(Error):
    """The producer ended the stream, and every frame of it was received."""


class Gone(Error):
    """Nobody is at the other end of a pipe, or whoever was went without ending the stream."""


# What a frame or a value is not.


class FrameError(Error, ValueError):
    """Bytes that are no frame of the class, or a value that its class refuses."""


class Released(Error, ValueError):
    """A frame was used after it was released or published, or an end after it was closed."""


class FrameOpen(Error):
    """A frame was begun while the producer still had another one open."""


class FrameInUse(Error, BufferError):
    """A frame was to be published while views of its arrays were still there, which could write it."""


class NothingReserved(Error):
    """A frame was to be published, and none is reserved."""


class DescriptionError(Error, ValueError):
    """A description of classes that is none, or that has not the class that was asked for."""


# What an application says.


class ApplicationError(Error, ValueError):
    """What a program and its application's file do not have in common, or a file that is wrong."""


class Quit(Error):
    """The controller has told the module to quit, which ended its wait."""


# What a ring is not.


class Mismatch(Error):
    """The ring, or the stream, is for another class."""


class Differs(Mismatch):
    """The ring is for the same class, and differs from what the channel states."""


class Replaced(Error):
    """The ring was removed while it was open here."""


class NotThere(Error, FileNotFoundError):
    """There is no such ring."""


class NotARing(Error):
    """The file is no ring, or not a whole one."""


class NotAStream(Error):
    """Somebody wrote something into a stream that is no frame. It was skipped."""


class Damaged(Error):
    """Something is in the ring's shared memory that no correct peer writes."""


class TooLarge(Error):
    """The frame does not fit the ring."""


class StateError(Error, ValueError):
    """Shared state that cannot be."""


class ChannelError(Error, ValueError):
    """A channel that cannot be."""


# Places that somebody else has.


class ProducerTaken(Error):
    """Another producer has the ring open."""


class SlotTaken(Error):
    """Another consumer is attached to the reserved slot."""


class NoSuchSlot(Error, LookupError):
    """The ring has no reserved slot of that name."""


class NoFreeSlot(Error):
    """All dynamic slots are in use."""


class Locked(Error, TimeoutError):
    """Another handle has the lock of the shared state."""


class Forked(Error):
    """The end was opened before a fork, and this is the child."""


class OsError(Error, OSError):
    """The operating system refused."""
