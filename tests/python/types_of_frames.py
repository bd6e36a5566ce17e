"""What type checkers know of the frames of exported classes: it is checked, and not run.

The package `frames` is exported from tests/schemas/frames.json. An expression that turns to Any fails its assert_type, and a
mistake that is no longer found leaves a comment without use, which is an error as well.
"""

from __future__ import annotations

import ipc
import numpy as np
import numpy.typing as npt
from frames.frames import Cloud, Head, Label, State, Vec3
from frames.ipc_wire import Items
from ipc import stream
from typing_extensions import assert_type

Bytes = npt.NDArray[np.uint8]


def received(frames: ipc.Consumer[Cloud]) -> None:
    frame = frames.recv()
    assert_type(frame, Cloud.Received)
    assert_type(frame.stamp, int)
    assert_type(frame.flag, bool)
    assert_type(frame.head, Head.Reading)
    assert_type(frame.head.n, int)
    assert_type(frame.points, npt.NDArray[np.void])
    assert_type(frame.q, npt.NDArray[np.float64])
    assert_type(frame.frame_id, str | None)
    assert_type(frame.blob, Bytes | None)
    assert_type(frame.label.score, float)
    assert_type(frame.labels, Items[Label.Reading])
    assert_type([label.text for label in frame.labels], list[str])
    assert_type(frame.names[0], str)
    assert_type(frame.chunks, Items[Bytes] | None)
    assert_type(frame.weights, npt.NDArray[np.float32] | None)
    assert_type(frame.gain, float | None)
    assert_type(frame.sequence, int)
    assert_type(frame.raw, Bytes)
    with frame as same:
        assert_type(same, Cloud.Received)
    frame.release()
    frame.points_  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    frame.stamp = 1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    frame.head.n = 1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def received_otherwise(observer: ipc.Observer[State]) -> None:
    frames = ipc.Consumer(State, "states", "reader", reserve=["reader"])
    assert_type(frames, ipc.Consumer[State])
    for state in frames:
        assert_type(state, State.Received)
        assert_type(state.mode, int)
        assert_type(state.grid, npt.NDArray[np.int16])
        assert_type(state.temperature, float | None)
        assert_type(state.axis, Vec3.Reading | None)
        assert_type(state.self_, int)
    assert_type(frames.recv_batch(3), list[State.Received])
    assert_type(frames.try_recv(), State.Received)
    assert_type(observer.latest(), State.Received)
    assert_type(next(observer), State.Received)


async def received_by_asyncio(frames: ipc.Consumer[State]) -> None:
    async for state in frames:
        assert_type(state, State.Received)


def written(out: ipc.Producer[Cloud], other: ipc.Producer[State], state: State.Received) -> None:
    with out.loan(rows=1, cols=2) as frame:
        assert_type(frame, Cloud.Loaned)
        frame.stamp = 3
        frame.points["x"] = 1.5
        frame.points = np.zeros((1, 2), Vec3.dtype)
        frame.name = "cloud"
        frame.blob = b"blob"
        frame.label.score = 0.5
        for label in frame.labels:
            label.text = "hi"
        frame.names[1] = "n"
        assert_type(frame.q, npt.NDArray[np.float64])
        frame.gain = None
        frame.stamp = "3"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
        frame.rows = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        frame.head.n = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert_type(out.try_loan(rows=0, cols=0).publish(), int)
    out.send(Cloud())
    out.send({"rows": 0, "cols": 0})
    other.send(State())
    other.send(state)
    other.send(Cloud())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with ipc.Producer(State, "states") as opened, opened.loan() as loan:
        assert_type(opened, ipc.Producer[State])
        assert_type(loan, State.Loaned)


def of_run_time_classes() -> None:
    made = ipc.from_schema(State.schema, "State")
    frames = ipc.Consumer(made, "states")
    assert_type(frames.recv(), ipc.Frame)
    ipc.Producer(made, "states").send(made(stamp=3))


async def of_streams(out: stream.Producer[Cloud]) -> None:
    frames = stream.Consumer(State, fifo="states", lines=True)
    assert_type(frames, stream.Consumer[State])
    for state in frames:
        assert_type(state, State.Received)
    async for state in stream.Consumer(State, file="states", follow=True):
        assert_type(state, State.Received)
    assert_type(frames.recv(1.5), State.Received)
    assert_type(frames.class_, type[State])
    assert_type(stream.Consumer().recv(), ipc.Frame)
    with out.loan(rows=1, cols=2) as frame:
        assert_type(frame, Cloud.Loaned)
    assert_type(out.send(Cloud()), int)
    out.send(State())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with stream.Duplex(out, frames) as duplex:
        assert_type(duplex.recv(), State.Received)
        assert_type(next(duplex), State.Received)
        assert_type(await anext(duplex), State.Received)
        assert_type(duplex.send({"rows": 0, "cols": 0}), int)
        duplex.send(State())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_an_application(module: ipc.Communicator) -> None:
    for channel, frame in module:
        assert_type(channel, str)
        state: State.Received = frame
        assert_type(state.mode, int)
    out: ipc.Producer[State] = module.outputs["states"]
    assert_type(out.deliver(State()), bool)
    out.deliver(Cloud())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
