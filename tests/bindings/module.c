/* A module of the tests' applications, in C: `tests/src/bin/communicator.rs` once more, with the commands `read ORDER` and `send
 * BEGIN STEP COUNT`, and with `hold` and `refusals CLASSES`, which tells the texts of what is refused. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ipc.h>

struct sample {
    int64_t stamp;
    uint64_t value;
};

static ipc_communicator *module;

/* Prints a line, with the first line of what a call has failed with behind. */
static void say_error(const char *what) {
    const char *text = ipc_last_message();
    printf("%s%.*s\n", what, (int)strcspn(text, "\n"), text);
    fflush(stdout);
}

static void say(const char *line) {
    puts(line);
    fflush(stdout);
}

static void need(bool holds, const char *what) {
    if (!holds) {
        say_error(what);
        exit(1);
    }
}

/* A sample begins with its stamp, a scan has it after 16 bytes. */
static int64_t stamp(const ipc_frame *frame) {
    int64_t stamp;
    memcpy(&stamp, (const char *)frame->data + (frame->len_bytes == sizeof(struct sample) ? 0 : 16), sizeof stamp);
    return stamp;
}

/* `arrival`, `round`, `priority:NAME`, `merged:MEMBER`. */
static ipc_status order(const char *order) {
    if (strncmp(order, "merged:", 7) == 0)
        return ipc_communicator_merged_by(module, order + 7, IPC_FOREVER);
    if (strncmp(order, "priority:", 9) == 0)
        return ipc_communicator_by_priority(module, (const char *[]){order + 9}, 1);
    return strcmp(order, "round") == 0 ? ipc_communicator_in_turn(module) : ipc_communicator_by_arrival(module);
}

static void read_all(void) {
    size_t input = 0;
    ipc_frame frame;
    for (;;) {
        switch (ipc_communicator_next(module, IPC_FOREVER, &input, &frame)) {
        case IPC_OK:
            printf("%s %" PRId64 "\n", ipc_communicator_input_name(module, input), stamp(&frame));
            fflush(stdout);
            if (frame.consumer != NULL)
                need(ipc_frame_release(&frame) == IPC_OK, "");
            break;
        case IPC_CLOSED:
            printf("%s is closed\n", ipc_communicator_input_name(module, input));
            fflush(stdout);
            break;
        case IPC_ALL_CLOSED:
            need(ipc_communicator_is_over(module), "it is over");
            say("all are closed");
            return;
        case IPC_QUIT:
            say("told to quit");
            return;
        default:
            say_error("error ");
        }
    }
}

/* Sends so many frames, every other one written in place. */
static void send_all(int64_t begin, int64_t step, int64_t count) {
    ipc_producer *producer = NULL;
    const char *output = ipc_communicator_output_name(module, 0);
    need(ipc_communicator_take_producer(module, output, NULL, IPC_ZERO_REGIONS_YES, &producer) == IPC_OK, "");
    for (int64_t number = 0; number < count && ipc_communicator_go_on(module) == IPC_OK; number++) {
        const struct sample sample = {begin + number * step, 0};
        uint64_t sequence = ipc_producer_next_sequence(producer);
        ipc_status status;
        if (number % 2 == 0) {
            status = ipc_producer_deliver(producer, &sample, sizeof sample, &sequence);
        } else {
            void *place;
            status = ipc_producer_reserve_delivery(producer, sizeof sample, &place);
            if (status == IPC_OK) {
                memcpy(place, &sample, sizeof sample);
                status = ipc_producer_publish(producer, &sequence);
            }
        }
        if (status == IPC_OK)
            printf("Sent(%" PRIu64 ")\n", sequence);
        else if (status == IPC_DROPPED)
            printf("Dropped(%" PRIu64 ")\n", sequence);
        else
            need(status == IPC_QUIT, ""), say("Unsent");
        fflush(stdout);
    }
    need(ipc_producer_close(producer) == IPC_OK, "");
    say("sent");
}

