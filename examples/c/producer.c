// producer: sends identity matrices of growing size to the program `consumer`, each written where it lies in the ring.
//
//     ipc export ../classes/matrix.json --lang c --out .
//     cc -I. producer.c $(pkg-config --cflags --libs ipc) -o producer

#include <ipc.h>
#include <matrix.h>
#include <stdio.h>

static int failed(ipc_status status) {
    if (status != IPC_OK)
        fprintf(stderr, "%s\n", ipc_last_message());
    return status != IPC_OK;
}

// Lays the matrix out in the frame, and writes its elements there.
static bool write_identity(int n, void *frame, size_t size, ipc_wire_error *error) {
    SimpleMatrix_writer matrix;
    if (!SimpleMatrix_writer_open(&matrix, frame, size, &(SimpleMatrix){.n = n}, IPC_WIRE_ZERO, error))
        return false;
    for (int i = 0; i < n; i++)
        matrix.a[i * n + i] = 1;
    return SimpleMatrix_writer_finish(&matrix, error);
}

int main(void) {
    const char *reserved[] = {"consumer"};
    const ipc_channel matrices = {
        .name = "matrices", .reserved = reserved, .reserved_count = 1, .zero_regions = IPC_ZERO_REGIONS_NO};
    ipc_class *class = NULL;
    ipc_producer *producer = NULL;
    if (failed(ipc_class_from_json(SimpleMatrix_schema, SimpleMatrix_CLASS_NAME, &class)) ||
        failed(ipc_producer_open(&matrices, class, IPC_MODE_CREATE, &producer)))
        return 1;
    for (int n = 1; n <= 5; n++) {
        ipc_wire_error error;
        uint32_t size;
        void *frame;
        if (!SimpleMatrix_frame_size(&(SimpleMatrix){.n = n}, &size, &error))
            return fprintf(stderr, "%s\n", error.text), 1;
        if (failed(ipc_producer_reserve(producer, size, IPC_FOREVER, &frame)))
            return 1;
        if (!write_identity(n, frame, size, &error))
            return fprintf(stderr, "%s\n", error.text), 1;
        if (failed(ipc_producer_publish(producer, NULL)))
            return 1;
    }
    ipc_class_free(class);
    return failed(ipc_producer_close(producer));
}
