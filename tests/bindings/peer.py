"""A process under test, in Python: `tests/src/bin/peer.rs` once more, with the commands that its table names.

It gets the description of its classes and then a ring's settings as arguments, obeys the commands on its standard input, one
a line, and answers each with a line that begins with `= `.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

import numpy as np

import ipc

MASK = (1 << 64) - 1
FIXED_BYTES = 24
HEADERS_BYTES = 32


def mix(value: int) -> int:
    """SplitMix64's output function."""
    value = value + 0x9E37_79B9_7F4A_7C15 & MASK
    value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB & MASK
    return value ^ value >> 31


NOISE = np.array([mix(i) for i in range(8 << 10)], np.uint64).view(np.uint8)


class Peer:
    """The ends that this process has open."""

    def __init__(self, description: str, path: str, capacity: str, reserved: str, dynamic: str, wait: str, fence: str):
        self.classes = ipc.load(description)
        self.path = path
        self.capacity = int(capacity)
        self.stated = {
            "capacity": self.capacity,
            "reserve": [name for name in reserved.split(",") if name],
            "dynamic_slots": int(dynamic),
            "wait": {"Spin": "spin", "SpinThenSleep": "spin_then_sleep", "Sleep": "sleep"}[wait],
            "fence": fence.lower(),
            "wait_for_ring": 30,
        }
        self.producer: ipc.Producer | None = None
        self.consumer: ipc.Consumer | None = None
        self.observer: ipc.Observer | None = None

    def obey(self, word: str, argument: str) -> object:
        number = int(argument) if argument.isdigit() else 0
        match word:
            case "create":
                ipc.create(self.classes.Parcel, self.path, **self.stated)
            case "produce":
                self.producer = ipc.Producer(self.classes.Parcel, self.path, **self.stated)
            case "continue":
                self.producer = ipc.Producer(self.classes.Parcel, self.path, existing=True, **self.stated)
            case "produce-ticks":
                ipc.Producer(self.classes.Tick, self.path, **self.stated)
            case "consume":
                self.consumer = ipc.Consumer(self.classes.Parcel, self.path, argument, **self.stated)
            case "join":
                # As a program does that knows no class.
                anything = ipc.ring_class(self.path)
                self.consumer = ipc.Consumer(anything, self.path, **self.stated)
            case "observe":
                self.observer = ipc.Observer(self.classes.Parcel, self.path, **self.stated)
            case "send-to":
                while self.producer.next_sequence < number:
                    self.send()
                return self.producer.next_sequence
            case "try-send":
                return self.producer.try_send(self.parcel(self.producer.next_sequence))
            case "send-within-ms":
                return self.producer.send(self.parcel(self.producer.next_sequence), number / 1000)
            case "recv":
                return self.receive(self.consumer.recv() for _ in range(number))
            case "drain":
                return f"closed {self.receive(self.consumer)}"
            case "drain-async" | "drain-watching":
                return f"closed {asyncio.run(self.receive_async())}"
            case "batches":
                batches = (self.consumer.recv_batch(7) for _ in range(number))
                return self.receive(frame for batch in batches for frame in batch)
            case "try-recv":
                return self.check(self.consumer.try_recv())
            case "recv-within-ms":
                return self.check(self.consumer.recv(number / 1000))
            case "look":
                return self.check(self.observer.try_recv())
            case "skip":
                return self.consumer.skip_to_latest()
            case "state":
                return self.consumer.producer_state.title().replace("_", "")
            case "close":
                self.producer.close()
                self.producer = None
            case "leave":
                self.producer.leave()
                self.producer = None
            case "drop":
                self.producer = self.consumer = self.observer = None
            case _:
                raise SystemExit(f"there is no command {word}")
        return "done"

    def parcel(self, sequence: int) -> ipc.FrameClass:
        """The parcel of this sequence number: mostly small, now and then empty, large, or the largest."""
        noise, largest = mix(sequence), self.capacity // 2 - HEADERS_BYTES - FIXED_BYTES
        kind = noise % 256
        if kind < 4:
            n = 0
        elif kind == 4:
            n = largest
        elif kind < 9:
            n = (noise >> 8) % (largest + 1)
        else:
            n = (noise >> 8) % 97
        start = (noise >> 32) % 4096
        return self.classes.Parcel(stamp=sequence, n=n, data=NOISE[start : start + n], seal=mix(sequence ^ n))

    def send(self) -> None:
        """Sends the next parcel: by value, by a dict, and in place, in turns."""
        parcel = self.parcel(self.producer.next_sequence)
        if parcel.stamp % 3 == 0:
            self.producer.send(parcel)
        elif parcel.stamp % 3 == 1:
            self.producer.send({"stamp": parcel.stamp, "n": parcel.n, "data": parcel.data, "seal": parcel.seal})
        else:
            with self.producer.loan(n=parcel.n, stamp=parcel.stamp) as frame:
                frame.data[:] = parcel.data
                frame.seal = parcel.seal

    def check(self, frame: ipc.Frame) -> int:
        """Compares every byte with what the sequence number says."""
        expected = self.parcel(frame.sequence)
        assert (frame.stamp, frame.n, frame.seal) == (expected.stamp, expected.n, expected.seal), "other members"
        assert np.array_equal(frame.data, expected.data), "other data"
        assert frame.raw.tobytes() == expected.serialize(), "other bytes"
        return frame.sequence

    def receive(self, frames: Iterable[ipc.Frame]) -> str:
        sequences = []
        for frame in frames:
            # Given back before the next one is waited for: this ring has not always room for three.
            with frame:
                sequences.append(self.check(frame))
        return self.range(sequences)

    async def receive_async(self) -> str:
        sequences = []
        async for frame in self.consumer:
            with frame:
                sequences.append(self.check(frame))
        return self.range(sequences)

    @staticmethod
    def range(sequences: list[int]) -> str:
        if not sequences:
            return "nothing"
        assert sequences == list(range(sequences[0], sequences[-1] + 1)), "a gap"
        return f"{sequences[0]}..{sequences[-1] + 1}"


def main() -> None:
    peer = Peer(*sys.argv[1:])
    for line in sys.stdin:
        word, _, argument = line.strip().partition(" ")
        try:
            answer = peer.obey(word, argument)
        except ipc.Error as error:
            kind = type(error).__name__.removesuffix("Error")
            answer = f"{kind}: {error}".replace("\n", " | ")
        print(f"= {answer}", flush=True)


main()
