// A process under test, in C: `tests/src/bin/peer.rs` once more, with the commands that its table names. It gets the
// description of its classes, and then a ring's settings, as arguments.

#include <ipc_inline.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parcel.h"

static const char *reserved[8];
static ipc_channel channel;
static ipc_class *parcels;
static ipc_class *ticks;
static ipc_producer *producer;
static ipc_consumer *consumer;
static ipc_observer *observer;

static const char *const kinds[] = {"done", "Full", "Empty", "TimedOut", "Closed", "Replaced",
                                    "Mismatch", "NotThere", "NotARing", "Damaged", "Frame", "TooLarge",
                                    "ProducerTaken", "SlotTaken", "NoSuchSlot", "Forked", "Channel", "Description",
                                    "Os", "Differs", "NoFreeSlot", "NothingReserved", "FrameOpen", "Misuse", "Fault"};

static void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void expect(bool holds, const char *what) {
    if (!holds)
        die(what);
}

// Answers with what became of a call.
static void answer(ipc_status status) {
    printf("= %s", kinds[status]);
    if (status != IPC_OK) {
        fputs(": ", stdout);
        for (const char *c = ipc_last_message(); *c != 0; c++) {
            if (*c == '\n')
                fputs(" | ", stdout);
            else
                putchar(*c);
        }
    }
    putchar('\n');
}

static void answer_number(ipc_status status, uint64_t number) {
    if (status == IPC_OK)
        printf("= %llu\n", (unsigned long long)number);
    else
        answer(status);
}

// Writes a parcel's bytes.
static void write_parcel(uint8_t *frame, parcel_content parcel) {
    memset(frame, 0, FIXED_BYTES);
    memcpy(frame, &parcel.stamp, 8);
    memcpy(frame + 8, &parcel.n, 4);
    memcpy(frame + 16, &parcel.seal, 8);
    memcpy(frame + FIXED_BYTES, parcel.data, parcel.n);
}

// Sends the next parcel, by value and in place in turns.
static ipc_status send_parcel(int64_t timeout_ns, uint64_t *sequence) {
    static uint8_t bytes[FIXED_BYTES + NOISE_BYTES];
    const parcel_content parcel = parcel_of(ipc_producer_next_sequence(producer), channel.capacity);
    const size_t size = FIXED_BYTES + parcel.n;
    if (parcel.stamp % 2 == 0) {
        write_parcel(bytes, parcel);
        return ipc_producer_send(producer, bytes, size, timeout_ns, sequence);
    }
    void *frame = ipc_inline_reserve(producer, size);
    if (frame == NULL) {
        const ipc_status status = ipc_producer_reserve(producer, size, timeout_ns, &frame);
        if (status != IPC_OK)
            return status;
    }
    write_parcel(frame, parcel);
    return ipc_inline_publish(producer, sequence) ? IPC_OK : ipc_producer_publish(producer, sequence);
}

static void check_parcel(const ipc_frame *frame) {
    static uint8_t bytes[FIXED_BYTES + NOISE_BYTES];
    const parcel_content parcel = parcel_of(frame->sequence, channel.capacity);
    write_parcel(bytes, parcel);
    expect(frame->len_bytes == FIXED_BYTES + parcel.n, "a frame of another length");
    expect((uintptr_t)frame->data % 16 == 0, "a frame that is not aligned");
    expect(memcmp(frame->data, bytes, frame->len_bytes) == 0, "a frame of other bytes");
}

// Receives the next frame in an event loop.
static ipc_status receive_watched(ipc_frame *frame) {
    ipc_status status;
    struct pollfd watched = {.events = POLLIN};
    expect(ipc_consumer_descriptor(consumer, &watched.fd) == IPC_OK, "a ring of its own file has doorbells");
    while ((status = ipc_consumer_recv(consumer, IPC_AT_ONCE, frame)) == IPC_EMPTY)
        expect(poll(&watched, 1, -1) == 1, "the doorbell rings");
    return status;
}

static ipc_status receive_waiting(ipc_frame *frame) { return ipc_consumer_recv(consumer, IPC_FOREVER, frame); }

