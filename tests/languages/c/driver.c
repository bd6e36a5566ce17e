// Rewrites frames: see ../mod.rs. What follows are the classes, and their table.

// A new value if there is no frame. Gives the bytes of the result, in memory of its own.
typedef bool Rewrite(const uint8_t *frame, size_t size, uint8_t **result, uint32_t *result_size, ipc_wire_memory *memory, ipc_wire_error *error);

typedef struct Class {
    const char *name;
    Rewrite *rewrite;
} Class;

#define REWRITE(C, INIT)                                                                                                                                           \
    static bool rewrite_##C(const uint8_t *frame, size_t size, uint8_t **result, uint32_t *result_size, ipc_wire_memory *memory, ipc_wire_error *error) {          \
        C value;                                                                                                                                                   \
        if (!(frame == NULL ? INIT : C##_deserialize(&value, frame, size, memory, error)) || !C##_frame_size(&value, result_size, error)) {                        \
            return false;                                                                                                                                          \
        }                                                                                                                                                          \
        *result = malloc(*result_size);                                                                                                                            \
        memset(*result, 0xaa, *result_size);                                                                                                                       \
        return C##_serialize(&value, *result, *result_size, error);                                                                                                \
    }
#define VARIABLE(C) REWRITE(C, C##_init(&value, memory, error))
#define FIXED(C) REWRITE(C, (C##_init(&value), true))

static size_t from_hex(const char *hex, uint8_t *bytes) {
    size_t size = 0;
    for (; hex[0] != '-' && hex[2 * size] != '\0'; ++size) {
        const char digits[3] = {hex[2 * size], hex[2 * size + 1], '\0'};
        bytes[size] = (uint8_t)strtol(digits, NULL, 16);
    }
    return size;
}

static int answer_all(const Class *classes, size_t count) {
    static char line[1 << 20];
    static uint64_t room[1 << 17];
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *name = strtok(line, " \n");
        const char *hex = strtok(NULL, " \n");
        ipc_wire_error error;
        ipc_wire_memory memory = {room, sizeof room, 0};
        // Exactly as long as the frame, so that no byte behind it is read unnoticed.
        uint8_t *frame = strcmp(hex, "new") == 0 ? NULL : malloc(strlen(hex) / 2 + 1);
        const size_t size = frame == NULL ? 0 : from_hex(hex, frame);
        uint8_t *exact = frame == NULL ? NULL : malloc(size == 0 ? 1 : size);
        if (frame != NULL) {
            memcpy(exact, frame, size);
        }
        uint8_t *result = NULL;
        uint32_t result_size = 0;
        size_t index = 0;
        while (index + 1 < count && strcmp(classes[index].name, name) != 0) {
            ++index;
        }
        if (classes[index].rewrite(exact, size, &result, &result_size, &memory, &error)) {
            printf("= %s", result_size == 0 ? "-" : "");
            for (uint32_t i = 0; i < result_size; ++i) {
                printf("%02x", result[i]);
            }
            printf("\n");
        } else {
            printf("! %s\n", error.text);
        }
        free(result);
        free(exact);
        free(frame);
    }
    return 0;
}

