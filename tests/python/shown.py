"""What files of promises have in common: how they are run, and what their promises ask."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FunctionType

import numpy as np

import ipc


def show(names: dict[str, object]) -> None:
    """Shows the promise of that name, a function of the file without arguments; without a name all are listed."""
    promises: dict[str, Callable[[], None]] = {
        name: each
        for name, each in names.items()
        if isinstance(each, FunctionType) and each.__module__ == "__main__" and not each.__code__.co_argcount
    }
    if len(sys.argv) == 1:
        print("\n".join(promises))
    else:
        promises[sys.argv[1]]()


def refused(kind: type[Exception], run, *words: str) -> None:
    try:
        run()
    except kind as error:
        assert isinstance(error, ipc.Error) or not issubclass(kind, ipc.Error)
        for word in words:
            assert word in str(error), f"{word!r} is not in {str(error)!r}"
        return
    raise AssertionError(f"not refused: {kind.__name__} {words}")


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def mappings(file: str = "ring.ring") -> list[range]:
    """Where the ring is mapped."""
    found = []
    with open("/proc/self/maps") as lines:
        for line in lines:
            if line.rstrip().endswith(file):
                start, end = line.split()[0].split("-")
                found.append(range(int(start, 16), int(end, 16)))
    return found


def waits(thread: threading.Thread) -> bool:
    """Whether a thread sleeps in the kernel."""
    with open(f"/proc/self/task/{thread.native_id}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"


def switches() -> int:
    """How often the main thread went to sleep."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))