// Receives up to `count` frames, or to the end of the stream; answers with the first number and the one after the last.
static void receive(uint64_t count, ipc_status (*next)(ipc_frame *)) {
    uint64_t first = 0, end = 0;
    ipc_frame frame;
    ipc_status status = IPC_OK;
    while (count-- > 0 && (status = next(&frame)) == IPC_OK) {
        check_parcel(&frame);
        if (end == 0)
            first = end = frame.sequence;
        expect(frame.sequence == end, "a gap");
        end++;
        expect(ipc_frame_release(&frame) == IPC_OK, "a frame that is held can be released");
    }
    const char *closed = status == IPC_CLOSED ? "closed " : "";
    if (status != IPC_OK && status != IPC_CLOSED)
        answer(status);
    else if (end == 0)
        printf("= %snothing\n", closed);
    else
        printf("= %s%llu..%llu\n", closed, (unsigned long long)first, (unsigned long long)end);
}

// The same in batches.
static void receive_batches(size_t room) {
    uint64_t first = 0, end = 0;
    ipc_frame frames[64];
    size_t count;
    ipc_status status;
    expect(room <= sizeof frames / sizeof *frames, "there is room for so many");
    while ((status = ipc_consumer_recv_batch(consumer, IPC_FOREVER, frames, room, &count)) == IPC_OK) {
        expect(count > 0 && count <= room, "at least one frame, and no more than there is room for");
        for (size_t i = 0; i < count; i++) {
            check_parcel(&frames[i]);
            if (end == 0)
                first = end = frames[i].sequence;
            expect(frames[i].sequence == end, "a gap");
            end++;
        }
        expect(count == 1 || ipc_frame_release(&frames[1]) == IPC_MISUSE, "the first releases them");
        expect(ipc_frame_release(&frames[0]) == IPC_OK, "a batch that is held can be released");
    }
    if (status == IPC_CLOSED)
        printf("= closed %llu..%llu\n", (unsigned long long)first, (unsigned long long)end);
    else
        answer(status);
}

// Sends up to that number, in batches of that size.
static void send_batches(uint64_t end, uint64_t size) {
    ipc_status status = IPC_OK;
    while (status == IPC_OK && ipc_producer_next_sequence(producer) < end) {
        ipc_producer_begin_batch(producer);
        for (uint64_t left = size; status == IPC_OK && left > 0 && ipc_producer_next_sequence(producer) < end; left--)
            status = send_parcel(IPC_FOREVER, NULL);
        ipc_producer_end_batch(producer);
    }
    answer_number(status, ipc_producer_next_sequence(producer));
}

