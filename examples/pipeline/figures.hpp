// What a module did to each frame, and how long it took: a row for each in the file $DEMO_OUT/MODULE.csv.

#ifndef FIGURES_HPP
#define FIGURES_HPP

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <ipc/ipc.hpp>
#include <video.hpp>

/// CLOCK_MONOTONIC in nanoseconds: one clock for all processes.
inline std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

/// The name that the application's file gives this module.
inline std::string module_name() {
    const char *name = std::getenv("IPC_MODULE");
    return name != nullptr ? name : "module";
}

/// Rows of the columns that the first names; without DEMO_OUT they go nowhere.
class Figures {
  public:
    Figures() {
        if (const char *folder = std::getenv("DEMO_OUT")) {
            file_.open(std::string(folder) + "/" + module_name() + ".csv");
        }
        file_ << "channel,action,sequence,began_ns,time_ns,stamp_ns,published_ns" << std::endl;
    }

    /// The producer goes on now; the frame's place was asked for at `began_ns`.
    void wrote(const std::string &channel, std::uint64_t sequence, std::int64_t began_ns) {
        const std::int64_t time_ns = now_ns() - began_ns;
        file_ << channel << ",write," << sequence << "," << began_ns << "," << time_ns << ",," << std::endl;
    }

    /// The last pixel of a frame was read now; it came at `began_ns`.
    void read(const std::string &channel, const ipc::Frame<video::VideoFrame> &frame, std::int64_t began_ns) {
        const std::int64_t time_ns = now_ns() - began_ns;
        file_ << channel << ",read," << frame.sequence() << "," << began_ns << "," << time_ns << "," << frame->stamp << ","
              << frame.publish_time_ns().value() << std::endl;
    }

  private:
    std::ofstream file_;
};

#endif // FIGURES_HPP
