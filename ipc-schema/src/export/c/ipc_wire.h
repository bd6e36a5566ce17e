// What exported C classes stand on: errors, checked sizes, and the walks over a frame's bytes.
//
// Written by `ipc export --lang c`; the same for every schema. C11, no dependencies, no allocation: whatever does not fit a
// struct stands in memory that the caller gives.

#ifndef IPC_WIRE_H
#define IPC_WIRE_H

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");
static_assert(_Alignof(uint64_t) == 8 && _Alignof(double) == 8, "frames align 64-bit scalars to 8");
static_assert(sizeof(float) == 4 && sizeof(double) == 8 && sizeof(char) == 1, "frames have IEEE 754 floats");

#define IPC_WIRE_FRAME_LIMIT (UINT64_C(1) << 32)
#define IPC_WIRE_NO_MAX UINT64_MAX
#define IPC_WIRE_END_BYTES 4
#define IPC_WIRE_TOO_LONG "a frame is shorter than 4 GiB, and this one is not"

/// Bytes that are no frame of a class, or a value that its class refuses.
typedef struct ipc_wire_error {
    /// Class, member and problem.
    char text[1024];
    /// Where it is: `points[3].x`; empty for the frame as a whole.
    char path[256];
    char problem[512];
} ipc_wire_error;

/// Text, UTF-8, without a terminator.
typedef struct ipc_wire_text {
    const char *data;
    size_t size;
} ipc_wire_text;

/// Bytes that are read.
typedef struct ipc_wire_blob {
    const uint8_t *data;
    size_t size;
} ipc_wire_blob;

/// Text that is written in place.
typedef struct ipc_wire_text_place {
    char *data;
    size_t size;
} ipc_wire_text_place;

/// Bytes that are written in place.
typedef struct ipc_wire_blob_place {
    uint8_t *data;
    size_t size;
} ipc_wire_blob_place;

/// Memory for the arrays of a value: `data` starts at a multiple of 8, `used` grows.
typedef struct ipc_wire_memory {
    void *data;
    size_t size;
    size_t used;
} ipc_wire_memory;

/// Whether regions that a value gives no content for are zeroed.
typedef enum ipc_wire_zero {
    IPC_WIRE_ZERO,
    /// They hold whatever was there: the caller writes them all.
    IPC_WIRE_LEAVE,
} ipc_wire_zero;

// What follows is for exported classes; it may change in any release.

/// Which member of which class a check is about, or which element of it.
typedef struct ipc_wire_site {
    const char *class_name;
    const char *member;
    int64_t element;
} ipc_wire_site;

static inline ipc_wire_site ipc_wire_at(ipc_wire_site site, size_t index) {
    site.element = (int64_t)index;
    return site;
}

static inline void ipc_wire_place(char *place, size_t size, ipc_wire_site site) {
    if (site.element < 0) {
        snprintf(place, size, "%s", site.member);
    } else {
        snprintf(place, size, "%s[%" PRId64 "]", site.member, site.element);
    }
}

static inline void ipc_wire_compose(ipc_wire_error *error, const char *class_name) {
    const char *before = error->path[0] == '\0' ? "" : ", member ";
    snprintf(error->text, sizeof error->text, "class %s%s%s: %s", class_name, before, error->path, error->problem);
}

/// Always false, so that a check can return it.
__attribute__((format(printf, 3, 4))) static inline bool ipc_wire_fail(ipc_wire_error *error, ipc_wire_site site, const char *problem, ...) {
    va_list arguments;
    va_start(arguments, problem);
    vsnprintf(error->problem, sizeof error->problem, problem, arguments);
    va_end(arguments);
    ipc_wire_place(error->path, sizeof error->path, site);
    ipc_wire_compose(error, site.class_name);
    return false;
}

/// What is wrong inside of a member is wrong in its class.
static inline bool ipc_wire_inside(bool ok, ipc_wire_error *error, ipc_wire_site site) {
    if (!ok) {
        char inner[sizeof error->path];
        memcpy(inner, error->path, sizeof inner);
        ipc_wire_place(error->path, sizeof error->path, site);
        const size_t len = strlen(error->path);
        snprintf(error->path + len, sizeof error->path - len, "%s%s", inner[0] == '\0' ? "" : ".", inner);
        ipc_wire_compose(error, site.class_name);
    }
    return ok;
}

