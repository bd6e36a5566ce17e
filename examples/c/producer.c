// producer: sends identity matrices of growing size to the program `consumer`, each written where it lies in the ring.
// Its argument is the description of SimpleMatrix, examples/classes/matrix.json.
//
//     cc producer.c $(pkg-config --cflags --libs ipc) -o producer

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

int main(int argc, char **argv) {
    const char *reserved[] = {"consumer"};
    const ipc_channel matrices = {.name = "matrices", .reserved = reserved, .reserved_count = 1};
    ipc_class *class = NULL;
    ipc_producer *producer = NULL;
    if (failed(ipc_class_from_file(argc > 1 ? argv[1] : "matrix.json", "SimpleMatrix", &class)))
        return 1;
    if (failed(ipc_producer_open(&matrices, class, IPC_MODE_CREATE, &producer)))
        return 1;
    for (int n = 1; n <= 5; n++) {
        void *frame;
        if (failed(ipc_producer_reserve(producer, sizeof(struct matrix) + sizeof(int32_t) * n * n, IPC_FOREVER, &frame)))
            return 1;
        struct matrix *matrix = frame;
        matrix->n = n;
        for (int i = 0; i < n; i++)
            matrix->a[i * n + i] = 1;
        if (failed(ipc_producer_publish(producer, NULL)))
            return 1;
    }
    ipc_class_free(class);
    return failed(ipc_producer_close(producer));
}
