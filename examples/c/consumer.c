// consumer: prints the matrices of the program `producer`, and removes the ring at the end of the stream.
// It may start before or after the producer, and even after the producer's end.
//
//     ipc export ../classes/matrix.json --lang c --out .
//     cc -I. consumer.c $(pkg-config --cflags --libs ipc) -o consumer

#include <ipc.h>
#include <matrix.h>
#include <stdio.h>

static int failed(ipc_status status) {
    if (status != IPC_OK)
        fprintf(stderr, "%s\n", ipc_last_message());
    return status != IPC_OK;
}

int main(void) {
    const char *reserved[] = {"consumer"};
    const ipc_channel matrices = {.name = "matrices", .reserved = reserved, .reserved_count = 1};
    ipc_class *class = NULL;
    ipc_consumer *consumer = NULL;
    if (failed(ipc_class_from_json(SimpleMatrix_schema, SimpleMatrix_CLASS_NAME, &class)) ||
        failed(ipc_consumer_open(&matrices, class, "consumer", &consumer)))
        return 1;
    ipc_status status;
    ipc_frame frame;
    while ((status = ipc_consumer_recv(consumer, IPC_FOREVER, &frame)) == IPC_OK) {
        SimpleMatrix_view matrix;
        ipc_wire_error error;
        if (!SimpleMatrix_view_open(&matrix, frame.data, frame.len_bytes, &error))
            return fprintf(stderr, "%s\n", error.text), 1;
        int trace = 0;
        for (int i = 0; i < matrix.n; i++)
            trace += matrix.a[i * matrix.n + i];
        printf("%d × %d, trace %d\n", matrix.n, matrix.n, trace);
        if (failed(ipc_frame_release(&frame)))
            return 1;
    }
    if (status != IPC_CLOSED)
        return failed(status);
    ipc_class_free(class);
    ipc_consumer_close(consumer);
    return failed(ipc_channel_remove(&matrices));
}
