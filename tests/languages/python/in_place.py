"""Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from frames.frames import Cloud, Head, Label, State, Vec3
from frames.ipc_wire import FrameError


def refused(run: Callable[[], object]) -> None:
    try:
        run()
        print("not refused")
    except (FrameError, IndexError) as error:
        print(error)


dims = Cloud.Dims(
    rows=2,
    cols=1,
    head=Head(n=1, m=1),
    frame_id=4,
    name=3,
    label=Label.Dims(text=2),
    labels=[Label.Dims(text=1)],
    names=[1, 0],
    chunks=[2],
    weights=True,
)
room = bytearray(b"\xaa" * 1024)
size = Cloud.frame_size(dims)
frame = Cloud.Writer(memoryview(room)[:size], dims)
frame.stamp = -5
frame.flag = True
frame.points[1, 0]["y"] = 2.5
frame.q[5] = 1
assert frame.frame_id is not None and frame.chunks is not None and frame.weights is not None
frame.frame_id[:] = b"base"
frame.name[:] = b"abc"
frame.label.score = 0.5
frame.label.text[:] = b"hi"
for label in frame.labels:
    label.score = 1
    label.text[:] = b"x"
frame.names[0][:] = b"n"
frame.chunks[0][1] = 9
frame.weights[0] = -1
frame.gain = 3
frame.armed = False
frame.finish()
print(bytes(room[:size]).hex())

view = Cloud.View(bytes(room[:size]))
assert view.chunks is not None and view.weights is not None and view.gain is not None
words = [
    view.stamp,
    int(view.flag),
    view.points.size,
    view.points[1, 0]["y"],
    view.frame_id,
    view.name,
    view.label.text,
    view.labels[0].text,
    view.names[0],
    len(view.chunks[0]),
    int(view.weights[0]),
    int(view.gain),
    int(bool(view.armed)),
    f"{int(view.blob is not None)}{int(view.maybe is not None)}",
]
print(*words)
assert view.points.shape == (2, 1) and view.points.dtype == Vec3.dtype
assert not view.points.flags.writeable and not view.q.flags.writeable
whole = np.frombuffer(room, np.uint8)
in_the_frame = [np.shares_memory(it, whole) for it in (frame.points, frame.q, frame.weights)]
print("no copy" if all(in_the_frame) else "a copy")

refused(lambda: Cloud.Writer(bytearray(size - 1), dims))
refused(lambda: view.names[2])
frame.label.score = 2
refused(frame.finish)
refused(lambda: Cloud.frame_size(replace(dims, cols=2049)))
refused(lambda: Cloud.frame_size(replace(dims, head=Head(n=2), labels=[])))
refused(lambda: Cloud.frame_size(replace(dims, names=[6, 0])))
refused(lambda: Cloud(rows=2, cols=1, points=np.zeros(1, Vec3.dtype)).serialize())
refused(lambda: Cloud(rows=0, cols=0, names=["\udcff", ""]).serialize())

state = State.Writer(memoryview(room)[: State.frame_size()])
state.stamp = 7
state.temperature = 151
refused(state.finish)
state.temperature = None
state.finish()
# A fixed class's frame is a struct of numpy's.
records = np.frombuffer(room, State.dtype, 1)
assert State.over(records[0, ...]).stamp == records["stamp"][0]
print(State.View(memoryview(room)[: State.frame_size()]).stamp)


def set_self(number: int) -> None:
    state.self_ = number


def set_q(numbers: list[float]) -> None:
    state.q = numbers


refused(lambda: set_self(65536))
refused(lambda: set_q([0.0] * 5))
