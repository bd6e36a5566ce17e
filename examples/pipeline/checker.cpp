// checker: holds each frame of a channel against its number and its checksum.

#include <csignal>
#include <iostream>

#include <ipc/ipc.hpp>
#include <video.hpp>

#include "checksum.hpp"
#include "figures.hpp"

int main(int, char **arguments) try {
    const std::string channel = arguments[1];
    ipc::Consumer<video::VideoFrame> frames(ipc::Channel<video::VideoFrame>(channel), module_name());
    // What was sent is still read: the end of the stream ends this.
    std::signal(SIGTERM, SIG_IGN);
    Figures figures;
    for (const auto &frame : frames) {
        const std::int64_t began = now_ns();
        const std::uint32_t found = checksum(pixels(**frame));
        figures.read(channel, frame.sequence(), began, frame->stamp);
        if (frame->index != frame.sequence() || frame->checksum != found) {
            std::cerr << "frame " << frame.sequence() << " of `" << channel << "` is picture " << frame->index
                      << ", or its pixels are not those sent\n";
            return 1;
        }
    }
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