/// A float in decimal, without an exponent, and with no more digits than tell it from its neighbours.
static inline void ipc_wire_float_text(char *text, size_t size, double value) {
    char shortest[32];
    if (value != value) {
        snprintf(text, size, "NaN");
        return;
    }
    if (value - value != 0) {
        snprintf(text, size, value < 0 ? "-inf" : "inf");
        return;
    }
    for (int precision = 0; precision <= 16; ++precision) {
        snprintf(shortest, sizeof shortest, "%.*e", precision, value);
        if (strtod(shortest, NULL) == value) {
            break;
        }
    }
    // Digits without the point, which a locale may write as it likes.
    char digits[20];
    int count = 0;
    for (const char *at = shortest; *at != 'e'; ++at) {
        if (*at >= '0' && *at <= '9') {
            digits[count++] = *at;
        }
    }
    const int exponent = atoi(strchr(shortest, 'e') + 1);
    size_t len = 0;
    const char *sign = shortest[0] == '-' ? "-" : "";
    if (exponent < 0) {
        len += (size_t)snprintf(text, size, "%s0.", sign);
        for (int i = -1; i > exponent && len + 1 < size; --i) {
            text[len++] = '0';
        }
    } else {
        len += (size_t)snprintf(text, size, "%s", sign);
    }
    for (int i = 0; (i < count || i <= exponent) && len + 2 < size; ++i) {
        if (exponent >= 0 && i == exponent + 1) {
            text[len++] = '.';
        }
        text[len++] = i < count ? digits[i] : '0';
    }
    text[len] = '\0';
}

/// `range` is ` from 0 up to 7`.
static inline bool ipc_wire_out_of_range_u(ipc_wire_error *error, ipc_wire_site site, const char *range, uint64_t found) {
    return ipc_wire_fail(error, site, "expected a value%s, found %" PRIu64, range, found);
}

static inline bool ipc_wire_out_of_range_i(ipc_wire_error *error, ipc_wire_site site, const char *range, int64_t found) {
    return ipc_wire_fail(error, site, "expected a value%s, found %" PRId64, range, found);
}

static inline bool ipc_wire_out_of_range_f(ipc_wire_error *error, ipc_wire_site site, const char *range, double found) {
    char text[360];
    ipc_wire_float_text(text, sizeof text, found);
    return ipc_wire_fail(error, site, "expected a value%s, found %s", range, text);
}

static inline bool ipc_wire_check_len(uint64_t len_bytes, uint64_t max_bytes, ipc_wire_site site, ipc_wire_error *error) {
    if (len_bytes > max_bytes) {
        return ipc_wire_fail(error, site, "expected at most %" PRIu64 " bytes (its max), found %" PRIu64, max_bytes, len_bytes);
    }
    return true;
}

/// The next multiple of `align` at or after `at`.
static inline uint64_t ipc_wire_align_up(uint64_t at, uint64_t align) {
    return (at > UINT64_MAX - (align - 1) ? UINT64_MAX : at + (align - 1)) / align * align;
}

static inline uint64_t ipc_wire_align8(uint64_t at) {
    return ipc_wire_align_up(at, 8);
}

// Sizes: unsigned 64-bit arithmetic, checked at every step. The first error stays.

typedef struct ipc_wire_size {
    bool failed;
    char why[128];
} ipc_wire_size;

__attribute__((format(printf, 2, 3))) static inline uint64_t ipc_wire_no_size(ipc_wire_size *size, const char *why, ...) {
    if (!size->failed) {
        va_list arguments;
        va_start(arguments, why);
        vsnprintf(size->why, sizeof size->why, why, arguments);
        va_end(arguments);
        size->failed = true;
    }
    return 0;
}

static inline uint64_t ipc_wire_overflow(ipc_wire_size *size, uint64_t left, char symbol, uint64_t right) {
    const char *why = "a size expression: %" PRIu64 " %c %" PRIu64 " overflows 64 bits";
    if (!size->failed) {
        snprintf(size->why, sizeof size->why, why, left, symbol, right);
        size->failed = true;
    }
    return 0;
}

static inline uint64_t ipc_wire_negative(ipc_wire_size *size, int64_t value) {
    return ipc_wire_no_size(size, "a size expression: %" PRId64 " is negative, and sizes are unsigned", value);
}

/// A member as an operand: of any integer type, so it is not compared with what is below its least value.
#define ipc_wire_operand(size, value) ((value) == 0 || (value) >= 1 ? (uint64_t)(value) : ipc_wire_negative(size, (int64_t)(value)))

