"""Releases frames in the middle of their copy: by the garbage collector, which may run whenever an object is made. Another
thread can do so whenever numpy copies a large array without the interpreter's lock.
"""

from __future__ import annotations

import gc
import sys

import ipc

VALUE = {"n": 2, "a": [1, 2, 3, 4]}

numbers = ipc.load(sys.argv[1]).SimpleMatrix
producer = ipc.Producer(numbers, "numbers", reserve=["copier"])
consumer = ipc.Consumer(numbers, "numbers", "copier")


def released_by_the_collector(frame: ipc.Frame) -> dict[str, object]:
    """Its copy, while every run of the collector releases it."""
    runs = 0

    def release(_phase: str, _info: dict[str, int]) -> None:
        nonlocal runs
        runs += 1
        frame.release()

    to_dict = frame.to_dict
    thresholds = gc.get_threshold()
    # Python then has no dicts in store, so that the copy makes a new one, which the collector counts.
    gc.collect()
    gc.callbacks.append(release)
    ballast: list[object] = [[]]
    gc.set_threshold(1)
    try:
        return to_dict()
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(release)
        assert runs > 0 and ballast


# One from which nothing was taken yet: released before the copy begins it is an error, after that a whole copy, and never a
# standstill.
producer.send(VALUE)
try:
    copy = released_by_the_collector(consumer.recv())
    assert list(copy["a"]) == [1, 2, 3, 4], copy
except ipc.errors.Released:
    pass

# One that an array keeps: what is copied is kept up to the end.
producer.send(VALUE)
frame = consumer.recv()
array = frame.a
copy = released_by_the_collector(frame)
assert copy["n"] == 2 and list(copy["a"]) == [1, 2, 3, 4], copy
try:
    frame.to_dict()
    raise AssertionError("it is still there")
except ipc.errors.Released:
    pass
assert array.tolist() == [1, 2, 3, 4]
producer.close()
