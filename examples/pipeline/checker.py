"""checker: holds each frame of a channel against its number and its checksum."""

import os
import signal
import sys
import time
import zlib

from figures import Figures

import ipc

video = ipc.load("../classes/video.json")
channel, module = sys.argv[1], os.environ["IPC_MODULE"]

# What was sent is still read: the end of the stream ends this.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
figures = Figures()
for frame in ipc.Consumer(video.VideoFrame, channel, module):
    with frame:
        began = time.monotonic_ns()
        checksum = zlib.crc32(frame.pixels)
        figures.read(channel, frame.sequence, began, frame.stamp)
        if (frame.index, frame.checksum) != (frame.sequence, checksum):
            sys.exit(f"frame {frame.sequence} of `{channel}` is picture {frame.index}, or its pixels are not those sent")
