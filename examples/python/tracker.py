"""The four modules of `tracker.json`, which one program is: `ipc run examples/python/tracker.json` starts each.

The sensors end after a minute of their own time, and with them the application.
"""

import os

import ipc

SECOND = 1_000_000_000


def satellites(module: ipc.Communicator) -> None:
    """A vehicle at 2 m/s: where it is, once a second."""
    stamp = 0
    while module.go_on() and stamp < 60 * SECOND:
        module.outputs["fixes"].deliver({"stamp": stamp, "x": 2.0 * stamp / SECOND})
        stamp += SECOND


def wheels(module: ipc.Communicator) -> None:
    """Its speed, ten times a second."""
    stamp = SECOND // 20
    while module.go_on() and stamp < 60 * SECOND:
        module.outputs["speeds"].deliver({"stamp": stamp, "v": 2.0})
        stamp += SECOND // 10


def tracker(module: ipc.Communicator) -> None:
    """Both, in the order in which they happened: positions between the fixes."""
    module.merged_by("stamp")
    x, at = 0.0, 0
    for channel, frame in module:
        if channel == "fixes":
            x = frame.x
        else:
            x += frame.v * (frame.stamp - at) / SECOND
        at = frame.stamp
        module.outputs["positions"].deliver({"stamp": at, "x": x})


def printer(module: ipc.Communicator) -> None:
    for _, position in module:
        stamp, x = position.stamp, position.x
    print(f"after {stamp // SECOND} s at {x:.1f} m")


with ipc.Communicator.from_env() as module:
    globals()[os.environ["IPC_MODULE"]](module)
