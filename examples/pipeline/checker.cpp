// checker: holds each frame of a channel against its number and its checksum.

#include <iostream>

#include <ipc/communicator.hpp>
#include <video.hpp>

#include "checksum.hpp"
#include "figures.hpp"

int main(int, char **arguments) try {
    const std::string channel = arguments[1];
    auto module = ipc::Communicator::from_env();
    const auto frames = module.input<video::VideoFrame>(channel);
    Figures figures;
    for (auto &input : module) {
        if (auto frame = input.as(frames)) {
            const video::VideoFrame &picture = ***frame; // where it lies in the ring
            const std::int64_t began = now_ns();
            const std::uint32_t found = checksum(pixels(picture));
            figures.read(channel, *frame, began);
            if (picture.index != frame->sequence() || picture.checksum != found) {
                std::cerr << "frame " << frame->sequence() << " of `" << channel << "` is picture " << picture.index
                          << ", or its pixels are not those sent\n";
                return 1;
            }
        }
    }
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
