"""A channel of byte strings: a thin layer over Producer and Consumer, for programs that have no classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from . import _native
from .classes import FrameClass, from_schema
from .errors import Empty as BufferEmpty
from .errors import Full as BufferFull
from .errors import Released

__all__ = ["BufferEmpty", "BufferFull", "MmapIPCChannel"]

_SCHEMA = '{"namespace": "ipc", "classes": [{"className": "Block", "members": [{"name": "data", "type": "bytes"}]}]}'
_Block = from_schema(_SCHEMA, "Block")


if TYPE_CHECKING:
    _Producer = _native.Producer[FrameClass]
    _Consumer = _native.Consumer[FrameClass]


class MmapIPCChannel:
    """A memory-mapped file through which one process writes blocks of bytes and another reads them.

    What does not wait raises BufferFull and BufferEmpty.
    """

    def __init__(self, name: str, capacity: int = 16 << 20, reader: str = "reader") -> None:
        self._name = name
        self._capacity = capacity
        self._reader = reader
        self._producer: _Producer | None = None
        self._consumer: _Consumer | None = None
        self._block: _native.Frame | None = None

    def open(self, mode: Literal["create", "write", "read"]) -> None:
        """Opens the mapping: makes it, or goes on with one that is there ("create"); writes to one that must be there
        ("write"); reads, after a wait for it ("read")."""
        if mode not in ("create", "write", "read"):
            raise ValueError(f"expected the mode to be 'create', 'write' or 'read', found {mode!r}")
        self.close()
        if mode == "read":
            self._consumer = _native.Consumer(
                _Block, self._name, self._reader, capacity=self._capacity, reserve=[self._reader]
            )
        else:
            self._producer = _native.Producer(
                _Block, self._name, existing=mode == "write", capacity=self._capacity, reserve=[self._reader]
            )

    def close(self) -> None:
        """Closes the mapping; the reader of a closed one gets what is left, and then Closed."""
        self._block = None
        if self._producer is not None:
            self._producer.close()
        if self._consumer is not None:
            self._consumer.close()
        self._producer = self._consumer = None

    def write(self, data: bytes | bytearray | memoryview, wait: bool = False) -> None:
        """Writes a block."""
        block = {"data": data}
        if wait:
            self._writer().send(block)
        else:
            self._writer().try_send(block)

    def read(self, wait: bool = False) -> bytes:
        """A copy of the next block, which is freed."""
        data = bytes(self.view(wait))
        self.advance()
        return data

    def view(self, wait: bool = False) -> memoryview:
        """The next block in place, read-only. It is the same one until `advance`."""
        if self._block is None:
            self._block = self._receiver().recv() if wait else self._receiver().try_recv()
        return memoryview(self._block.data)

    def advance(self) -> None:
        """Frees the block that was read or viewed last, once nothing refers to it any more."""
        if self._block is not None:
            self._block.release()
        self._block = None

    def used_space(self) -> int:
        """Bytes of the mapping that hold blocks, with their headers, which the reader has not freed."""
        return self._end().used_bytes

    def free_space(self) -> int:
        """Bytes of the mapping that hold none. A block needs some for its header, and in one piece."""
        end = self._end()
        return end.capacity - end.used_bytes

    def _end(self) -> _Producer | _Consumer:
        return self._writer() if self._consumer is None else self._consumer

    def _writer(self) -> _Producer:
        if self._producer is None:
            raise Released("this channel is not open for writing: open it with the mode create or write")
        return self._producer

    def _receiver(self) -> _Consumer:
        if self._consumer is None:
            raise Released("this channel is not open for reading: open it with the mode read")
        return self._consumer

    def __enter__(self) -> MmapIPCChannel:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
