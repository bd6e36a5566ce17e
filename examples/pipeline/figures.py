"""What a module did to each frame, and how long it took: a row for each in the file $DEMO_OUT/MODULE.csv."""

import os
import time
from typing import Any


COLUMNS = "channel,action,sequence,began_ns,time_ns,stamp_ns,published_ns"


class Figures:
    """Rows of COLUMNS; without DEMO_OUT they go nowhere."""

    def __init__(self) -> None:
        folder = os.environ.get("DEMO_OUT")
        path = os.path.join(folder, os.environ["IPC_MODULE"] + ".csv") if folder else os.devnull
        self._file = open(path, "w", buffering=1)  # line by line
        print(COLUMNS, file=self._file)

    def wrote(self, channel: str, sequence: int, began_ns: int) -> None:
        """The producer goes on now; the frame's place was asked for at `began_ns`."""
        time_ns = time.monotonic_ns() - began_ns
        print(channel, "write", sequence, began_ns, time_ns, "", "", sep=",", file=self._file)

    def read(self, channel: str, frame: Any, began_ns: int) -> None:
        """The last pixel of a frame was read now; it came at `began_ns`."""
        time_ns = time.monotonic_ns() - began_ns
        row = [channel, "read", frame.sequence, began_ns, time_ns, frame.stamp, frame.publish_time_ns]
        print(*row, sep=",", file=self._file)
