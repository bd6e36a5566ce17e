// The four modules of `tracker.json`, which one program is: `ipc run examples/c/tracker.json` starts each. The sensors end after a
// minute of their own time, and with them the application.
//
//     ipc export ../classes/motion.json --lang c --out .
//     cc -I. tracker.c $(pkg-config --cflags --libs ipc) -o tracker

#include <inttypes.h>
#include <ipc.h>
#include <motion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t SECOND = 1000000000;

static ipc_communicator *module;

static void check(ipc_status status) {
    if (status != IPC_OK) {
        fprintf(stderr, "%s\n", ipc_last_message());
        exit(1);
    }
}

static double seconds(int64_t time) {
    return (double)time / (double)SECOND;
}

static ipc_class *class_of(const char *schema, const char *name) {
    ipc_class *class = NULL;
    check(ipc_class_from_json(schema, name, &class));
    return class;
}

// A channel that the module reads, whose class is compared with the application's file.
static size_t input(const char *channel, ipc_class *class) {
    size_t index = 0;
    check(ipc_communicator_input(module, channel, class, &index));
    ipc_class_free(class);
    return index;
}

// The producer of a channel, whose class is compared as well.
static ipc_producer *output(const char *channel, ipc_class *class) {
    ipc_producer *producer = NULL;
    check(ipc_communicator_take_producer(module, channel, class, IPC_ZERO_REGIONS_NO, &producer));
    ipc_class_free(class);
    return producer;
}

// What comes next: a frame, or the end of a channel's stream, which has no data. False at the end of the main loop.
static bool next(size_t *channel, ipc_frame *frame) {
    const ipc_status status = ipc_communicator_next(module, IPC_FOREVER, channel, frame);
    if (status == IPC_CLOSED)
        frame->data = NULL;
    else if (status != IPC_QUIT && status != IPC_ALL_CLOSED)
        check(status);
    return status == IPC_OK || status == IPC_CLOSED;
}

// For a main loop that has nothing to wait for: whether it is to go on.
static bool go_on(void) {
    const ipc_status status = ipc_communicator_go_on(module);
    if (status != IPC_QUIT)
        check(status);
    return status == IPC_OK;
}

// Waits or drops, as the channel says; the frame that waits when the module is told to quit is its last.
static void deliver(ipc_producer *producer, const void *frame, size_t size) {
    const ipc_status status = ipc_producer_deliver(producer, frame, size, NULL);
    if (status != IPC_DROPPED && status != IPC_QUIT)
        check(status);
}

// A vehicle at 2 m/s: where it is, once a second.
static void satellites(void) {
    ipc_producer *fixes = output("fixes", class_of(motion_Fix_schema, motion_Fix_CLASS_NAME));
    for (int64_t stamp = 0; go_on() && stamp < 60 * SECOND; stamp += SECOND)
        deliver(fixes, &(motion_Fix){.stamp = stamp, .x = 2 * seconds(stamp)}, sizeof(motion_Fix));
    check(ipc_producer_close(fixes));
}

// Its speed, ten times a second.
static void wheels(void) {
    ipc_producer *speeds = output("speeds", class_of(motion_Speed_schema, motion_Speed_CLASS_NAME));
    for (int64_t stamp = SECOND / 20; go_on() && stamp < 60 * SECOND; stamp += SECOND / 10)
        deliver(speeds, &(motion_Speed){.stamp = stamp, .v = 2}, sizeof(motion_Speed));
    check(ipc_producer_close(speeds));
}

// Both, in the order in which they happened: positions between the fixes.
static void tracker(void) {
    const size_t fixes = input("fixes", class_of(motion_Fix_schema, motion_Fix_CLASS_NAME));
    (void)input("speeds", class_of(motion_Speed_schema, motion_Speed_CLASS_NAME));
    ipc_producer *positions = output("positions", class_of(motion_Position_schema, motion_Position_CLASS_NAME));
    check(ipc_communicator_merged_by(module, "stamp", IPC_FOREVER));
    motion_Position last = {0};
    size_t channel = 0;
    ipc_frame frame;
    while (next(&channel, &frame)) {
        if (frame.data == NULL) {
            printf("no more %s\n", ipc_communicator_input_name(module, channel));
            continue;
        }
        if (channel == fixes) {
            const motion_Fix *fix = frame.data; // read where it lies
            last.x = fix->x;
            last.stamp = fix->stamp;
        } else {
            const motion_Speed *speed = frame.data;
            last.x += speed->v * seconds(speed->stamp - last.stamp);
            last.stamp = speed->stamp;
        }
        check(ipc_frame_release(&frame));
        deliver(positions, &last, sizeof last);
    }
    check(ipc_producer_close(positions));
}

static void printer(void) {
    (void)input("positions", class_of(motion_Position_schema, motion_Position_CLASS_NAME));
    motion_Position last = {0};
    size_t channel = 0;
    ipc_frame frame;
    while (next(&channel, &frame)) {
        if (frame.data != NULL) {
            last = *(const motion_Position *)frame.data;
            check(ipc_frame_release(&frame));
        }
    }
    printf("after %" PRId64 " s at %.1f m\n", last.stamp / SECOND, last.x);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0); // lines come to the controller as they are printed
    check(ipc_communicator_from_env(&module));
    const char *name = getenv("IPC_MODULE");
    if (strcmp(name, "satellites") == 0)
        satellites();
    else if (strcmp(name, "wheels") == 0)
        wheels();
    else if (strcmp(name, "tracker") == 0)
        tracker();
    else
        printer();
    check(ipc_communicator_close(module));
}
