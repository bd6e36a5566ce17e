"""checker: holds each frame of a channel against its number and its checksum."""

import sys
import time
import zlib

from figures import Figures

import ipc

figures = Figures()
with ipc.Communicator.from_env() as module:
    for channel, frame in module:
        with frame:
            began = time.monotonic_ns()
            checksum = zlib.crc32(frame.pixels)
            figures.read(channel, frame, began)
            if (frame.index, frame.checksum) != (frame.sequence, checksum):
                sys.exit(f"frame {frame.sequence} of {channel} is picture {frame.index}, or its pixels are not those sent")
