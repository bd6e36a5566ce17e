// Classes of frames, written by `ipc export --lang c`. Do not edit: change the description, and export it again.
//
// scan.h needs C11 and ipc_wire.h beside it. A fixed class is the struct that stands in a frame. A variable class has
//
//   NAME          a value; its arrays and texts stand in the caller's memory, or in the frame that it was read from
//   NAME_view     a frame, read where it lies
//   NAME_writer   a frame, written where it lies
//
// A value also says what a new frame looks like: its dimensions, the sizes of its texts and lists, and what of it is there.
// Where a pointer to content is null, the place is left to be written through NAME_writer. All functions that return a bool
// return false if they fail, and say in `error` why. Frames start at a multiple of 8.

#ifndef IPC_ROBOT_SCAN_H
#define IPC_ROBOT_SCAN_H

#include "ipc_wire.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#endif

#define robot_BEAMS UINT64_C(4)

/// how it measures
typedef uint8_t robot_Mode;
#define robot_Mode_Idle ((robot_Mode)0)
#define robot_Mode_Fast ((robot_Mode)1)

#define robot_Pose_CLASS_NAME "Pose"
static const uint8_t robot_Pose_fingerprint[16] = {0xc7, 0x17, 0x03, 0xc0, 0x3f, 0x86, 0x7a, 0xa8, 0xdd, 0x05, 0x17, 0xf6, 0x06, 0xb3, 0xee, 0x2b};
/// The class and all it uses, as canonical JSON.
static const char robot_Pose_schema[] =
    "{\"namespace\":\"robot\",\"classes\":[\n"
    "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n"
    "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n"
    "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n"
    "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n"
    "]}\n"
    "]}\n";

/// where the sensor is
typedef struct robot_Pose {
    /// Unit: m.
    double x;
    /// Unit: m.
    double y;
    uint8_t valid;
    uint8_t pad_17[7];
} robot_Pose;

static_assert(sizeof(robot_Pose) == 24 && _Alignof(robot_Pose) == 8, "layout of Pose");
static_assert(offsetof(robot_Pose, x) == 0, "layout of Pose");
static_assert(offsetof(robot_Pose, y) == 8, "layout of Pose");
static_assert(offsetof(robot_Pose, valid) == 16, "layout of Pose");
static_assert(offsetof(robot_Pose, pad_17) == 17, "layout of Pose");

/// A new value, with its defaults.
static inline void robot_Pose_init(robot_Pose *value) {
    memset(value, 0, sizeof *value);
    value->valid = true;
}

/// Checks `min` and `max` of every member.
static inline bool robot_Pose_validate(const robot_Pose *value, ipc_wire_error *error) {
    (void)value;
    (void)error;
    return true;
}

/// Makes all bytes those that the wire rules ask of a writer.
static inline void robot_Pose_tidy(robot_Pose *value) {
    ipc_wire_tidy_bools(&value->valid, 1);
    memset(value->pad_17, 0, sizeof value->pad_17);
}

static inline bool robot_Pose_frame_size(const robot_Pose *value, uint32_t *size, ipc_wire_error *error) {
    (void)value;
    (void)error;
    *size = 24;
    return true;
}

/// A frame, read where it lies.
static inline bool robot_Pose_view_open(const robot_Pose **view, const void *frame, size_t size, ipc_wire_error *error) {
    *view = (const robot_Pose *)frame;
    return ipc_wire_check_cast(robot_Pose_CLASS_NAME, frame, size, sizeof **view, _Alignof(robot_Pose), error);
}

static inline bool robot_Pose_view_validate(const robot_Pose *view, ipc_wire_error *error) {
    return robot_Pose_validate(view, error);
}

/// A frame, written where it lies, as a copy of `value`.
static inline bool robot_Pose_writer_open(robot_Pose **writer, void *frame, size_t size, const robot_Pose *value, ipc_wire_zero zero, ipc_wire_error *error) {
    (void)zero;
    *writer = (robot_Pose *)frame;
    if (!ipc_wire_check_cast(robot_Pose_CLASS_NAME, frame, size, sizeof **writer, _Alignof(robot_Pose), error)) {
        return false;
    }
    memcpy(frame, value, sizeof **writer);
    return true;
}