static inline uint64_t ipc_wire_add(ipc_wire_size *size, uint64_t left, uint64_t right) {
    return left > UINT64_MAX - right ? ipc_wire_overflow(size, left, '+', right) : left + right;
}

static inline uint64_t ipc_wire_subtract(ipc_wire_size *size, uint64_t left, uint64_t right) {
    if (left < right) {
        return ipc_wire_no_size(size, "a size expression: %" PRIu64 " - %" PRIu64 " is below zero, and sizes are unsigned", left, right);
    }
    return left - right;
}

static inline uint64_t ipc_wire_multiply(ipc_wire_size *size, uint64_t left, uint64_t right) {
    return right != 0 && left > UINT64_MAX / right ? ipc_wire_overflow(size, left, '*', right) : left * right;
}

static inline uint64_t ipc_wire_divide(ipc_wire_size *size, uint64_t left, uint64_t right) {
    return right == 0 ? ipc_wire_no_size(size, "a size expression: %" PRIu64 " is divided by zero", left) : left / right;
}

static inline uint64_t ipc_wire_remainder(ipc_wire_size *size, uint64_t left, uint64_t right) {
    return right == 0 ? ipc_wire_no_size(size, "a size expression: %" PRIu64 " is divided by zero", left) : left % right;
}

static inline uint64_t ipc_wire_minimum(ipc_wire_size *size, uint64_t left, uint64_t right) {
    (void)size;
    return left < right ? left : right;
}

static inline uint64_t ipc_wire_maximum(ipc_wire_size *size, uint64_t left, uint64_t right) {
    (void)size;
    return left > right ? left : right;
}

/// The next factor of an array's dimensions, from left to right: an overflow before a zero is an error too.
static inline uint64_t ipc_wire_factor(ipc_wire_size *size, uint64_t count, uint64_t dim) {
    return dim != 0 && count > UINT64_MAX / dim ? ipc_wire_no_size(size, "the number of elements overflows 64 bits") : count * dim;
}

// Values in a frame. What decides where something is, is read once: another process may change it.

static inline void ipc_wire_once(void *value, const void *place, size_t size) {
    const volatile uint8_t *from = (const volatile uint8_t *)place;
    for (size_t i = 0; i < size; ++i) {
        ((uint8_t *)value)[i] = from[i];
    }
}

static inline uint32_t ipc_wire_once_u32(const uint32_t *place) {
    return *(const volatile uint32_t *)place;
}

static inline bool ipc_wire_is_present(const uint8_t *presence, size_t byte, uint8_t mask) {
    return (presence[byte] & mask) != 0;
}

static inline void ipc_wire_set_present(uint8_t *presence, size_t byte, uint8_t mask, bool present) {
    presence[byte] = (uint8_t)(present ? presence[byte] | mask : presence[byte] & ~mask);
}

/// Bools to 0 or 1.
static inline void ipc_wire_tidy_bools(uint8_t *bools, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        bools[i] = bools[i] != 0;
    }
}

/// Where the first byte stands that is no UTF-8; `size` if all is.
static inline size_t ipc_wire_valid_utf8(const uint8_t *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        const uint8_t lead = text[at];
        if (lead < 0x80) {
            ++at;
            continue;
        }
        // How many bytes follow, and what the first of them may be: no form that is too long, no half of a surrogate pair,
        // nothing above U+10FFFF.
        size_t more = 0;
        uint8_t least = 0x80;
        uint8_t greatest = 0xbf;
        if (lead >= 0xc2 && lead <= 0xdf) {
            more = 1;
        } else if (lead >= 0xe0 && lead <= 0xef) {
            more = 2;
            least = lead == 0xe0 ? 0xa0 : least;
            greatest = lead == 0xed ? 0x9f : greatest;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            more = 3;
            least = lead == 0xf0 ? 0x90 : least;
            greatest = lead == 0xf4 ? 0x8f : greatest;
        }
        if (more == 0 || size - at <= more || text[at + 1] < least || text[at + 1] > greatest) {
            return at;
        }
        for (size_t i = 2; i <= more; ++i) {
            if ((text[at + i] & 0xc0) != 0x80) {
                return at;
            }
        }
        at += more + 1;
    }
    return size;
}

static inline bool ipc_wire_check_utf8(const void *text, size_t size, ipc_wire_site site, ipc_wire_error *error) {
    const size_t valid = ipc_wire_valid_utf8((const uint8_t *)text, size);
    if (valid != size) {
        return ipc_wire_fail(error, site, "expected UTF-8, found an invalid sequence at byte %zu", valid);
    }
    return true;
}

