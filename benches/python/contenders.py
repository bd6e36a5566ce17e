"""One contender's turn: `contenders.py CONTENDER WORK STEPS DIRECTORY` prints nanoseconds a step.

Two processes, pinned where there are two cores. In `frames` the sender writes every element of an array of numpy, which is
the frame itself where a contender can do that; the receiver has each frame as an array of numpy, which is the frame itself
where a contender can do that, reads its first and last element, and times itself. In `round-trip` a number goes there in 64
bytes and comes back increased. In `receive-call`, whose contenders are `ours, SIZE B`, one process times the call that
receives. All spin while they wait, but for pyzmq with frames, which sleeps in its receiving call.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing import shared_memory

import numpy as np

FRAME_BYTES = 120_000
DEPTH = 8
LIMIT_SECONDS = 60


class Payload(ctypes.Structure):
    """64 bytes with a number."""

    _fields_ = [("number", ctypes.c_uint64), ("rest", ctypes.c_uint8 * 56)]


class Ours:
    """This project's module."""

    def __init__(self, name: str, directory: str) -> None:
        import ipc

        schema = os.path.join(directory, "payloads.json")
        with open(schema, "w") as file:
            file.write(
                '[{"className": "Picture", "members": ['
                '{"name": "n", "type": "uint32"},'
                '{"name": "pixels", "type": "array", "size": ["n"], "elem": {"type": "uint8"}}]},'
                '{"className": "Payload", "members": ['
                '{"name": "number", "type": "uint64"},'
                '{"name": "rest", "type": "array", "size": [56], "elem": {"type": "uint8"}}]}]'
            )
        self.classes = ipc.load(schema)
        self.path = os.path.join(directory, name + ".ring")
        # For as many frames as the others hold.
        self.stated = {"capacity": 1 << 20, "reserve": ["reader"], "wait": "spin"}
        self.ipc = ipc

    def frame_sender(self):
        out = self.ipc.Producer(self.classes.Picture, self.path, zero=False, **self.stated)

        def send(fill):
            with out.loan(n=FRAME_BYTES) as frame:
                fill(frame.pixels)

        return send

    def frame_receiver(self):
        frames = self.ipc.Consumer(self.classes.Picture, self.path, "reader", **self.stated)
        return lambda: frames.recv().pixels

    def number_sender(self):
        out = self.ipc.Producer(self.classes.Payload, self.path, **self.stated)
        value = self.classes.Payload(number=0, rest=np.zeros(56, np.uint8))

        def send(number):
            value.number = number
            out.send(value)

        return send

    def number_receiver(self):
        frames = self.ipc.Consumer(self.classes.Payload, self.path, "reader", **self.stated)
        return lambda: frames.recv().number


class OursSent(Ours):
    """The same, but that a frame is copied from an array which is there already."""

    def frame_sender(self):
        out = self.ipc.Producer(self.classes.Picture, self.path, **self.stated)
        value = self.classes.Picture(n=FRAME_BYTES, pixels=np.zeros(FRAME_BYTES, np.uint8))

        def send(fill):
            fill(value.pixels)
            out.send(value)

        return send


class ZeroMQ:
    """pyzmq, by Unix sockets."""

    def __init__(self, name: str, directory: str) -> None:
        self.address = f"ipc://{directory}/{name}.zmq"

    def _socket(self, kind, bind):
        import zmq

        self.zmq = zmq
        socket = zmq.Context.instance().socket(kind)
        socket.set(zmq.LINGER, -1)
        socket.set(zmq.SNDHWM if bind else zmq.RCVHWM, DEPTH)
        if bind:
            socket.bind(self.address)
        else:
            socket.connect(self.address)
        return socket

    def frame_sender(self):
        import zmq

        socket, array = self._socket(zmq.PUSH, True), np.zeros(FRAME_BYTES, np.uint8)

        def send(fill):
            fill(array)
            socket.send(array)

        return send

    def frame_receiver(self):
        import zmq

        socket = self._socket(zmq.PULL, False)
        return lambda: np.frombuffer(socket.recv(copy=False).buffer, np.uint8)

    def number_sender(self):
        import zmq

        socket, payload = self._socket(zmq.PUSH, True), Payload()

        def send(number):
            payload.number = number
            socket.send(payload)

        return send

    def number_receiver(self):
        import zmq

        socket = self._socket(zmq.PULL, False)

        def receive():
            while True:
                try:
                    return Payload.from_buffer_copy(socket.recv(zmq.NOBLOCK)).number
                except zmq.Again:
                    pass

        return receive