/// The last step before the frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`.
static inline bool robot_Pose_writer_finish(robot_Pose *writer, ipc_wire_error *error) {
    robot_Pose_tidy(writer);
    return robot_Pose_validate(writer, error);
}

/// The bytes of a frame, into a place of as many.
static inline bool robot_Pose_serialize(const robot_Pose *value, void *frame, size_t size, ipc_wire_error *error) {
    robot_Pose *writer = NULL;
    return robot_Pose_writer_open(&writer, frame, size, value, IPC_WIRE_LEAVE, error) && robot_Pose_writer_finish(writer, error);
}

/// The value of a frame's bytes. It needs no memory beside itself, and `memory` may be null.
static inline bool robot_Pose_deserialize(robot_Pose *value, const void *frame, size_t size, ipc_wire_memory *memory, ipc_wire_error *error) {
    (void)memory;
    const robot_Pose *view = NULL;
    if (!robot_Pose_view_open(&view, frame, size, error)) {
        return false;
    }
    *value = *view;
    return true;
}

#define robot_Scan_CLASS_NAME "Scan"
static const uint8_t robot_Scan_fingerprint[16] = {0x3d, 0xed, 0xc9, 0xe1, 0xf1, 0x3c, 0x19, 0x62, 0x7a, 0x57, 0x13, 0x56, 0x2d, 0x8d, 0x8f, 0xb2};
/// The class and all it uses, as canonical JSON.
static const char robot_Scan_schema[] =
    "{\"namespace\":\"robot\",\"enums\":[\n"
    "{\"enumName\":\"Mode\",\"comment\":\"how it measures\",\"base\":\"uint8\",\"values\":{\"Idle\":0,\"Fast\":1}}\n"
    "],\"classes\":[\n"
    "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n"
    "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n"
    "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n"
    "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n"
    "]},\n"
    "{\"className\":\"Scan\",\"comment\":\"one turn of the sensor\",\"members\":[\n"
    "{\"name\":\"stamp\",\"type\":\"int64\",\"unit\":\"ns\"},\n"
    "{\"name\":\"n\",\"type\":\"uint16\",\"comment\":\"ranges of each beam\",\"max\":4096},\n"
    "{\"name\":\"mode\",\"type\":\"Mode\",\"default\":\"Fast\"},\n"
    "{\"name\":\"pose\",\"type\":\"Pose\"},\n"
    "{\"name\":\"ranges\",\"type\":\"array\",\"size\":[4,\"n\"],\"elem\":{\"type\":\"float32\",\"unit\":\"m\",\"min\":0.0}},\n"
    "{\"name\":\"labels\",\"type\":\"array\",\"size\":[\"n\"],\"elem\":{\"type\":\"string\",\"max\":20}},\n"
    "{\"name\":\"temperature\",\"type\":\"float32\",\"optional\":true}\n"
    "]}\n"
    "]}\n";

/// one turn of the sensor
typedef struct robot_Scan {
    /// Unit: ns.
    int64_t stamp;
    /// ranges of each beam
    /// Bounds: at most 4096.
    uint16_t n;
    robot_Mode mode;
    robot_Pose pose;
    /// Unit of each element: m.
    /// Size: 4 × n.
    /// Bounds: at least 0.0.
    const float *ranges;
    size_t ranges_count;
    /// Size: n.
    /// Bounds: at most 20 bytes.
    const ipc_wire_text *labels;
    size_t labels_count;
    bool has_temperature;
    float temperature;
} robot_Scan;

/// The fixed part of a frame of robot_Scan.
typedef struct robot_Scan_fixed {
    /// Unit: ns.
    int64_t stamp;
    /// ranges of each beam
    /// Bounds: at most 4096.
    uint16_t n;
    robot_Mode mode;
    uint8_t pad_11[5];
    robot_Pose pose;
    uint32_t labels;
    float raw_temperature;
    uint8_t presence[1];
    uint8_t pad_49[7];
} robot_Scan_fixed;

