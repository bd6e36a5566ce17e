"""display: shows each frame of a channel."""

import os
import signal
import subprocess
import sys
import time

from figures import Figures

import ipc

video = ipc.load("../classes/video.json")
channel, module = sys.argv[1], os.environ["IPC_MODULE"]

# What was sent is still read: the end of the stream ends this.
signal.signal(signal.SIGTERM, signal.SIG_IGN)
figures = Figures()
screen = subprocess.Popen(["./show", module], stdin=subprocess.PIPE)
for frame in ipc.Consumer(video.VideoFrame, channel, module):
    with frame:  # which gives its space back at the end of the block
        began = time.monotonic_ns()
        picture = frame.pixels.tobytes()
        figures.read(channel, frame.sequence, began, frame.stamp)
    screen.stdin.write(picture)
screen.stdin.close()
sys.exit(screen.wait())