class SharedMemory:
    """multiprocessing's shared memory, with a lock around places and counters. The receiver copies, so that the place is free."""

    def __init__(self, name: str, directory: str) -> None:
        self.lock = multiprocessing.Lock()
        self.memory = shared_memory.SharedMemory(create=True, size=16 + DEPTH * FRAME_BYTES)
        # Both processes have it mapped, so it goes with them.
        self.memory.unlink()
        address = ctypes.addressof(ctypes.c_uint8.from_buffer(self.memory.buf))
        everything = np.frombuffer((ctypes.c_uint8 * (16 + DEPTH * FRAME_BYTES)).from_address(address), np.uint8)
        self.counters = everything[:16].view(np.uint64)
        self.slots = everything[16:].reshape(DEPTH, FRAME_BYTES)

    def _send(self, fill):
        while True:
            with self.lock:
                written, read = int(self.counters[0]), int(self.counters[1])
                if written - read < DEPTH:
                    fill(self.slots[written % DEPTH])
                    self.counters[0] = written + 1
                    return

    def _receive(self, take):
        while True:
            with self.lock:
                written, read = int(self.counters[0]), int(self.counters[1])
                if read < written:
                    taken = take(self.slots[read % DEPTH])
                    self.counters[1] = read + 1
                    return taken

    def frame_sender(self):
        return self._send

    def frame_receiver(self):
        return lambda: self._receive(np.copy)

    def number_sender(self):
        payload = Payload()

        def send(number):
            payload.number = number
            self._send(lambda slot: np.copyto(slot[:64], np.frombuffer(payload, np.uint8)))

        return send

    def number_receiver(self):
        return lambda: self._receive(lambda slot: Payload.from_buffer_copy(slot[:64]).number)


class Iceoryx2:
    """iceoryx2's Python package."""

    def __init__(self, name: str, directory: str) -> None:
        self.name = f"ipc-bench/{os.getpid()}/{name}"

    def _service(self, kind):
        import iceoryx2 as iox2

        iox2.set_log_level(iox2.LogLevel.Error)
        self.node = iox2.NodeBuilder.new().create(iox2.ServiceType.Ipc)
        service = self.node.service_builder(iox2.ServiceName.new(self.name)).publish_subscribe(kind)
        service = service.enable_safe_overflow(False).subscriber_max_buffer_size(DEPTH)
        return service.open_or_create()

    def _meet(self, service, publisher):
        while (
            service.dynamic_config.number_of_subscribers if publisher else service.dynamic_config.number_of_publishers
        ) == 0:
            time.sleep(0.001)

    def frame_sender(self):
        import iceoryx2 as iox2

        service = self._service(iox2.Slice[ctypes.c_uint8])
        builder = service.publisher_builder().backpressure_strategy(iox2.BackpressureStrategy.RetryUntilDelivered)
        publisher = builder.initial_max_slice_len(FRAME_BYTES).create()
        self._meet(service, True)

        block = ctypes.c_uint8 * FRAME_BYTES

        def send(fill):
            # It says to how many it was delivered: to nobody where the buffer is full.
            delivered = 0
            while delivered == 0:
                sample = publisher.loan_slice_uninit(FRAME_BYTES)
                fill(np.frombuffer(block.from_address(sample.payload_ptr), np.uint8))
                delivered = sample.assume_init().send()

        return send

    def frame_receiver(self):
        import iceoryx2 as iox2

        service = self._service(iox2.Slice[ctypes.c_uint8])
        subscriber = service.subscriber_builder().create()
        block = ctypes.c_uint8 * FRAME_BYTES

        def receive():
            while (sample := subscriber.receive()) is None:
                pass
            memory = block.from_address(sample.payload_ptr)
            memory.owner = sample
            return np.frombuffer(memory, np.uint8)

        return receive

    def number_sender(self):
        service = self._service(Payload)
        publisher = service.publisher_builder().create()
        self._meet(service, True)
        payload = Payload()

        def send(number):
            payload.number = number
            publisher.loan_uninit().write_payload(payload).send()

        return send

    def number_receiver(self):
        subscriber = self._service(Payload).subscriber_builder().create()

        def receive():
            while (sample := subscriber.receive()) is None:
                pass
            return sample.payload().contents.number

        return receive