static_assert(sizeof(robot_Scan_fixed) == 56 && _Alignof(robot_Scan_fixed) == 8, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, stamp) == 0, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, n) == 8, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, mode) == 10, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, pad_11) == 11, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, pose) == 16, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, labels) == 40, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, raw_temperature) == 44, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, presence) == 48, "layout of Scan");
static_assert(offsetof(robot_Scan_fixed, pad_49) == 49, "layout of Scan");

/// A frame of robot_Scan, read where it lies. What else is in it stands in `fixed`.
typedef struct robot_Scan_view {
    const robot_Scan_fixed *fixed;
    uint8_t presence_[1];
    uint16_t n;
    const float *ranges;
    size_t ranges_count;
    ipc_wire_list labels;
} robot_Scan_view;

/// A frame of robot_Scan, written where it lies. What fixes its size stays as it is; what else is in it stands in `fixed`.
typedef struct robot_Scan_writer {
    robot_Scan_fixed *fixed;
    ipc_wire_blob_place frame_;
    uint16_t n;
    float *ranges;
    size_t ranges_count;
    ipc_wire_list labels;
} robot_Scan_writer;

/// Number of elements of `ranges`: 4 × n.
static inline bool robot_Scan_count_ranges(uint16_t m_n, uint64_t *count, ipc_wire_error *error) {
    if (m_n > 4096) {
        return ipc_wire_out_of_range_u(error, (ipc_wire_site){"Scan", "n", -1}, " up to 4096", m_n);
    }
    ipc_wire_size size = {false, ""};
    const uint64_t d1_0 = ipc_wire_operand(&size, m_n);
    *count = 1;
    *count = ipc_wire_factor(&size, *count, 4U);
    *count = ipc_wire_factor(&size, *count, d1_0);
    if (size.failed) {
        return ipc_wire_fail(error, (ipc_wire_site){"Scan", "ranges", -1}, "its size is 4 × n with n = %" PRIu64 ": %s", (uint64_t)m_n, size.why);
    }
    return true;
}

/// Number of elements of `labels`: n.
static inline bool robot_Scan_count_labels(uint16_t m_n, uint64_t *count, ipc_wire_error *error) {
    if (m_n > 4096) {
        return ipc_wire_out_of_range_u(error, (ipc_wire_site){"Scan", "n", -1}, " up to 4096", m_n);
    }
    ipc_wire_size size = {false, ""};
    const uint64_t d0_0 = ipc_wire_operand(&size, m_n);
    *count = 1;
    *count = ipc_wire_factor(&size, *count, d0_0);
    if (size.failed) {
        return ipc_wire_fail(error, (ipc_wire_site){"Scan", "labels", -1}, "its size is n with n = %" PRIu64 ": %s", (uint64_t)m_n, size.why);
    }
    return true;
}

/// A new value, with its defaults. Its arrays take `memory`, which may be null where they are all empty.
static inline bool robot_Scan_init(robot_Scan *value, ipc_wire_memory *memory, ipc_wire_error *error) {
    (void)memory;
    (void)error;
    memset(value, 0, sizeof *value);
    value->mode = robot_Mode_Fast;
    robot_Pose_init(&value->pose);
    return true;
}

