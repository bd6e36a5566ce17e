// The four modules of `tracker.json`, which one program is: `ipc run examples/cpp/tracker.json` starts each. The sensors end after a
// minute of their own time, and with them the application.

#include <cstdlib>
#include <iostream>
#include <string>

#include <ipc/communicator.hpp>
#include <motion.hpp>

using namespace motion;

namespace {

constexpr std::int64_t second = 1'000'000'000;

double seconds(std::int64_t time) { return static_cast<double>(time) / second; }

/// A vehicle at 2 m/s: where it is, once a second.
void satellites(ipc::Communicator &module) {
    auto fixes = module.producer<Fix>("fixes");
    for (std::int64_t stamp = 0; module.go_on() && stamp < 60 * second; stamp += second) {
        Fix fix;
        fix.stamp = stamp;
        fix.x = 2 * seconds(stamp);
        fixes.deliver(fix); // waits or drops, as the channel says
    }
}

/// Its speed, ten times a second.
void wheels(ipc::Communicator &module) {
    auto speeds = module.producer<Speed>("speeds");
    for (std::int64_t stamp = second / 20; module.go_on() && stamp < 60 * second; stamp += second / 10) {
        Speed speed;
        speed.stamp = stamp;
        speed.v = 2;
        speeds.deliver(speed);
    }
}

/// Both, in the order in which they happened: positions between the fixes.
void tracker(ipc::Communicator &module) {
    const auto fixes = module.input<Fix>("fixes");
    const auto speeds = module.input<Speed>("speeds");
    auto positions = module.producer<Position>("positions");
    module.merged_by("stamp");
    Position last;
    for (auto &input : module) {
        if (auto fix = input.as(fixes)) {
            last.x = (*fix)->x; // read where it lies
            last.stamp = (*fix)->stamp;
        } else if (auto speed = input.as(speeds)) {
            last.x += (*speed)->v * seconds((*speed)->stamp - last.stamp);
            last.stamp = (*speed)->stamp;
        } else {
            std::cout << "no more " << input.channel() << std::endl;
            continue;
        }
        positions.deliver(last);
    }
}

void printer(ipc::Communicator &module) {
    const auto positions = module.input<Position>("positions");
    Position last;
    for (auto &input : module) {
        if (auto position = input.as(positions)) {
            last = ***position;
        }
    }
    std::cout << "after " << last.stamp / second << " s at " << last.x << " m" << std::endl;
}

} // namespace

int main() try {
    auto module = ipc::Communicator::from_env();
    const std::string name = std::getenv("IPC_MODULE");
    if (name == "satellites") {
        satellites(module);
    } else if (name == "wheels") {
        wheels(module);
    } else if (name == "tracker") {
        tracker(module);
    } else {
        printer(module);
    }
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
