"""display: shows each frame of a channel."""

import os
import subprocess
import sys
import time

from figures import Figures

import ipc

figures = Figures()
with ipc.Communicator.from_env() as module:
    screen = subprocess.Popen(["./show", os.environ["IPC_MODULE"]], stdin=subprocess.PIPE)
    for channel, frame in module:
        with frame:  # which gives its space back at the end of the block
            began = time.monotonic_ns()
            picture = frame.pixels.tobytes()
            figures.read(channel, frame, began)
        screen.stdin.write(picture)
screen.stdin.close()
sys.exit(screen.wait())