/// Checks all that decides where something is. The frame starts at a multiple of 8, and outlives the view.
static inline bool robot_Scan_view_open(robot_Scan_view *view, const void *frame, size_t size, ipc_wire_error *error) {
    memset(view, 0, sizeof *view);
    ipc_wire_reader reader;
    if (!ipc_wire_open(&reader, robot_Scan_CLASS_NAME, frame, size, sizeof(robot_Scan_fixed), error)) {
        return false;
    }
    view->fixed = (const robot_Scan_fixed *)frame;
    ipc_wire_once(&view->n, &view->fixed->n, sizeof view->n);
    ipc_wire_once(view->presence_, view->fixed->presence, sizeof view->presence_);
    {
        const ipc_wire_site site = (ipc_wire_site){"Scan", "ranges", -1};
        uint8_t *region = NULL;
        uint64_t count = 0;
        if (!robot_Scan_count_ranges(view->n, &count, error)) {
            return false;
        }
        if (!ipc_wire_take_array(&reader, count, sizeof(float), &region, site)) {
            return false;
        }
        view->ranges = (const float *)(const void *)region;
        view->ranges_count = (size_t)count;
    }
    {
        const ipc_wire_site site = (ipc_wire_site){"Scan", "labels", -1};
        uint64_t count = 0;
        if (!robot_Scan_count_labels(view->n, &count, error)) {
            return false;
        }
        if (!ipc_wire_take_list(&reader, ipc_wire_once_u32(&view->fixed->labels), count, 1, 20U, &view->labels, site)) {
            return false;
        }
        for (size_t i = 0; i < view->labels.count; ++i) {
            ipc_wire_blob_place body = {NULL, 0};
            if (!ipc_wire_list_at(&view->labels, i, &body, error)) {
                return false;
            }
        }
    }
    return ipc_wire_close(&reader);
}

/// The element of `labels` at `index`, below `labels.count`, checked for UTF-8.
static inline bool robot_Scan_view_at_labels(const robot_Scan_view *view, size_t index, ipc_wire_text *element, ipc_wire_error *error) {
    ipc_wire_blob_place body = {NULL, 0};
    if (!ipc_wire_list_at(&view->labels, index, &body, error)) {
        return false;
    }
    element->data = (const char *)body.data;
    element->size = body.size;
    return ipc_wire_check_utf8(body.data, body.size, ipc_wire_at(view->labels.site, index), error);
}

/// Null if it is absent.
static inline const float *robot_Scan_view_get_temperature(const robot_Scan_view *of) {
    return ipc_wire_is_present(of->fixed->presence, 0, 1) ? &of->fixed->raw_temperature : NULL;
}

/// Sets `temperature`, or removes it if `value` is null.
static inline void robot_Scan_writer_set_temperature(robot_Scan_writer *of, const float *value) {
    if (value == NULL) {
        memset(&of->fixed->raw_temperature, 0, sizeof of->fixed->raw_temperature);
    } else {
        memcpy(&of->fixed->raw_temperature, value, sizeof of->fixed->raw_temperature);
    }
    ipc_wire_set_present(of->fixed->presence, 0, 1, value != NULL);
}

/// Checks `min` and `max` of every member.
static inline bool robot_Scan_view_validate(const robot_Scan_view *view, ipc_wire_error *error) {
    if (!(view->n <= 4096)) {
        return ipc_wire_out_of_range_u(error, (ipc_wire_site){"Scan", "n", -1}, " up to 4096", view->n);
    }
    for (size_t i = 0; i < view->ranges_count; ++i) {
        const float *it = (const float *)view->ranges + i;
        if (!((*it) >= 0.0F)) {
            return ipc_wire_out_of_range_f(error, ipc_wire_at((ipc_wire_site){"Scan", "ranges", -1}, i), " from 0", (*it));
        }
    }
    return true;
}

/// A value of a view: its arrays and texts stand in the frame, its lists in `memory`. Texts are checked for UTF-8.
static inline bool robot_Scan_load(robot_Scan *value, const robot_Scan_view *view, ipc_wire_memory *memory, ipc_wire_error *error) {
    (void)memory;
    (void)error;
    memset(value, 0, sizeof *value);
    memcpy(&value->stamp, &view->fixed->stamp, sizeof value->stamp);
    memcpy(&value->n, &view->n, sizeof value->n);
    memcpy(&value->mode, &view->fixed->mode, sizeof value->mode);
    memcpy(&value->pose, &view->fixed->pose, sizeof value->pose);
    value->ranges = view->ranges;
    value->ranges_count = view->ranges_count;
    void *m_labels = NULL;
    if (!ipc_wire_allocate(&m_labels, memory, view->labels.count, sizeof(ipc_wire_text), (ipc_wire_site){"Scan", "labels", -1}, error)) {
        return false;
    }
    for (size_t i = 0; i < view->labels.count; ++i) {
        if (!robot_Scan_view_at_labels(view, i, (ipc_wire_text *)m_labels + i, error)) {
            return false;
        }
    }
    value->labels = (const ipc_wire_text *)m_labels;
    value->labels_count = view->labels.count;
    value->has_temperature = ipc_wire_is_present(view->presence_, 0, 1);
    if (value->has_temperature) {
        memcpy(&value->temperature, &view->fixed->raw_temperature, sizeof value->temperature);
    }
    return true;
}

