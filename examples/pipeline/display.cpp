// display: shows each frame of a channel.

#include <cstdio>
#include <iostream>

#include <ipc/communicator.hpp>
#include <video.hpp>

#include "figures.hpp"

int main(int, char **arguments) try {
    const std::string channel = arguments[1];
    auto module = ipc::Communicator::from_env();
    const auto frames = module.input<video::VideoFrame>(channel);
    Figures figures;
    std::FILE *screen = popen(("./show " + module_name()).c_str(), "w");
    video::VideoFrame picture;
    for (auto &input : module) {
        if (auto frame = input.as(frames)) {
            const std::int64_t began = now_ns();
            picture = ***frame;
            figures.read(channel, *frame, began);
            frame.reset(); // which gives its space back
            std::fwrite(&picture.pixels, sizeof picture.pixels, 1, screen);
        }
    }
    return pclose(screen) == 0 ? 0 : 1;
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
