"""consumer: prints the matrices of the program `producer`, and removes the ring at the end of the stream.

It may start before or after the producer, and even after the producer's end.
"""

import sys

import ipc

classes = ipc.load(sys.argv[1])
for matrix in ipc.Consumer(classes.SimpleMatrix, "matrices", "consumer", reserve=["consumer"]):
    n = matrix.n
    print(f"{n} × {n}, trace {matrix.a.reshape(n, n).trace()}")
ipc.remove("matrices")
