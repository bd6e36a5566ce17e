"""How ends of rings in Python wait, told as in `promises.py`: for signals, beside threads, in event loops."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import threading
import time

from promises import Picture, ends, picture
from shown import refused, show, switches, waits

import ipc


def ctrl_c_ends_a_wait_at_once() -> None:
    # A shell's background jobs ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out, frames = ends()
    waits = [
        frames.recv,
        lambda: next(frames),
        lambda: ipc.Consumer(Picture, "not-there"),
        lambda: ipc.Observer(Picture, "ring").recv(),
        lambda: [out.send(picture(500)) for _ in range(100)],
    ]
    for wait in waits:
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        refused(KeyboardInterrupt, wait)
        # Not a measure of the machine: a second is ten times what is promised.
        assert time.monotonic() - began < 1.3
        timer.join()


def other_threads_run_while_one_waits() -> None:
    out, frames = ends()
    got = []
    thread = threading.Thread(target=lambda: got.append(frames.recv().pixels[0, 0]))
    thread.start()
    while not waits(thread):
        pass
    # Whoever asks does not wait for the one who waits.
    assert frames.missed == 0 and frames.producer_state == "open"
    out.send(picture(1))
    thread.join()
    assert got == [7]


def asyncio_gets_every_frame_beside_other_tasks() -> None:
    out, frames = ends()

    async def main() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        async def send() -> None:
            for value in range(50):
                out.send(picture(1, value))
                before = ticks
                while ticks < before + 2:
                    await asyncio.sleep(0.001)
            out.close()

        ticking, sending = asyncio.create_task(tick()), asyncio.create_task(send())
        got = [int(frame.pixels[0, 0]) async for frame in frames]
        assert got == list(range(50)), got
        ticking.cancel()
        await sending

    asyncio.run(main())


def a_cancelled_wait_of_asyncio_loses_no_frame() -> None:
    out, frames = ends()

    async def main() -> None:
        got = []
        for value in range(20):
            waiting = asyncio.ensure_future(anext(frames))
            # At every point of the wait, as far as a few steps of the loop lead.
            for _ in range(value % 4):
                await asyncio.sleep(0)
            out.send(picture(1, value))
            waiting.cancel()
            got += await asyncio.gather(waiting, return_exceptions=True)
        got = [frame for frame in got if isinstance(frame, ipc.Frame)]
        while len(got) < 20:
            got.append(await anext(frames))
        assert [int(frame.pixels[0, 0]) for frame in got] == list(range(20))

    asyncio.run(main())


async def waiting(frames: ipc.Consumer) -> asyncio.Future:
    """A task that waits for a frame."""
    task = asyncio.ensure_future(anext(frames))
    # The doorbell rings once when it is made.
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()
    return task


def asyncio_waits_without_a_thread_and_asleep() -> None:
    out, frames = ends()

    async def main() -> None:
        tasks = [await waiting(frames) for _ in range(3)]
        # From its first ring on the producer has the doorbell open, so nothing but another ring wakes a task.
        out.send(picture(1))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        before = switches()
        await asyncio.sleep(0.6)
        assert switches() - before < 4
        assert not any(thread.name.startswith("ipc") for thread in threading.enumerate())
        out.send(picture(1))
        out.send(picture(1))
        assert sorted([frame.sequence for frame in await asyncio.gather(*tasks)]) == [0, 1, 2]

    asyncio.run(main())


def asyncio_waits_in_a_thread_where_no_doorbell_can_be_made() -> None:
    out, frames = ends()
    # As the isolated consumers of an application, which have no place for one.
    os.mkdir(f"{frames.path}.{os.stat(frames.path).st_ino}.0.bell")
    refused(ipc.errors.OsError, frames.fileno, "doorbell")

    async def main() -> None:
        task = await waiting(frames)
        out.send(picture(1))
        assert (await task).sequence == 0
        assert any(thread.name.startswith("ipc") for thread in threading.enumerate())

    asyncio.run(main())


def selectors_wait_for_a_consumer() -> None:
    out, frames = ends()
    with selectors.DefaultSelector() as selector:
        selector.register(frames, selectors.EVENT_READ)
        for value in range(100):
            sender = threading.Timer(0.001, out.send, (picture(1, value),))
            sender.start()
            frame = None
            while frame is None:
                selector.select()
                try:
                    frame = frames.try_recv()
                except ipc.Empty:
                    pass
            assert frame.pixels[0, 0] == value
            sender.join()
        refused(ipc.Empty, frames.try_recv)
        out.close()
        assert selector.select()
        refused(ipc.Closed, frames.try_recv)


def frames_that_asyncio_was_waiting_for_are_skipped_as_others() -> None:
    out, frames = ends()

    async def main() -> None:
        (await waiting(frames)).cancel()
        for value in range(3):
            out.send(picture(1, value))
        assert frames.skip_to_latest() == 2
        assert (await anext(frames)).sequence == 2

    asyncio.run(main())


def a_closed_consumer_frees_its_slot_though_somebody_waits() -> None:
    out, frames = ends()

    async def main() -> None:
        task = await waiting(frames)
        frames.close()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(outcome, ipc.errors.Released) and "closed" in str(outcome)
        # At once, and no frame is lost to who waited.
        out.send(picture(1))
        again = ipc.Consumer(Picture, "ring", "reader")
        assert again.recv().sequence == 0

    asyncio.run(main())
    frames = ipc.Consumer(Picture, "ring", "reader")
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(refused(ipc.errors.Released, frames.recv, "closed")))
    thread.start()
    while not waits(thread):
        pass
    frames.close()
    ipc.Consumer(Picture, "ring", "reader").close()
    thread.join()
    assert outcomes == [None]


if __name__ == "__main__":
    show(globals())
