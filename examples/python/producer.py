"""producer: sends identity matrices of growing size to the program `consumer`, each written where it lies in the ring."""

import sys

import numpy as np

import ipc

classes = ipc.load(sys.argv[1])
with ipc.Producer(classes.SimpleMatrix, "matrices", reserve=["consumer"]) as producer:
    for n in range(1, 6):
        with producer.loan(n=n) as matrix:
            np.fill_diagonal(matrix.a.reshape(n, n), 1)
