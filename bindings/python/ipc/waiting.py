"""Waiting for frames beside other tasks of asyncio."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from .errors import Closed, Quit

_Next_co = TypeVar("_Next_co", covariant=True)


class _Waits(Protocol[_Next_co]):
    """A consumer, or a communicator."""

    def _poll(self) -> _Next_co | None: ...
    def _wait(self, seconds: float) -> bool: ...


# How often a waiting thread looks whether anyone still waits for it.
_LOOK_SECONDS = 0.1

# A thread for each of them that waits: in a pool of a fixed size, many idle ones would hold up whatever else it runs.
_threads: WeakKeyDictionary[_Waits[object], ThreadPoolExecutor] = WeakKeyDictionary()


async def next_frame(consumer: _Waits[_Next_co]) -> _Next_co:
    """The next frame: what `async for` awaits. A task that is cancelled takes no frame."""
    try:
        while (frame := consumer._poll()) is None:
            await _wait(consumer)
    except (Closed, Quit):
        raise StopAsyncIteration from None
    return frame


async def _wait(consumer: _Waits[object]) -> None:
    """Waits until the consumer has a frame, or an error."""
    thread = _threads.get(consumer)
    if thread is None:
        thread = _threads[consumer] = ThreadPoolExecutor(1, "ipc")
    given_up = threading.Event()

    def wait() -> None:
        main = threading.main_thread()
        while not given_up.is_set() and main.is_alive() and not consumer._wait(_LOOK_SECONDS):
            pass

    try:
        await asyncio.get_running_loop().run_in_executor(thread, wait)
    finally:
        given_up.set()
