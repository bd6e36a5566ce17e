"""Waiting for frames beside other tasks of asyncio."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from ._native import Consumer
from .errors import Closed, Error, Quit

_Next_co = TypeVar("_Next_co", covariant=True)


class _Waits(Protocol[_Next_co]):
    """A consumer, or a communicator."""

    def _poll(self) -> _Next_co | None: ...
    def _wait(self, seconds: float) -> bool: ...


class _Listens(Protocol):
    """A consumer of a ring with a doorbell, or of a stream."""

    def _listen(self) -> int: ...


# Who waits for a descriptor, to be told of its end.
_listeners: WeakKeyDictionary[_Listens, set[_Listener]] = WeakKeyDictionary()

# How often a waiting thread looks whether anyone still waits for it.
_LOOK_SECONDS = 0.1

# A thread for each of those that wait and have no doorbell: in a pool of a fixed size, many idle ones would hold up
# whatever else it runs.
_threads: WeakKeyDictionary[_Waits[object], ThreadPoolExecutor] = WeakKeyDictionary()


async def next_frame(consumer: _Waits[_Next_co]) -> _Next_co:
    """The next frame: what `async for` awaits. A task that is cancelled takes no frame."""
    try:
        while (frame := consumer._poll()) is None:
            if not isinstance(consumer, Consumer) or consumer in _threads or not await wait_for_descriptor(consumer):
                await _wait_in_thread(consumer)
    except (Closed, Quit):
        raise StopAsyncIteration from None
    return frame


def closed(consumer: _Listens) -> None:
    """Ends the waits for a consumer that was closed, in whatever thread."""
    for listener in list(_listeners.get(consumer, ())):
        listener.wake()


class _Listener:
    """A task that waits."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()

    def wake(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.woken.set)


async def wait_for_descriptor(consumer: _Listens) -> bool:
    """Waits until the consumer may have a frame, or an error; false if it has no descriptor.

    A consumer of an isolated ring has none, nor has one that was closed.
    """
    listener = _Listener()
    # First, so that a consumer which is closed now tells it.
    listeners = _listeners.setdefault(consumer, set())
    listeners.add(listener)
    try:
        # A number of this wait's own: a loop knows one reader of each.
        descriptor = consumer._listen()
    except Error:
        listeners.discard(listener)
        return False
    try:
        listener.loop.add_reader(descriptor, listener.woken.set)
        await listener.woken.wait()
    finally:
        listener.loop.remove_reader(descriptor)
        os.close(descriptor)
        listeners.discard(listener)
    return True


async def _wait_in_thread(consumer: _Waits[object]) -> None:
    """The same, by a thread."""
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