// Every call that is wrong gives a status and a text, and harms nothing.
static void misuse(void) {
    ipc_frame frame = {0}, first, second, copy;
    ipc_producer *no_producer = NULL;
    ipc_channel wrong = channel;
    wrong.wait = 7;
    void *data;
    expect(ipc_producer_open(NULL, parcels, IPC_MODE_CREATE, &no_producer) == IPC_MISUSE, "a null channel");
    expect(ipc_producer_open(&channel, NULL, IPC_MODE_CREATE, &no_producer) == IPC_MISUSE, "a null class");
    expect(ipc_producer_open(&channel, parcels, 9, &no_producer) == IPC_MISUSE, "a mode that there is not");
    expect(ipc_producer_open(&channel, parcels, IPC_MODE_CREATE, NULL) == IPC_MISUSE, "a null place");
    expect(ipc_producer_open(&wrong, parcels, IPC_MODE_CREATE, &no_producer) == IPC_MISUSE, "a wait that there is not");
    wrong = (ipc_channel){.name = "\xff"};
    expect(ipc_channel_remove(&wrong) == IPC_MISUSE, "a name that is no UTF-8");
    expect(no_producer == NULL, "nothing was opened");
    expect(ipc_class_from_json("[]", "Parcel", &(ipc_class *){NULL}) == IPC_BAD_DESCRIPTION, "no such class");
    expect(ipc_producer_reserve(NULL, 32, 0, &data) == IPC_MISUSE, "a null producer");
    expect(ipc_producer_reserve(producer, 32, 0, NULL) == IPC_MISUSE, "a null place");
    expect(ipc_producer_publish(producer, NULL) == IPC_NOTHING_RESERVED, "nothing is reserved");
    expect(ipc_producer_reserve(producer, 23, 0, &data) == IPC_BAD_FRAME, "shorter than any parcel");
    expect(ipc_producer_send(producer, NULL, 24, 0, NULL) == IPC_MISUSE, "null bytes");
    expect(ipc_producer_send(producer, kinds, SIZE_MAX, 0, NULL) == IPC_BAD_FRAME, "more than any frame has");
    expect(ipc_producer_reserve(producer, channel.capacity, 0, &data) == IPC_TOO_LARGE, "more than the ring has");
    expect(ipc_producer_reserve(producer, FIXED_BYTES, 0, &data) == IPC_OK, "there is space");
    expect(ipc_producer_reserve(producer, FIXED_BYTES, 0, &data) == IPC_FRAME_OPEN, "another is reserved");
    expect(strstr(ipc_last_message(), "publish it or give it up before the next one") != NULL, "what to do");
    expect(ipc_producer_send(producer, kinds, FIXED_BYTES, 0, NULL) == IPC_FRAME_OPEN, "a frame is reserved");
    expect(ipc_inline_reserve(producer, FIXED_BYTES) == NULL, "as without a call");
    expect(ipc_producer_abandon(producer) == IPC_OK, "it can be given up");
    expect(ipc_producer_publish(producer, NULL) == IPC_NOTHING_RESERVED, "it was given up");
    for (int i = 0; i < 2; i++)
        expect(send_parcel(0, NULL) == IPC_OK, "there is space");
    expect(ipc_consumer_recv(NULL, 0, &frame) == IPC_MISUSE, "a null consumer");
    expect(ipc_consumer_recv(consumer, 0, NULL) == IPC_MISUSE, "a null place");
    expect(ipc_consumer_recv_batch(consumer, 0, &frame, 0, &(size_t){0}) == IPC_MISUSE, "a batch without room");
    expect(ipc_consumer_recv_batch(consumer, 0, &frame, 1, NULL) == IPC_MISUSE, "a null place");
    expect(ipc_frame_release(NULL) == IPC_MISUSE, "a null frame");
    expect(ipc_frame_release(&frame) == IPC_MISUSE, "a frame that nobody gave");
    expect(ipc_consumer_recv(consumer, 0, &first) == IPC_OK, "it was sent");
    copy = first;
    expect(ipc_consumer_recv(consumer, 0, &second) == IPC_OK, "it was sent");
    expect(ipc_frame_release(&first) == IPC_OK, "it is held");
    expect(ipc_frame_release(&first) == IPC_MISUSE, "it was released");
    expect(ipc_frame_release(&copy) == IPC_MISUSE, "it was released, also of its copy");
    check_parcel(&second);
    expect(strstr(ipc_last_message(), "not held") != NULL, "a text");
    // A frame keeps its consumer.
    expect(ipc_consumer_close(consumer) == IPC_OK, "it can be closed");
    check_parcel(&second);
    expect(ipc_frame_release(&second) == IPC_OK, "it is held");
    consumer = NULL;
    expect(ipc_producer_close(NULL) == IPC_OK && ipc_consumer_close(NULL) == IPC_OK, "null can be closed");
    expect(ipc_abi_version() == IPC_ABI_VERSION, "the version of the header");
    answer(IPC_OK);
}

static void drop(void) {
    ipc_producer_close(producer);
    ipc_consumer_close(consumer);
    ipc_observer_close(observer);
    producer = NULL, consumer = NULL, observer = NULL;
}

