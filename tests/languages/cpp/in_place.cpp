// Writes a frame where it lies, and reads it there: prints the bytes, then what is refused and why.
#include "frames.hpp"

#include <cstdio>
#include <iostream>

using robot::Cloud;
using robot::Label;
using robot::State;

template <class Run>
void refused(Run &&run) {
    try {
        run();
        std::cout << "not refused\n";
    } catch (const ipc::FrameError &error) {
        std::cout << error.what() << "\n";
    }
}

Cloud::Dims dims() {
    Cloud::Dims dims;
    dims.rows = 2;
    dims.cols = 1;
    dims.head.n = 1;
    dims.head.m = 1;
    dims.frame_id = 4;
    dims.name = 3;
    dims.label.text = 2;
    dims.labels.resize(1);
    dims.labels[0].text = 1;
    dims.names = {1, 0};
    dims.chunks = {2};
    dims.weights = true;
    return dims;
}

void copy(ipc::Span<char> place, const char *text) { std::copy(text, text + place.size(), place.begin()); }

void write(Cloud::Writer &frame) {
    frame.stamp() = -5;
    frame.flag() = true;
    frame.points()[1].y = 2.5F;
    frame.q()[5] = 1.0;
    copy(*frame.frame_id(), "base");
    copy(frame.name(), "abc");
    frame.label().score() = 0.5F;
    copy(frame.label().text(), "hi");
    for (Label::Writer label : frame.labels()) {
        label.score() = 1;
        copy(label.text(), "x");
    }
    copy(frame.names()[0], "n");
    (*frame.chunks())[0][1] = 9;
    (*frame.weights())[0] = -1;
    frame.set_gain(3.0);
    frame.set_armed(false);
}

int main() {
    alignas(8) std::array<std::uint8_t, 1024> room;
    room.fill(0xaa);
    const std::size_t size = Cloud::frame_size(dims());
    Cloud::Writer frame(room.data(), size, dims());
    write(frame);
    frame.finish();
    for (std::size_t i = 0; i < size; ++i) {
        std::printf("%02x", room[i]);
    }
    std::printf("\n");
    std::fflush(stdout);

    const Cloud::View view(room.data(), size);
    std::cout << view.stamp() << " " << view.flag() << " " << view.points().size() << " " << view.points()[1].y << " " << *view.frame_id()
              << " " << view.name() << " " << view.label().text() << " " << view.labels()[0].text() << " " << view.names()[0] << " "
              << (*view.chunks())[0].size() << " " << (*view.weights())[0] << " " << *view.gain() << " " << *view.armed() << " "
              << view.blob().has_value() << view.maybe().has_value() << "\n";
    const bool in_the_frame = reinterpret_cast<const std::uint8_t *>(view.points().data()) > room.data() &&
                              reinterpret_cast<const std::uint8_t *>(view.points().end()) < room.data() + size;
    std::cout << (in_the_frame ? "no copy" : "a copy") << "\n";

    refused([&] { Cloud::View(room.data() + 1, size); });
    refused([&] {
        alignas(8) std::array<std::uint8_t, 1024> other;
        Cloud::Writer(other.data(), size - 1, dims());
    });
    refused([&] { view.names()[2]; });
    refused([&] {
        frame.label().score() = 2;
        frame.finish();
    });
    refused([&] {
        Cloud::Dims dims;
        dims.cols = 2049;
        Cloud::frame_size(dims);
    });
    refused([&] {
        Cloud::Dims dims;
        dims.head.n = 2;
        Cloud::frame_size(dims);
    });
    refused([&] {
        Cloud::Dims dims;
        dims.names = {6, 0};
        Cloud::frame_size(dims);
    });
    refused([&] {
        Cloud cloud;
        cloud.rows = 2;
        cloud.cols = 1;
        cloud.points.resize(1);
        cloud.serialize();
    });
    refused([&] {
        Cloud cloud;
        cloud.names = {"\xff", ""};
        cloud.serialize();
    });

    State::Writer state(room.data(), sizeof(State));
    state->stamp = 7;
    state->set_temperature(151.0);
    refused([&] { state.finish(); });
    state->set_temperature(std::nullopt);
    state.finish();
    std::cout << State::View(room.data(), sizeof(State))->stamp << "\n";
}
