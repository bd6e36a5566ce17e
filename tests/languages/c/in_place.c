// Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why.
#include "frames.h"

static ipc_wire_error error;

static void refused(bool ok) { printf("%s\n", ok ? "not refused" : error.text); }

int main(void) {
    static uint64_t room[128];
    memset(room, 0xaa, sizeof room);
    uint8_t *const frame = (uint8_t *)room;

    // Sizes alone: the content is written in place.
    const robot_Label labels[] = {{.text = {NULL, 1}}};
    const ipc_wire_text names[] = {{NULL, 1}, {NULL, 0}};
    const ipc_wire_blob chunks[] = {{NULL, 2}};
    robot_Cloud sizes;
    memset(&sizes, 0, sizeof sizes);
    sizes.rows = 2;
    sizes.cols = 1;
    sizes.head.n = 1;
    sizes.head.m = 1;
    sizes.has_frame_id = true;
    sizes.frame_id.size = 4;
    sizes.name.size = 3;
    sizes.label.text.size = 2;
    sizes.labels = labels;
    sizes.labels_count = 1;
    sizes.names = names;
    sizes.names_count = 2;
    sizes.has_chunks = true;
    sizes.chunks = chunks;
    sizes.chunks_count = 1;
    sizes.has_weights = true;

    uint32_t size = 0;
    robot_Cloud_writer writer;
    if (!robot_Cloud_frame_size(&sizes, &size, &error) || !robot_Cloud_writer_open(&writer, frame, size, &sizes, IPC_WIRE_ZERO, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    writer.fixed->stamp = -5;
    writer.fixed->flag = 7;
    writer.points[1].y = 2.5F;
    writer.fixed->q[5] = 1.0;
    memcpy(writer.frame_id.data, "base", writer.frame_id.size);
    memcpy(writer.name.data, "abc", writer.name.size);
    writer.label.fixed->score = 0.5F;
    memcpy(writer.label.text.data, "hi", writer.label.text.size);
    robot_Label_writer label;
    ipc_wire_text_place name;
    ipc_wire_blob_place chunk;
    if (!robot_Cloud_writer_at_labels(&writer, 0, &label, &error) || !robot_Cloud_writer_at_names(&writer, 0, &name, &error) ||
        !robot_Cloud_writer_at_chunks(&writer, 0, &chunk, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    label.fixed->score = 1;
    memcpy(label.text.data, "x", label.text.size);
    memcpy(name.data, "n", name.size);
    chunk.data[1] = 9;
    writer.weights[0] = -1;
    const double gain = 3.0;
    const uint8_t armed = 0;
    robot_Cloud_writer_set_gain(&writer, &gain);
    robot_Cloud_writer_set_armed(&writer, &armed);
    if (!robot_Cloud_writer_finish(&writer, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    for (uint32_t i = 0; i < size; ++i) {
        printf("%02x", frame[i]);
    }
    printf("\n");

    robot_Cloud_view view;
    robot_Label_view label_view;
    ipc_wire_text texts[4];
    ipc_wire_blob chunk_view;
    if (!robot_Cloud_view_open(&view, frame, size, &error) || !robot_Cloud_view_get_frame_id(&view, &texts[0], &error) ||
        !robot_Cloud_view_get_name(&view, &texts[1], &error) || !robot_Label_view_get_text(&view.label, &texts[2], &error) ||
        !robot_Cloud_view_at_labels(&view, 0, &label_view, &error) || !robot_Cloud_view_at_names(&view, 0, &texts[3], &error) ||
        !robot_Cloud_view_at_chunks(&view, 0, &chunk_view, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    printf("%" PRId64 " %d %zu %g %.4s %.3s %.2s %.1s %.1s %zu %g %g %d %d%d\n", view.fixed->stamp, view.fixed->flag, view.points_count,
           (double)view.points[1].y, texts[0].data, texts[1].data, texts[2].data, label_view.text.data, texts[3].data, chunk_view.size,
           (double)view.weights[0], *robot_Cloud_view_get_gain(&view), *robot_Cloud_view_get_armed(&view), view.has_blob, view.has_maybe);
    const bool in_the_frame = (const uint8_t *)view.points > frame && (const uint8_t *)(view.points + view.points_count) < frame + size;
    printf("%s\n", in_the_frame ? "no copy" : "a copy");

    refused(robot_Cloud_view_open(&view, frame + 1, size, &error));
    static uint64_t other_room[128];
    refused(robot_Cloud_writer_open(&writer, other_room, size - 1, &sizes, IPC_WIRE_ZERO, &error));
    if (!robot_Cloud_view_open(&view, frame, size, &error) || !robot_Cloud_writer_edit(&writer, frame, size, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    refused(robot_Cloud_view_at_names(&view, 2, &texts[3], &error));
    writer.label.fixed->score = 2;
    refused(robot_Cloud_writer_finish(&writer, &error));
    robot_Cloud other = sizes;
    other.cols = 2049;
    refused(robot_Cloud_frame_size(&other, &size, &error));
    other = sizes;
    other.head.n = 2;
    refused(robot_Cloud_frame_size(&other, &size, &error));
    const ipc_wire_text long_names[] = {{NULL, 6}, {NULL, 0}};
    other = sizes;
    other.names = long_names;
    refused(robot_Cloud_frame_size(&other, &size, &error));
    const robot_Vec3 points[] = {{1, 2, 3}};
    other = sizes;
    other.points = points;
    other.points_count = 1;
    refused(robot_Cloud_frame_size(&other, &size, &error));
    const ipc_wire_text bad_names[] = {{"\xff", 1}, {NULL, 0}};
    other = sizes;
    other.names = bad_names;
    if (robot_Cloud_frame_size(&other, &size, &error)) {
        refused(robot_Cloud_serialize(&other, frame, size, &error));
    }

    robot_State state;
    robot_State *place = NULL;
    robot_State_init(&state);
    if (!robot_State_writer_open(&place, frame, sizeof state, &state, IPC_WIRE_ZERO, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    const double temperature = 151.0;
    place->stamp = 7;
    robot_State_set_temperature(place, &temperature);
    refused(robot_State_writer_finish(place, &error));
    robot_State_set_temperature(place, NULL);
    if (!robot_State_writer_finish(place, &error)) {
        printf("%s\n", error.text);
        return 1;
    }
    printf("%" PRId64 "\n", ((const robot_State *)frame)->stamp);

    robot_Cloud loaded;
    ipc_wire_memory none = {NULL, 0, 0};
    if (robot_Cloud_frame_size(&sizes, &size, &error) && robot_Cloud_serialize(&sizes, frame, size, &error)) {
        refused(robot_Cloud_deserialize(&loaded, frame, size, &none, &error));
    }
    return 0;
}