/// The value of a frame's bytes, which it refers to: its arrays and texts stand in the frame, its lists in `memory`.
static inline bool robot_Scan_deserialize(robot_Scan *value, const void *frame, size_t size, ipc_wire_memory *memory, ipc_wire_error *error) {
    robot_Scan_view view;
    return robot_Scan_view_open(&view, frame, size, error) && robot_Scan_load(value, &view, memory, error);
}

/// Arrays against the dimensions that say their sizes.
static inline bool robot_Scan_check_counts(const robot_Scan *value, ipc_wire_error *error) {
    (void)value;
    (void)error;
    {
        uint64_t count = 0;
        if (!robot_Scan_count_ranges(value->n, &count, error)) {
            return false;
        }
        if (value->ranges != NULL && count != value->ranges_count) {
            const uint16_t m_n = value->n;
            return ipc_wire_fail(error, (ipc_wire_site){"Scan", "ranges", -1}, "expected %" PRIu64 " elements, because its size is 4 × n with n = %" PRIu64 ", found %zu", count, (uint64_t)m_n, value->ranges_count);
        }
    }
    {
        uint64_t count = 0;
        if (!robot_Scan_count_labels(value->n, &count, error)) {
            return false;
        }
        if (count != value->labels_count) {
            const uint16_t m_n = value->n;
            return ipc_wire_fail(error, (ipc_wire_site){"Scan", "labels", -1}, "expected %" PRIu64 " elements, because its size is n with n = %" PRIu64 ", found %zu", count, (uint64_t)m_n, value->labels_count);
        }
    }
    return true;
}

/// Lays a body out, for this class and those that hold it.
static inline bool robot_Scan_build(const robot_Scan *value, ipc_wire_builder *builder) {
    const uint64_t start = builder->position;
    if (!ipc_wire_advance(builder, sizeof(robot_Scan_fixed), (ipc_wire_site){"Scan", "", -1}, true)) {
        return false;
    }
    if (!ipc_wire_pad(builder, (ipc_wire_site){"Scan", "ranges", -1})) {
        return false;
    }
    {
        const ipc_wire_site site = (ipc_wire_site){"Scan", "ranges", -1};
        uint64_t count = 0;
        if (!robot_Scan_count_ranges(value->n, &count, builder->error)) {
            return false;
        }
        if (!ipc_wire_put_array(builder, value->ranges, count, sizeof(float), site)) {
            return false;
        }
    }
    uint64_t m_labels = 0;
    if (!ipc_wire_pad(builder, (ipc_wire_site){"Scan", "labels", -1})) {
        return false;
    }
    {
        const ipc_wire_site site = (ipc_wire_site){"Scan", "labels", -1};
        m_labels = builder->position;
        uint64_t table = 0;
        uint64_t first = 0;
        if (value->labels_count > 0 && !ipc_wire_put_table(builder, value->labels_count, &table, &first, site)) {
            return false;
        }
        for (size_t i = 0; i < value->labels_count; ++i) {
            if (!ipc_wire_put_text(builder, value->labels[i], 20U, ipc_wire_at(site, i))) {
                return false;
            }
            ipc_wire_put_end(builder, table, first, i);
        }
        m_labels = builder->position - m_labels;
    }
    if (builder->frame != NULL) {
        robot_Scan_fixed *fixed = (robot_Scan_fixed *)(void *)(builder->frame + start);
        memcpy(&fixed->stamp, &value->stamp, sizeof fixed->stamp);
        memcpy(&fixed->n, &value->n, sizeof fixed->n);
        memcpy(&fixed->mode, &value->mode, sizeof fixed->mode);
        memcpy(&fixed->pose, &value->pose, sizeof fixed->pose);
        fixed->labels = (uint32_t)m_labels;
        if (value->has_temperature) {
            memcpy(&fixed->raw_temperature, &value->temperature, sizeof fixed->raw_temperature);
        }
        ipc_wire_set_present(fixed->presence, 0, 1, value->has_temperature);
    }
    return true;
}

