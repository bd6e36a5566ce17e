// What a module did to each frame, and how long it took: a row for each in the file $DEMO_OUT/MODULE.csv.

#ifndef FIGURES_HPP
#define FIGURES_HPP

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

/// CLOCK_MONOTONIC in nanoseconds: one clock for all processes.
inline std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// The name that the application's file gives this module.
inline std::string module_name() {
    const char *name = std::getenv("IPC_MODULE");
    return name != nullptr ? name : "module";
}

/// Rows of `channel,action,sequence,time_ns,age_ns`; without DEMO_OUT they go nowhere.
class Figures {
  public:
    Figures() {
        if (const char *folder = std::getenv("DEMO_OUT")) {
            file_.open(std::string(folder) + "/" + module_name() + ".csv");
        }
        file_ << "channel,action,sequence,time_ns,age_ns" << std::endl;
    }

    /// A frame was published now; its place was asked for at `began_ns`.
    void wrote(const std::string &channel, std::uint64_t sequence, std::int64_t began_ns) {
        file_ << channel << ",write," << sequence << "," << now_ns() - began_ns << "," << std::endl;
    }

    /// The last pixel of a frame was read now; it came at `began_ns`, and the camera had it at `stamp_ns`.
    void read(const std::string &channel, std::uint64_t sequence, std::int64_t began_ns, std::int64_t stamp_ns) {
        file_ << channel << ",read," << sequence << "," << now_ns() - began_ns << "," << began_ns - stamp_ns << std::endl;
    }

  private:
    std::ofstream file_;
};

#endif // FIGURES_HPP