static void obey(char *line) {
    static const char *const states[] = {"NeverOpened", "Open", "Closed", "Gone", "Replaced"};
    const char *word = strtok(line, " ");
    const char *argument = strtok(NULL, " ");
    const char *second = strtok(NULL, " ");
    const uint64_t number = argument != NULL ? strtoull(argument, NULL, 10) : 0;
    uint64_t sequence = 0;
    ipc_frame frame;
    ipc_status status = IPC_OK;
    if (strcmp(word, "create") == 0) {
        answer(ipc_channel_create(&channel, parcels));
    } else if (strcmp(word, "produce") == 0) {
        answer(ipc_producer_open(&channel, parcels, IPC_MODE_CREATE, &producer));
    } else if (strcmp(word, "continue") == 0) {
        answer(ipc_producer_open(&channel, parcels, IPC_MODE_WRITE, &producer));
    } else if (strcmp(word, "produce-ticks") == 0) {
        answer(ipc_producer_open(&channel, ticks, IPC_MODE_CREATE, &producer));
    } else if (strcmp(word, "consume") == 0 || strcmp(word, "join") == 0) {
        answer(ipc_consumer_open(&channel, parcels, argument, &consumer));
    } else if (strcmp(word, "observe") == 0) {
        answer(ipc_observer_open(&channel, parcels, &observer));
    } else if (strcmp(word, "send-to") == 0) {
        while (status == IPC_OK && ipc_producer_next_sequence(producer) < number)
            status = send_parcel(IPC_FOREVER, NULL);
        answer_number(status, ipc_producer_next_sequence(producer));
    } else if (strcmp(word, "batches-to") == 0) {
        send_batches(number, strtoull(second, NULL, 10));
    } else if (strcmp(word, "drain-batches") == 0) {
        receive_batches(number);
    } else if (strcmp(word, "try-send") == 0) {
        status = send_parcel(IPC_AT_ONCE, &sequence);
        answer_number(status, sequence);
    } else if (strcmp(word, "send-within-ms") == 0) {
        status = send_parcel((int64_t)number * 1000000, &sequence);
        answer_number(status, sequence);
    } else if (strcmp(word, "recv") == 0) {
        receive(number, receive_waiting);
    } else if (strcmp(word, "drain") == 0) {
        receive(UINT64_MAX, receive_waiting);
    } else if (strcmp(word, "drain-watching") == 0) {
        receive(UINT64_MAX, receive_watched);
    } else if (strcmp(word, "try-recv") == 0 || strcmp(word, "recv-within-ms") == 0) {
        status = ipc_consumer_recv(consumer, (int64_t)number * 1000000, &frame);
        if (status == IPC_OK) {
            check_parcel(&frame);
            sequence = frame.sequence;
            status = ipc_frame_release(&frame);
        }
        answer_number(status, sequence);
    } else if (strcmp(word, "look") == 0) {
        status = ipc_observer_recv(observer, IPC_AT_ONCE, &frame);
        if (status == IPC_OK)
            check_parcel(&frame);
        answer_number(status, status == IPC_OK ? frame.sequence : 0);
    } else if (strcmp(word, "skip") == 0) {
        status = ipc_consumer_skip_to_latest(consumer, &sequence);
        answer_number(status, sequence);
    } else if (strcmp(word, "state") == 0) {
        ipc_producer_state state = IPC_PRODUCER_NEVER_OPENED;
        status = ipc_consumer_producer_state(consumer, &state);
        if (status == IPC_OK)
            printf("= %s\n", states[state]);
        else
            answer(status);
    } else if (strcmp(word, "close") == 0) {
        status = ipc_producer_close(producer);
        producer = NULL;
        answer(status);
    } else if (strcmp(word, "misuse") == 0) {
        misuse();
    } else if (strcmp(word, "drop") == 0) {
        drop();
        answer(IPC_OK);
    } else {
        die("there is no such command");
    }
}

int main(int argc, char **argv) {
    expect(argc == 8, "a test starts this program with a description and a ring's settings");
    int count = 0;
    for (char *name = strtok(argv[4], ","); name != NULL; name = strtok(NULL, ","))
        reserved[count++] = name;
    channel.name = argv[2];
    channel.capacity = strtoull(argv[3], NULL, 10);
    channel.reserved = reserved;
    channel.reserved_count = (size_t)count;
    channel.dynamic_slots = atoi(argv[5]) == 0 ? IPC_NO_DYNAMIC_SLOTS : atoi(argv[5]);
    channel.wait = strcmp(argv[6], "Spin") == 0    ? IPC_WAIT_SPIN
                   : strcmp(argv[6], "Sleep") == 0 ? IPC_WAIT_SLEEP
                                                   : IPC_WAIT_SPIN_THEN_SLEEP;
    channel.fence = strcmp(argv[7], "Symmetric") == 0 ? IPC_FENCE_SYMMETRIC : IPC_FENCE_ASYMMETRIC;
    channel.zero_regions = IPC_ZERO_REGIONS_NO;
    channel.wait_for_ring_ns = 30000000000;
    expect(ipc_class_from_file(argv[1], "Parcel", &parcels) == IPC_OK, "the description of a parcel");
    expect(ipc_class_from_file(argv[1], "Tick", &ticks) == IPC_OK, "the description of a tick");
    static char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        obey(line);
        fflush(stdout);
    }
    drop();
    ipc_class_free(parcels);
    ipc_class_free(ticks);
    return 0;
}
