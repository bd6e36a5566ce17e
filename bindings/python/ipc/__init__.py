"""Typed frames between processes, through a ring in a memory-mapped file.

import ipc

video = ipc.load("video.json")
with ipc.Producer(video.VideoFrame, "camera") as out:
    with out.loan(width=640, height=480) as frame:  # space in the ring, not a copy
        frame.pixels[:] = 7

for frame in ipc.Consumer(video.VideoFrame, "camera"):
    print(frame.pixels.mean())  # an array of numpy that stands in the ring

shared = ipc.Shared(ipc.load("app.json").Status, "status")  # one value that several processes have in common
with shared.lock() as status:
    status.counter += 1  # seen by others at the end of the block
print(shared.read().counter)  # takes no lock

with ipc.stream.Producer(video.VideoFrame, fifo="frames") as out:  # for peers that cannot map memory: see ipc.stream
    ...
"""

from . import errors, stream
from ._native import (
    Communicator,
    Consumer,
    Frame,
    Loan,
    Observer,
    Producer,
    Sequence,
    Shared,
    View,
    create,
    detach,
    remove,
)
from .classes import FrameClass, from_schema, load, ring_class
from .errors import Closed, Empty, Error, Full, Mismatch, TimedOut
from .mmap_channel import BufferEmpty, BufferFull, MmapIPCChannel

__all__ = [
    "BufferEmpty",
    "BufferFull",
    "Closed",
    "Communicator",
    "Consumer",
    "Empty",
    "Error",
    "Frame",
    "FrameClass",
    "Full",
    "Loan",
    "Mismatch",
    "MmapIPCChannel",
    "Observer",
    "Producer",
    "Sequence",
    "Shared",
    "TimedOut",
    "View",
    "create",
    "detach",
    "errors",
    "from_schema",
    "load",
    "remove",
    "ring_class",
    "stream",
]
