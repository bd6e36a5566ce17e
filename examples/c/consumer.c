// consumer: prints the matrices of the program `producer`, and removes the ring at the end of the stream.
// It may start before or after the producer, and even after the producer's end.
// Its argument is the description of SimpleMatrix, examples/classes/matrix.json.
//
//     cc consumer.c $(pkg-config --cflags --libs ipc) -o consumer

#include <ipc.h>
#include <stdio.h>

// A SimpleMatrix begins so; its elements, n * n of them, follow at the next multiple of 8.
struct matrix {
    int32_t n;
    int32_t padding;
    int32_t a[];
};

static int failed(ipc_status status) {
    if (status != IPC_OK)
        fprintf(stderr, "%s\n", ipc_last_message());
    return status != IPC_OK;
}

// Who reads a frame checks its length before it believes what stands there.
static int is_matrix(const ipc_frame *frame) {
    const struct matrix *matrix = frame->data;
    return frame->len_bytes >= sizeof *matrix && matrix->n >= 0 &&
           frame->len_bytes - sizeof *matrix == sizeof(int32_t) * (uint64_t)matrix->n * (uint64_t)matrix->n;
}

int main(int argc, char **argv) {
    const char *reserved[] = {"consumer"};
    const ipc_channel matrices = {.name = "matrices", .reserved = reserved, .reserved_count = 1};
    ipc_class *class = NULL;
    ipc_consumer *consumer = NULL;
    if (failed(ipc_class_from_file(argc > 1 ? argv[1] : "matrix.json", "SimpleMatrix", &class)))
        return 1;
    if (failed(ipc_consumer_open(&matrices, class, "consumer", &consumer)))
        return 1;
    ipc_status status;
    ipc_frame frame;
    while ((status = ipc_consumer_recv(consumer, IPC_FOREVER, &frame)) == IPC_OK) {
        if (!is_matrix(&frame))
            return fprintf(stderr, "frame %llu is no matrix\n", (unsigned long long)frame.sequence), 1;
        const struct matrix *matrix = frame.data;
        int trace = 0;
        for (int i = 0; i < matrix->n; i++)
            trace += matrix->a[i * matrix->n + i];
        printf("%d × %d, trace %d\n", matrix->n, matrix->n, trace);
        if (failed(ipc_frame_release(&frame)))
            return 1;
    }
    if (status != IPC_CLOSED)
        return failed(status);
    ipc_class_free(class);
    ipc_consumer_close(consumer);
    return failed(ipc_channel_remove(&matrices));
}