/// `count` elements from the caller's memory.
static inline bool ipc_wire_allocate(void **data, ipc_wire_memory *memory, size_t count, size_t size, ipc_wire_site site, ipc_wire_error *error) {
    const size_t room = memory == NULL ? 0 : memory->size - memory->used;
    if (count > room / size) {
        return ipc_wire_fail(error, site, "expected memory for %zu elements of %zu bytes, found %zu bytes", count, size, room);
    }
    *data = count == 0 ? NULL : (uint8_t *)memory->data + memory->used;
    if (count > 0) {
        memory->used += (size_t)ipc_wire_minimum(NULL, ipc_wire_align8(count * size), room);
    }
    return true;
}

/// An array of variable elements: a table of ends, then the bodies.
typedef struct ipc_wire_list {
    uint8_t *region;
    uint64_t size;
    size_t count;
    uint64_t align;
    uint64_t max_bytes;
    ipc_wire_site site;
} ipc_wire_list;

static inline uint64_t ipc_wire_list_first(const ipc_wire_list *list) {
    return list->count >= IPC_WIRE_FRAME_LIMIT / IPC_WIRE_END_BYTES ? IPC_WIRE_FRAME_LIMIT : ipc_wire_align8(IPC_WIRE_END_BYTES * list->count);
}

static inline uint64_t ipc_wire_list_end(const ipc_wire_list *list, size_t index) {
    return ipc_wire_once_u32((const uint32_t *)(const void *)list->region + index);
}

static inline bool ipc_wire_past_end(ipc_wire_error *error, ipc_wire_site site, uint64_t end, uint64_t available) {
    return ipc_wire_fail(error, site, "a region ends at byte %" PRIu64 " of only %" PRIu64 " bytes", end, available);
}

static inline bool ipc_wire_list_check_end(const ipc_wire_list *list, size_t index, uint64_t start, uint64_t end, ipc_wire_error *error) {
    const uint64_t first = ipc_wire_list_first(list);
    if (end < start) {
        return ipc_wire_fail(error, list->site, "end %zu of an array of variable elements is %" PRIu64 ", before its start %" PRIu64, index, end, start);
    }
    if (first + end >= IPC_WIRE_FRAME_LIMIT) {
        return ipc_wire_fail(error, list->site, IPC_WIRE_TOO_LONG);
    }
    return first + end <= list->size || ipc_wire_past_end(error, list->site, first + end, list->size);
}

/// Checks the whole table.
static inline bool ipc_wire_list_check(const ipc_wire_list *list, ipc_wire_error *error) {
    const uint64_t first = ipc_wire_list_first(list);
    if (list->count == 0) {
        return list->size == 0 || ipc_wire_fail(error, list->site, "an array without elements has a region of %" PRIu64 " bytes", list->size);
    }
    if (first >= IPC_WIRE_FRAME_LIMIT) {
        return ipc_wire_fail(error, list->site, IPC_WIRE_TOO_LONG);
    }
    if (first > list->size) {
        return ipc_wire_past_end(error, list->site, first, list->size);
    }
    uint64_t end = 0;
    for (size_t index = 0; index < list->count; ++index) {
        const uint64_t start = ipc_wire_align_up(end, list->align);
        end = ipc_wire_list_end(list, index);
        if (!ipc_wire_list_check_end(list, index, start, end, error)) {
            return false;
        }
    }
    if (first + end != list->size) {
        return ipc_wire_fail(error, list->site, "the last region ends at byte %" PRIu64 ", but there are %" PRIu64 " bytes", first + end, list->size);
    }
    return true;
}

/// The bytes of an element, checked by itself: another process may have changed the table.
static inline bool ipc_wire_list_at(const ipc_wire_list *list, size_t index, ipc_wire_blob_place *body, ipc_wire_error *error) {
    const uint64_t first = ipc_wire_list_first(list);
    if (index >= list->count) {
        return ipc_wire_fail(error, list->site, "expected an index below %zu, found %zu", list->count, index);
    }
    if (first > list->size) {
        return ipc_wire_past_end(error, list->site, first, list->size);
    }
    const uint64_t start = index == 0 ? 0 : ipc_wire_align_up(ipc_wire_list_end(list, index - 1), list->align);
    const uint64_t end = ipc_wire_list_end(list, index);
    if (!ipc_wire_list_check_end(list, index, start, end, error)) {
        return false;
    }
    body->data = list->region + first + start;
    body->size = (size_t)(end - start);
    return ipc_wire_check_len(body->size, list->max_bytes, ipc_wire_at(list->site, index), error);
}

