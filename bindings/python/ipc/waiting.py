"""Waiting for frames beside other tasks of asyncio."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .errors import Closed

if TYPE_CHECKING:
    from ._native import Consumer, Frame
    from .classes import FrameClass

# How often a waiting thread looks whether anyone still waits for it.
_LOOK_SECONDS = 0.1

# A thread for each consumer that waits: in a pool of a fixed size, many idle ones would hold up whatever else it runs.
_threads: WeakKeyDictionary[Consumer[Any], ThreadPoolExecutor] = WeakKeyDictionary()


async def next_frame(consumer: Consumer[FrameClass]) -> Frame:
    """The next frame: what `async for` awaits. A task that is cancelled takes no frame."""
    try:
        while (frame := consumer._poll()) is None:
            await _wait(consumer)
    except Closed:
        raise StopAsyncIteration from None
    return frame


async def _wait(consumer: Consumer[Any]) -> None:
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
