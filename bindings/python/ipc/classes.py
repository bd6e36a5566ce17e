"""Classes that are made at run time, from a description or from a ring.

They are used as the classes that `ipc export --lang python` writes: an instance has a value for each member, and
`serialize` and `deserialize` turn it into the bytes of a frame and back.
"""

from __future__ import annotations

import enum
import os
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

from . import _native

_Self = TypeVar("_Self", bound="FrameClass")


class FrameClass:
    """A value of a class: what a frame holds, outside of any ring. Members are attributes."""

    class_name: ClassVar[str]
    fingerprint: ClassVar[bytes]
    schema: ClassVar[str]
    _layout: ClassVar[_native.Layout]
    # For type checkers: see _Class in _native.pyi.
    _ipc: list[tuple[FrameClass, _native.Frame, _native.Loan]]

    def __init__(self, **members: Any) -> None:
        values = self._layout.new_value()
        for name in members:
            if name not in values:
                raise TypeError(f"class {self.class_name} has no member {name!r}: expected one of {list(values)}")
        values.update(members)
        self.__dict__.update(values)

    def serialize(self) -> bytes:
        """The bytes of its frame."""
        return self._layout.encode(self)

    @classmethod
    def deserialize(cls: type[_Self], frame: bytes) -> _Self:
        """The value of a frame."""
        return cls(**cls._layout.decode(frame))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.serialize() == other.serialize()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{self.class_name}({members})"


class Classes(SimpleNamespace):
    """What a description has, by name."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the description has no class or enum {name!r}: expected one of {list(vars(self))}")


def load(path: str | os.PathLike[str]) -> Classes:
    """The classes and enums of a JSON description and of all that it imports, as attributes."""
    layouts, enums = _native.read_classes(os.fspath(path))
    names: dict[str, Any] = {layout.class_name: class_of(layout) for layout in layouts}
    names.update((name, enum.IntEnum(name, values)) for name, values in enums)
    return Classes(**names)


def from_schema(schema: str, name: str) -> type[FrameClass]:
    """The class of that name in a JSON text, which imports nothing."""
    return class_of(_native.Layout.from_json(schema, name))


def ring_class(name: str, **settings: Any) -> type[FrameClass]:
    """The class of the ring of that name, after a wait for it: `Consumer(ring_class(name), name)` opens any ring."""
    return class_of(_native.class_of(name, **settings))


def class_of(layout: _native.Layout) -> type[FrameClass]:
    """The class of a layout."""
    members = {
        "__doc__": layout.comment,
        "class_name": layout.class_name,
        "fingerprint": layout.fingerprint,
        "schema": layout.schema,
        "_layout": layout,
    }
    return type(layout.class_name, (FrameClass,), members)
