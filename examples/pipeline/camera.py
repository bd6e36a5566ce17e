"""camera: reads pictures from the program `decode`, and produces them as frames."""

import subprocess
import sys
import time
import zlib
from functools import partial

import numpy as np
from figures import Figures

import ipc

SHAPE = (200, 200, 3)
PICTURE_BYTES = 200 * 200 * 3

figures = Figures()
decode = ["./decode", "200x200", "rgb24"]
with ipc.Communicator.from_env() as module, subprocess.Popen(decode, stdout=subprocess.PIPE) as decoder:
    frames = module.outputs["frames"]
    for index, picture in enumerate(iter(partial(decoder.stdout.read, PICTURE_BYTES), b"")):
        if not module.go_on():
            break
        stamp, checksum = time.monotonic_ns(), zlib.crc32(picture)

        began = time.monotonic_ns()
        frame = frames.loan(stamp=stamp, index=index, checksum=checksum)  # space in the ring
        frame.pixels[:] = np.frombuffer(picture, np.uint8).reshape(SHAPE)
        sequence = frame.publish()
        figures.wrote("frames", sequence, began)
    else:
        if decoder.wait() != 0:
            sys.exit("the clip was not decoded")