/// Lays a frame out: to learn its size (`frame` is null), or to write it.
typedef struct ipc_wire_builder {
    uint8_t *frame;
    uint64_t room;
    uint64_t position;
    ipc_wire_zero zero;
    ipc_wire_error *error;
} ipc_wire_builder;

static inline bool ipc_wire_advance(ipc_wire_builder *builder, uint64_t len_bytes, ipc_wire_site site, bool zero) {
    const uint64_t start = builder->position;
    const uint64_t end = len_bytes > UINT64_MAX - start ? UINT64_MAX : start + len_bytes;
    if (end >= IPC_WIRE_FRAME_LIMIT) {
        return ipc_wire_fail(builder->error, site, IPC_WIRE_TOO_LONG);
    }
    if (end > builder->room) {
        return ipc_wire_fail(builder->error, site, "expected at least %" PRIu64 " bytes of room, found %" PRIu64, end, builder->room);
    }
    if (zero && builder->frame != NULL) {
        memset(builder->frame + start, 0, (size_t)len_bytes);
    }
    builder->position = end;
    return true;
}

/// Zeros up to the next multiple of 8.
static inline bool ipc_wire_pad(ipc_wire_builder *builder, ipc_wire_site site) {
    return ipc_wire_advance(builder, ipc_wire_align8(builder->position) - builder->position, site, true);
}

/// A region, with its content if that is given.
static inline bool ipc_wire_put(ipc_wire_builder *builder, const void *content, uint64_t len_bytes, ipc_wire_site site) {
    const uint64_t start = builder->position;
    if (!ipc_wire_advance(builder, len_bytes, site, content == NULL && builder->zero == IPC_WIRE_ZERO)) {
        return false;
    }
    if (content != NULL && builder->frame != NULL && len_bytes > 0) {
        memcpy(builder->frame + start, content, (size_t)len_bytes);
    }
    return true;
}

static inline bool ipc_wire_put_array(ipc_wire_builder *builder, const void *content, uint64_t count, size_t size, ipc_wire_site site) {
    const uint64_t len_bytes = count > IPC_WIRE_FRAME_LIMIT / size ? IPC_WIRE_FRAME_LIMIT : count * size;
    return ipc_wire_put(builder, content, len_bytes, site);
}

static inline bool ipc_wire_put_blob(ipc_wire_builder *builder, ipc_wire_blob value, uint64_t max_bytes, ipc_wire_site site) {
    return ipc_wire_check_len(value.size, max_bytes, site, builder->error) && ipc_wire_put(builder, value.data, value.size, site);
}

static inline bool ipc_wire_put_text(ipc_wire_builder *builder, ipc_wire_text value, uint64_t max_bytes, ipc_wire_site site) {
    const bool given = value.data != NULL && builder->frame != NULL;
    return ipc_wire_check_len(value.size, max_bytes, site, builder->error) &&
           (!given || ipc_wire_check_utf8(value.data, value.size, site, builder->error)) &&
           ipc_wire_put(builder, value.data, value.size, site);
}

/// The table of ends of a list, before its bodies. Gives where the table and the first body start.
static inline bool ipc_wire_put_table(ipc_wire_builder *builder, uint64_t count, uint64_t *table, uint64_t *first, ipc_wire_site site) {
    *table = builder->position;
    if (!ipc_wire_advance(builder, IPC_WIRE_END_BYTES * count, site, false) || !ipc_wire_pad(builder, site)) {
        return false;
    }
    *first = builder->position;
    return true;
}

static inline void ipc_wire_put_end(ipc_wire_builder *builder, uint64_t table, uint64_t first, size_t index) {
    if (builder->frame != NULL) {
        const uint32_t end = (uint32_t)(builder->position - first);
        memcpy(builder->frame + table + IPC_WIRE_END_BYTES * index, &end, sizeof end);
    }
}

/// Takes a body apart, region by region, and checks each before it is trusted.
typedef struct ipc_wire_reader {
    const char *class_name;
    uint8_t *body;
    uint64_t size;
    uint64_t end;
    ipc_wire_error *error;
} ipc_wire_reader;

