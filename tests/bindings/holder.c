/* A process that has shared state open, in C: `tests/src/bin/holder.rs` once more, with the commands below. It gets the
 * description of its class and the state's name as arguments. A tally is 64 words, all of which have its count. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ipc.h>

#define WORDS 64

static ipc_shared *shared;
/* The value, while it is locked. */
static uint64_t *locked;

static void answer(ipc_status status, const char *done) {
    printf("= ");
    for (const char *c = status == IPC_OK ? done : ipc_last_message(); *c != 0; c++) {
        if (*c == '\n')
            fputs(" | ", stdout);
        else
            putchar(*c);
    }
    putchar('\n');
    fflush(stdout);
}

static void fill(uint64_t *words, uint64_t count) {
    for (int i = 0; i < WORDS; i++)
        words[i] = count;
}

static uint64_t count_of(const uint64_t *words) {
    for (int i = 1; i < WORDS; i++) {
        if (words[i] != words[0]) {
            fprintf(stderr, "the value is torn\n");
            exit(1);
        }
    }
    return words[0];
}

static ipc_status lock(int64_t timeout_ns) {
    void *value = NULL;
    const ipc_status status = ipc_shared_lock(shared, timeout_ns, &value);
    if (status == IPC_OK)
        locked = value;
    return status;
}

static ipc_status add(uint64_t times) {
    ipc_status status = IPC_OK;
    for (uint64_t i = 0; i < times && status == IPC_OK; i++) {
        status = lock(IPC_FOREVER);
        if (status == IPC_OK) {
            fill(locked, count_of(locked) + 1);
            status = ipc_shared_publish(shared, NULL);
        }
    }
    return status;
}

static void seen(ipc_status status, const void *value) {
    char text[32] = "";
    if (status == IPC_OK)
        snprintf(text, sizeof text, "%" PRIu64, count_of(value));
    answer(status, text);
}

static void obey(const char *word, uint64_t number) {
    const int64_t time = (int64_t)number * 1000000;
    const void *value = NULL;
    ipc_status status;
    if (strcmp(word, "add") == 0) {
        answer(add(number), "done");
    } else if (strcmp(word, "read") == 0) {
        status = ipc_shared_read(shared, &value, NULL);
        seen(status, value);
    } else if (strcmp(word, "wait") == 0) {
        status = ipc_shared_wait_changed(shared, IPC_FOREVER, &value, NULL);
        seen(status, value);
    } else if (strcmp(word, "wait-within") == 0) {
        status = ipc_shared_wait_changed(shared, time, &value, NULL);
        seen(status, value);
    } else if (strcmp(word, "lock") == 0) {
        answer(lock(IPC_FOREVER), "done");
    } else if (strcmp(word, "try-lock") == 0) {
        answer(lock(IPC_AT_ONCE), "done");
    } else if (strcmp(word, "lock-within") == 0) {
        answer(lock(time), "done");
    } else if (strcmp(word, "set") == 0) {
        fill(locked, number);
        answer(IPC_OK, "done");
    } else if (strcmp(word, "unfinished") == 0) {
        const uint64_t *words = ipc_shared_unfinished(shared);
        char text[64] = "none";
        if (words != NULL)
            snprintf(text, sizeof text, "(%" PRIu64 ", %" PRIu64 ")", words[0], words[WORDS - 1]);
        answer(IPC_OK, text);
    } else if (strcmp(word, "publish") == 0) {
        answer(ipc_shared_publish(shared, NULL), "done");
    } else if (strcmp(word, "discard") == 0) {
        answer(ipc_shared_discard(shared), "done");
    } else {
        fprintf(stderr, "there is no command %s\n", word);
        exit(1);
    }
}

int main(int argc, char **argv) {
    uint64_t first[WORDS] = {0};
    ipc_class *class = NULL;
    if (argc < 3 || ipc_class_from_file(argv[1], "Tally", &class) != IPC_OK)
        return 1;
    const ipc_status opened = ipc_shared_create(argv[2], class, first, sizeof first, &shared);
    ipc_class_free(class);
    answer(opened, "open");
    char line[64], word[32];
    while (opened == IPC_OK && fgets(line, sizeof line, stdin) != NULL) {
        uint64_t number = 0;
        if (sscanf(line, "%31s %" SCNu64, word, &number) >= 1)
            obey(word, number);
    }
    ipc_shared_close(shared);
    ipc_shared_close(NULL);
    return 0;
}