/// Bytes of a frame for this value. Fails if its arrays disagree with its dimensions, or it reaches 4 GiB.
static inline bool robot_Scan_frame_size(const robot_Scan *value, uint32_t *size, ipc_wire_error *error) {
    ipc_wire_builder builder = {NULL, UINT32_MAX, 0, IPC_WIRE_LEAVE, error};
    if (!robot_Scan_check_counts(value, error) || !robot_Scan_build(value, &builder)) {
        return false;
    }
    *size = (uint32_t)builder.position;
    return true;
}

/// Over a frame that was laid out before.
static inline bool robot_Scan_writer_edit(robot_Scan_writer *writer, void *frame, size_t size, ipc_wire_error *error) {
    robot_Scan_view view;
    memset(writer, 0, sizeof *writer);
    if (!robot_Scan_view_open(&view, frame, size, error)) {
        return false;
    }
    writer->fixed = (robot_Scan_fixed *)frame;
    writer->frame_.data = (uint8_t *)frame;
    writer->frame_.size = size;
    writer->n = view.n;
    writer->ranges = (float *)(uintptr_t)view.ranges;
    writer->ranges_count = view.ranges_count;
    writer->labels = view.labels;
    return true;
}

/// Lays a frame out for a value, with whatever content it gives: `frame` has `robot_Scan_frame_size` bytes.
static inline bool robot_Scan_writer_open(robot_Scan_writer *writer, void *frame, size_t size, const robot_Scan *value, ipc_wire_zero zero, ipc_wire_error *error) {
    ipc_wire_builder builder = {(uint8_t *)frame, size, 0, zero, error};
    return robot_Scan_check_counts(value, error) && robot_Scan_build(value, &builder) && robot_Scan_writer_edit(writer, frame, size, error);
}

/// The element of `labels` at `index`, below `labels.count`, to be written.
static inline bool robot_Scan_writer_at_labels(robot_Scan_writer *writer, size_t index, ipc_wire_text_place *element, ipc_wire_error *error) {
    ipc_wire_blob_place body = {NULL, 0};
    if (!ipc_wire_list_at(&writer->labels, index, &body, error)) {
        return false;
    }
    element->data = (char *)body.data;
    element->size = body.size;
    return true;
}

/// Makes all bytes those that the wire rules ask of a writer.
static inline bool robot_Scan_tidy(robot_Scan_writer *writer, ipc_wire_error *error) {
    (void)writer;
    (void)error;
    robot_Pose_tidy(&writer->fixed->pose);
    return true;
}

/// The last step before the frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`.
static inline bool robot_Scan_writer_finish(robot_Scan_writer *writer, ipc_wire_error *error) {
    robot_Scan_view view;
    return robot_Scan_tidy(writer, error) && robot_Scan_view_open(&view, writer->frame_.data, writer->frame_.size, error) && robot_Scan_view_validate(&view, error);
}

/// The bytes of a frame, into a place of `robot_Scan_frame_size` bytes that starts at a multiple of 8.
static inline bool robot_Scan_serialize(const robot_Scan *value, void *frame, size_t size, ipc_wire_error *error) {
    robot_Scan_writer writer;
    return robot_Scan_writer_open(&writer, frame, size, value, IPC_WIRE_ZERO, error) && robot_Scan_writer_finish(&writer, error);
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
