// filter: reads each picture of the camera, and produces its edges.

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <ipc/communicator.hpp>
#include <video.hpp>

#include "checksum.hpp"
#include "figures.hpp"

namespace {

using Brightness = std::array<std::array<int, video::WIDTH>, video::HEIGHT>;

/// Brightness of each pixel, by the weights of ITU-R BT.601.
void brighten(const video::VideoFrame &picture, Brightness &brightness) {
    for (std::size_t y = 0; y < video::HEIGHT; y++) {
        for (std::size_t x = 0; x < video::WIDTH; x++) {
            const auto &[red, green, blue] = picture.pixels[y][x];
            brightness[y][x] = (299 * red + 587 * green + 114 * blue) / 1000;
        }
    }
}

/// How strongly brightness changes at each pixel, by Sobel's two 3 × 3 kernels; the outermost pixels are 0.
void sobel(const Brightness &brightness, video::VideoFrame &edges) {
    for (std::size_t y = 1; y + 1 < video::HEIGHT; y++) {
        const auto &above = brightness[y - 1], &here = brightness[y], &below = brightness[y + 1];
        for (std::size_t x = 1; x + 1 < video::WIDTH; x++) {
            const int gx = above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] - 2 * here[x - 1] - below[x - 1];
            const int gy = below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
            edges.pixels[y][x].fill(static_cast<std::uint8_t>(std::min(std::abs(gx) + std::abs(gy), 255)));
        }
    }
}

} // namespace

int main() try {
    auto module = ipc::Communicator::from_env();
    const auto frames = module.input<video::VideoFrame>("frames");
    auto edges = module.producer<video::VideoFrame>("edges");
    Figures figures;
    Brightness brightness;
    video::VideoFrame edge;
    for (auto &input : module) {
        if (auto frame = input.as(frames)) {
            const video::VideoFrame &picture = ***frame; // where it lies in the ring
            std::int64_t began = now_ns();
            brighten(picture, brightness);
            figures.read("frames", *frame, began);

            sobel(brightness, edge);
            edge.stamp = picture.stamp;
            edge.index = picture.index;
            edge.checksum = checksum(pixels(edge));
            began = now_ns();
            if (const auto sequence = edges.deliver(edge)) {
                figures.wrote("edges", *sequence, began);
            }
        }
    }
    edges.close();
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
