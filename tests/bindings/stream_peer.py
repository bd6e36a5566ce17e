"""A process under test at an end of a stream, in Python: `tests/src/bin/stream_peer.rs` once more, with its commands.

It obeys the commands on its standard input, one a line, and answers each with a line that begins with `= `; or it is a part of
a pipeline of a shell.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

import ipc
from ipc import stream

CLASSES = ipc.load(Path(__file__).parents[1] / "classes/parcel.json")
MASK = (1 << 64) - 1
FACTOR = 0x9E37_79B9_7F4A_7C15


def data(stamp: int, n: int) -> np.ndarray:
    """Every byte follows from the stamp and its place."""
    first = np.uint64((stamp << 32) & MASK)
    return ((np.arange(n, dtype=np.uint64) | first) * np.uint64(FACTOR) >> np.uint64(56)).astype(np.uint8)


def load(stamp: int, n: int) -> ipc.FrameClass:
    return CLASSES.Parcel(stamp=stamp, n=n, data=data(stamp, n), seal=stamp ^ n)


def mixed(stamp: int) -> int:
    """Mostly little, now and then more than a pipe holds, or just a block of it."""
    return {0: 0, 1: 200_000, 2: 4048 - 24, 3: 4048 - 23}.get(stamp % 32, 31 * (stamp % 32))


def check(frame: ipc.Frame) -> int:
    """The stamp of a frame, every byte of which was compared."""
    stamp = frame.stamp
    assert frame.seal == stamp ^ frame.n, f"the seal of frame {stamp}"
    assert (frame.data == data(stamp, frame.n)).all(), f"the data of frame {stamp}"
    return stamp


def said(error: ipc.Error) -> str:
    """An error as one line: its kind in Rust, then its text."""
    kind = type(error).__name__.removesuffix("Error")
    return f"{kind}: {error}".replace("\n", " | ")


class Ends:
    """The ends that this process has open."""

    def __init__(self, kind: str, path: str) -> None:
        kind, dash, _ = kind.partition("-")
        self.place: dict[str, Any] = {"file" if kind == "follow" else kind: path, "lines": bool(dash)}
        self.follow = {"follow": True} if kind == "follow" else {}
        self.producer: stream.Producer | None = None
        self.consumer: stream.Consumer | None = None

    def obey(self, command: str, *numbers: int) -> str:
        match command:
            case "produce":
                self.producer = stream.Producer(CLASSES.Parcel, **self.place)
            case "consume":
                self.consumer = stream.Consumer(CLASSES.Parcel, **self.place, **self.follow)
            case "recv-tick":
                return str(stream.Consumer(CLASSES.Tick, **self.place).recv().count)
            case "send":
                for stamp in range(*numbers):
                    self.producer.send(load(stamp, mixed(stamp)))
            case "send-of":
                for stamp in range(*numbers[:2]):
                    # Written where it lies: the other way of sending.
                    with self.producer.loan(n=numbers[2]) as frame:
                        frame.stamp, frame.seal = stamp, stamp ^ numbers[2]
                        frame.data[:] = data(stamp, numbers[2])
            case "recv":
                frame = self.consumer.recv()
                return f"{check(frame)} of {frame.n}"
            case "recv-within-ms":
                return str(check(self.consumer.recv(numbers[0] / 1000)))
            case "drain":
                return self.drain()
            case "fork":
                child = os.fork()
                if child == 0:
                    try:
                        self.producer.send(load(0, 1))
                    except ipc.Error as error:
                        print(f"child: {said(error)}", flush=True)
                    self.producer = self.consumer = None
                    os._exit(0)
                os.waitpid(child, 0)
            case "close":
                self.producer.close()
            case "leave":
                self.producer.leave()
            case _:
                raise SystemExit(f"there is no command {command}")
        return "done"

    def drain(self) -> str:
        count = 0
        while True:
            try:
                print(f"got {check(self.consumer.recv())}", flush=True)
            except ipc.Error as error:
                return f"{count} {said(error)}"
            count += 1


def part_of_pipeline(task: str, *numbers: str) -> None:
    match task:
        case "produce":
            with stream.Producer(CLASSES.Parcel) as out:
                for stamp in range(int(numbers[0])):
                    out.send(load(stamp, mixed(stamp)))
        case "filter":
            with stream.Producer(CLASSES.Parcel) as out:
                for frame in stream.Consumer(CLASSES.Parcel):
                    out.send(load(check(frame), 2 * frame.n))
        case _:
            sizes = []
            for frame in stream.Consumer(CLASSES.Parcel):
                assert check(frame) == len(sizes)
                sizes.append(frame.n)
            print(f"{len(sizes)} frames, {sum(sizes)} bytes")


def main(kind: str, *rest: str) -> None:
    if kind == "pipe":
        try:
            part_of_pipeline(*rest)
        except ipc.Error as error:
            # One write, for the parts of a pipeline share their standard error.
            sys.stderr.write(f"{said(error)}\n")
            raise SystemExit(3) from None
        return
    ends = Ends(kind, *rest)
    for line in sys.stdin:
        command, *numbers = line.split()
        try:
            answer = ends.obey(command, *map(int, numbers))
        except ipc.Error as error:
            answer = said(error)
        print(f"= {answer}", flush=True)


main(*sys.argv[1:])