CONTENDERS = {
    "ours": Ours,
    "ours, send": OursSent,
    "pyzmq": ZeroMQ,
    "shared memory": SharedMemory,
    "iceoryx2": Iceoryx2,
}


def pin(core: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def frames(contender, steps: int) -> None:
    """Sends from a second process; the receiver's time counts from the first frame on."""
    link = contender("frames")

    def sender() -> None:
        pin(1)
        send = link.frame_sender()
        for number in range(steps + 1):
            send(lambda array: array.fill(number & 255))  # noqa: B023 -- it is called at once
        receiver_is_done.wait()

    receiver_is_done = multiprocessing.Event()
    process = multiprocessing.Process(target=sender, daemon=True)
    process.start()
    pin(0)
    receive = link.frame_receiver()
    receive()
    began = time.perf_counter_ns()
    for number in range(1, steps + 1):
        array = receive()
        if array[0] != number & 255 or array[-1] != number & 255:
            raise SystemExit(f"frame {number} is another one: {array[0]}, {array[-1]}")
    print((time.perf_counter_ns() - began) / steps)
    array = None
    receiver_is_done.set()
    process.join()


def round_trip(contender, steps: int) -> None:
    """Answers from a second process."""
    there, back = contender("there"), contender("back")

    def answerer() -> None:
        pin(1)
        send, receive = back.number_sender(), there.number_receiver()
        for _ in range(steps + 100):
            send(receive() + 1)
        asker_is_done.wait()

    asker_is_done = multiprocessing.Event()
    process = multiprocessing.Process(target=answerer, daemon=True)
    process.start()
    pin(0)
    receive, send = back.number_receiver(), there.number_sender()
    for number in range(steps + 100):
        if number == 100:
            began = time.perf_counter_ns()
        send(number)
        answer = receive()
        if answer != number + 1:
            raise SystemExit(f"expected {number + 1}, received {answer}")
    print((time.perf_counter_ns() - began) / steps)
    asker_is_done.set()
    process.join()


def receive_call(size: int, steps: int, directory: str) -> None:
    """The call that receives a frame of so many bytes and takes its array, by itself: the frame is there before."""
    link = Ours("calls", directory)
    stated = {**link.stated, "capacity": 1 << 24}
    out = link.ipc.Producer(link.classes.Picture, link.path, zero=False, **stated)
    frames = link.ipc.Consumer(link.classes.Picture, link.path, "reader", **stated)
    pin(0)
    times = []
    for number in range(steps):
        with out.loan(n=size) as frame:
            frame.pixels[0] = frame.pixels[-1] = number & 255
        began = time.perf_counter_ns()
        array = frames.recv().pixels
        times.append(time.perf_counter_ns() - began)
        if len(array) != size or array[0] != number & 255 or array[-1] != number & 255:
            raise SystemExit(f"frame {number} is another one: {array}")
        del array
    print(sorted(times)[steps // 2])


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    # The second process goes with this one.
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not over after {LIMIT_SECONDS} s"))
    signal.alarm(LIMIT_SECONDS)
    name, work, steps, directory = sys.argv[1:]
    if work == "receive-call":
        receive_call(int(name.removeprefix("ours, ").removesuffix(" B")), int(steps), directory)
    else:
        work = {"frames": frames, "round-trip": round_trip}[work]
        work(lambda link: CONTENDERS[name](link, directory), int(steps))
