"""What a module did to each frame, and how long it took: a row for each in the file $DEMO_OUT/MODULE.csv."""

import os
import time


class Figures:
    """Rows of `channel,action,sequence,time_ns,age_ns`; without DEMO_OUT they go nowhere."""

    def __init__(self) -> None:
        folder = os.environ.get("DEMO_OUT")
        path = os.path.join(folder, os.environ["IPC_MODULE"] + ".csv") if folder else os.devnull
        self._file = open(path, "w", buffering=1)  # line by line
        print("channel,action,sequence,time_ns,age_ns", file=self._file)

    def wrote(self, channel: str, sequence: int, began_ns: int) -> None:
        """A frame was published now; its place was asked for at `began_ns`."""
        print(channel, "write", sequence, time.monotonic_ns() - began_ns, "", sep=",", file=self._file)

    def read(self, channel: str, sequence: int, began_ns: int, stamp_ns: int) -> None:
        """The last pixel of a frame was read now; it came at `began_ns`, and the camera had it at `stamp_ns`."""
        row = [channel, "read", sequence, time.monotonic_ns() - began_ns, began_ns - stamp_ns]
        print(*row, sep=",", file=self._file)
