"""The same typed frames over named pipes, pipes and files, for peers that cannot map memory.

from ipc import stream

with stream.Producer(Tone, fifo="/run/user/1000/tones") as out:  # waits with its first frame for a reader
    out.send(Tone(hertz=440))
for tone in stream.Consumer(Tone, fifo="/run/user/1000/tones"):
    print(tone.hertz)

for frame in stream.Consumer(file="recording", follow=True):  # of whatever class the file has
    print(frame.to_dict())
for tone in stream.Consumer(Tone):  # a filter in a shell: from standard input
    ...

`lines=True` makes each frame one JSON object a line. `pipe` is any open descriptor, or what has one: it is duplicated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._native import StreamConsumer as Consumer
from ._native import StreamProducer as Producer
from .errors import Closed
from .waiting import wait_for_descriptor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

    from ._native import Frame, View, _Class

__all__ = ["Consumer", "Duplex", "Producer"]

_Out_co = TypeVar("_Out_co", covariant=True)
_In_co = TypeVar("_In_co", covariant=True)
_Value = TypeVar("_Value")
_Frame = TypeVar("_Frame")
_Loan = TypeVar("_Loan")


class Duplex(Generic[_Out_co, _In_co]):
    """Both directions between two programs, over two pipes, which the other side opens the other way around.

    engine = Duplex(Producer(Order, fifo="orders"), Consumer(Event, fifo="events"))
    """

    def __init__(self, out: Producer[_Out_co], input: Consumer[_In_co]) -> None:
        self.out = out
        self.input = input

    def send(
        self: Duplex[_Class[_Value, _Frame, _Loan], Any],
        value: _Value | _Frame | Frame | View | Mapping[str, Any],
        timeout: float | None = None,
    ) -> int:
        """See Producer.send."""
        return self.out.send(value, timeout)

    def recv(self: Duplex[Any, _Class[_Value, _Frame, _Loan]], timeout: float | None = None) -> _Frame:
        """See Consumer.recv."""
        return self.input.recv(timeout)

    def try_recv(self: Duplex[Any, _Class[_Value, _Frame, _Loan]]) -> _Frame:
        """See Consumer.try_recv."""
        return self.input.try_recv()

    def close(self) -> None:
        """Ends the stream that goes, and lets go of the one that comes."""
        self.input.close()
        self.out.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self: Duplex[Any, _Class[_Value, _Frame, _Loan]]) -> _Frame:
        return next(self.input)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self: Duplex[Any, _Class[_Value, _Frame, _Loan]]) -> _Frame:
        return await self.input.__anext__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.input.close()
        return self.out.__exit__(kind, value, traceback)


async def next_frame(consumer: Consumer[_Class[_Value, _Frame, _Loan]]) -> _Frame:
    """The next frame: what `async for` awaits. A task that is cancelled takes no frame."""
    try:
        while (frame := consumer._poll()) is None:
            await wait_for_descriptor(consumer)
    except Closed:
        raise StopAsyncIteration from None
    return frame