/* Reads frames that it holds while the communicator is closed. */
static void hold(void) {
    size_t input;
    ipc_frame frames[3];
    for (int i = 0; i < 3; i++)
        need(ipc_communicator_next(module, IPC_FOREVER, &input, &frames[i]) == IPC_OK, "");
    need(ipc_communicator_close(module) == IPC_OK, "");
    module = NULL;
    for (int i = 2; i >= 0; i--) {
        printf("held %" PRId64 "\n", stamp(&frames[i]));
        need(ipc_frame_release(&frames[i]) == IPC_OK, "");
        need(ipc_frame_release(&frames[i]) == IPC_MISUSE, "");
    }
    fflush(stdout);
}

static void refusals(const char *classes) {
    size_t input;
    ipc_frame frame;
    ipc_class *scan = NULL;
    ipc_producer *producer = NULL;
    need(ipc_class_from_file(classes, "Scan", &scan) == IPC_OK, "");
    need(strcmp(ipc_class_name(ipc_communicator_input_class(module, 0)), "Sample") == 0, "class");
    need(ipc_communicator_input_count(module) == 1 && ipc_communicator_output_count(module) == 1, "count");
    need(ipc_communicator_input_name(module, 1) == NULL && ipc_communicator_output_name(module, 1) == NULL, "names");
    need(ipc_communicator_input(module, "a", ipc_communicator_input_class(module, 0), &input) == IPC_OK && input == 0, "");
    need(ipc_communicator_input(module, "x", NULL, &input) == IPC_APPLICATION, "");
    say_error("");
    need(ipc_communicator_input(module, "a", scan, &input) == IPC_MISMATCH, "");
    say_error("");
    need(strstr(ipc_last_message(), "weight") != NULL, "each member that differs");
    need(ipc_communicator_take_producer(module, "a", NULL, IPC_ZERO_REGIONS_NO, &producer) == IPC_APPLICATION, "");
    say_error("");
    need(ipc_communicator_take_producer(module, "b", scan, IPC_ZERO_REGIONS_NO, &producer) == IPC_MISMATCH, "");
    say_error("");
    need(ipc_communicator_take_producer(module, "b", NULL, 7, &producer) == IPC_MISUSE, "");
    need(ipc_communicator_take_producer(module, "b", NULL, IPC_ZERO_REGIONS_NO, &producer) == IPC_OK, "");
    ipc_producer *second = NULL;
    need(ipc_communicator_take_producer(module, "b", NULL, IPC_ZERO_REGIONS_NO, &second) == IPC_MISUSE && second == NULL, "");
    need(ipc_producer_leave(producer) == IPC_OK, "");
    need(ipc_communicator_merged_by(module, "weight", IPC_FOREVER) == IPC_APPLICATION, "");
    say_error("");
    need(order("priority:x") == IPC_APPLICATION, "");
    say_error("");
    need(ipc_communicator_by_priority(module, NULL, 1) == IPC_MISUSE, "");
    need(ipc_communicator_next(module, IPC_AT_ONCE, &input, &frame) == IPC_EMPTY, "");
    say_error("");
    need(ipc_communicator_next(module, 1000000, &input, &frame) == IPC_TIMED_OUT, "");
    say_error("");
    need(ipc_communicator_next(NULL, 0, &input, &frame) == IPC_MISUSE && ipc_communicator_close(NULL) == IPC_OK, "");
    ipc_class_free(scan);
}

int main(int argc, char **argv) {
    need(argc > 1, "what to do");
    if (ipc_communicator_from_env(&module) != IPC_OK) {
        fprintf(stderr, "%s\n", ipc_last_message());
        return 1;
    }
    if (strcmp(argv[1], "read") == 0) {
        need(order(argv[2]) == IPC_OK, "");
        read_all();
    } else if (strcmp(argv[1], "send") == 0) {
        send_all(atoll(argv[2]), atoll(argv[3]), atoll(argv[4]));
    } else if (strcmp(argv[1], "hold") == 0) {
        hold();
    } else {
        refusals(argv[2]);
    }
    return ipc_communicator_close(module) == IPC_OK ? 0 : 1;
}
