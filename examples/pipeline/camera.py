"""camera: reads pictures from the program `decode`, and produces them as frames."""

import signal
import subprocess
import sys
import threading
import time
import zlib

import numpy as np
from figures import Figures

import ipc

video = ipc.load("../classes/video.json")
SHAPE = (200, 200, 3)

# Its readers in C++ do not hear the controller: so this one, told to quit by a signal, ends the stream, which ends them.
quitting = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: quitting.set())
figures = Figures()
decoder = subprocess.Popen(["./decode", "200x200", "rgb24"], stdout=subprocess.PIPE)
with ipc.Producer(video.VideoFrame, "frames") as frames, decoder.stdout as pictures:
    index = 0
    while not quitting.is_set() and len(picture := pictures.read(200 * 200 * 3)) == 200 * 200 * 3:
        stamp, checksum = time.monotonic_ns(), zlib.crc32(picture)

        began = time.monotonic_ns()
        frame = frames.loan(stamp=stamp, index=index, checksum=checksum)  # space in the ring
        frame.pixels[:] = np.frombuffer(picture, np.uint8).reshape(SHAPE)
        sequence = frame.publish()
        figures.wrote("frames", sequence, began)
        index += 1
sys.exit(decoder.wait() if not quitting.is_set() else 0)
