// display: shows each frame of a channel.

#include <csignal>
#include <cstdio>
#include <iostream>

#include <ipc/ipc.hpp>
#include <video.hpp>

#include "figures.hpp"

int main(int, char **arguments) try {
    const std::string channel = arguments[1];
    ipc::Consumer<video::VideoFrame> frames(ipc::Channel<video::VideoFrame>(channel), module_name());
    // What was sent is still read: the end of the stream ends this.
    std::signal(SIGTERM, SIG_IGN);
    Figures figures;
    std::FILE *screen = popen(("./show " + module_name()).c_str(), "w");
    video::VideoFrame picture;
    for (const auto &frame : frames) {
        const std::int64_t began = now_ns();
        picture = **frame;
        figures.read(channel, frame.sequence(), began, frame->stamp);
        std::fwrite(&picture.pixels, sizeof picture.pixels, 1, screen);
    }
    return pclose(screen) == 0 ? 0 : 1;
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