static inline bool ipc_wire_open(ipc_wire_reader *reader, const char *class_name, const void *body, size_t size, size_t fixed_size, ipc_wire_error *error) {
    const ipc_wire_site site = {class_name, "", -1};
    reader->class_name = class_name;
    // A writer takes its frame apart by the same walk, so const ends here.
    reader->body = (uint8_t *)(uintptr_t)body;
    reader->size = size;
    reader->end = fixed_size;
    reader->error = error;
    if ((uintptr_t)body % 8 != 0) {
        return ipc_wire_fail(error, site, "expected bytes that start at a multiple of 8: copy them first");
    }
    if (size < fixed_size) {
        return ipc_wire_fail(error, site, "expected %zu bytes for the fixed part, found %zu", fixed_size, size);
    }
    return (uint64_t)size < IPC_WIRE_FRAME_LIMIT || ipc_wire_fail(error, site, IPC_WIRE_TOO_LONG);
}

/// The next region.
static inline bool ipc_wire_take(ipc_wire_reader *reader, uint64_t len_bytes, uint8_t **region, ipc_wire_site site) {
    const uint64_t start = ipc_wire_align8(reader->end);
    const uint64_t end = start + len_bytes;
    if (end > reader->size) {
        return ipc_wire_past_end(reader->error, site, end, reader->size);
    }
    reader->end = end;
    *region = reader->body + start;
    return true;
}

static inline bool ipc_wire_take_array(ipc_wire_reader *reader, uint64_t count, size_t size, uint8_t **region, ipc_wire_site site) {
    if (count >= IPC_WIRE_FRAME_LIMIT || count * size >= IPC_WIRE_FRAME_LIMIT) {
        return ipc_wire_fail(reader->error, site, IPC_WIRE_TOO_LONG);
    }
    return ipc_wire_take(reader, count * size, region, site);
}

static inline bool ipc_wire_take_blob(ipc_wire_reader *reader, uint32_t len_bytes, uint64_t max_bytes, ipc_wire_blob *blob, ipc_wire_site site) {
    uint8_t *region = NULL;
    if (!ipc_wire_take(reader, len_bytes, &region, site)) {
        return false;
    }
    blob->data = region;
    blob->size = len_bytes;
    return ipc_wire_check_len(len_bytes, max_bytes, site, reader->error);
}

static inline bool ipc_wire_take_text(ipc_wire_reader *reader, uint32_t len_bytes, uint64_t max_bytes, ipc_wire_text *text, ipc_wire_site site) {
    ipc_wire_blob blob = {NULL, 0};
    const bool ok = ipc_wire_take_blob(reader, len_bytes, max_bytes, &blob, site);
    text->data = (const char *)blob.data;
    text->size = blob.size;
    return ok;
}

/// Checks the table; the elements are checked after it.
static inline bool ipc_wire_take_list(ipc_wire_reader *reader, uint32_t len_bytes, uint64_t count, uint64_t align, uint64_t max_bytes, ipc_wire_list *list, ipc_wire_site site) {
    uint8_t *region = NULL;
    if (!ipc_wire_take(reader, len_bytes, &region, site)) {
        return false;
    }
    *list = (ipc_wire_list){region, len_bytes, (size_t)count, align, max_bytes, site};
    return ipc_wire_list_check(list, reader->error);
}

/// The empty region of an absent member.
static inline bool ipc_wire_take_absent(ipc_wire_reader *reader, uint32_t len_bytes, ipc_wire_site site) {
    uint8_t *region = NULL;
    if (len_bytes != 0) {
        return ipc_wire_fail(reader->error, site, "an absent member has a length of %" PRIu32 " bytes", len_bytes);
    }
    return ipc_wire_take(reader, 0, &region, site);
}

/// The body ends where its last region ends.
static inline bool ipc_wire_close(const ipc_wire_reader *reader) {
    const ipc_wire_site site = {reader->class_name, "", -1};
    if (reader->end != reader->size) {
        return ipc_wire_fail(reader->error, site, "the last region ends at byte %" PRIu64 ", but there are %" PRIu64 " bytes", reader->end, reader->size);
    }
    return true;
}

/// Whether bytes are as many as a fixed class's frame, and aligned as it is.
static inline bool ipc_wire_check_cast(const char *class_name, const void *frame, size_t found, size_t expected, size_t align, ipc_wire_error *error) {
    const ipc_wire_site site = {class_name, "", -1};
    const bool same_size = found == expected;
    if (same_size && (uintptr_t)frame % align == 0) {
        return true;
    }
    const char *why = same_size ? "TargetAlignmentGreaterAndInputNotAligned" : "SizeMismatch";
    return ipc_wire_fail(error, site, "expected an aligned frame of %zu bytes, found %zu (%s)", expected, found, why);
}

#endif
