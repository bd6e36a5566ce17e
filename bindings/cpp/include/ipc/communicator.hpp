// All ends of a module of an application, with one place to wait for what comes to it, over the C library (ipc.h).
//
//     auto module = ipc::Communicator::from_env();  // as `ipc run` has started it
//     auto fixes = module.input<Fix>("fixes");      // whose class is compared with the application's file
//     auto positions = module.producer<Position>("positions");
//     for (auto &input : module) {
//         if (auto fix = input.as(fixes)) {
//             positions.deliver(positioned((*fix)->x));
//         }
//     }
//
// What fails throws an ipc::Error. A communicator and all frames that it gave are used by one thread at a time.

#ifndef IPC_COMMUNICATOR_HPP
#define IPC_COMMUNICATOR_HPP

#include <algorithm>

#include "ipc.hpp"

namespace ipc {

// Not for programs: it may change in any release.
namespace detail {

struct ClosesCommunicator {
    void operator()(ipc_communicator *it) const { ipc_communicator_close(it); }
};

} // namespace detail

/// A channel that a module reads, of frames of class T.
template <class T>
class InputChannel {
  private:
    friend class Communicator;
    friend class Input;

    explicit InputChannel(std::size_t index) : index_(index) {}

    std::size_t index_;
};

/// What comes to a module: a frame of one of its channels, or the end of the stream of one. A frame that nobody takes is given back.
class Input : detail::Held {
  public:
    Input(Input &&other) noexcept = default;

    /// The name of its channel.
    const char *channel() const { return ipc_communicator_input_name(communicator_, index_); }

    /// Whether it is of that channel.
    template <class T>
    bool is_of(const InputChannel<T> &channel) const { return index_ == channel.index_; }

    /// Whether it is the end of its channel's stream.
    bool is_closed() const { return raw_.data == nullptr; }

    /// Takes the frame, if it is one of that channel; nothing if not, and if it was taken. Throws if it is no frame of the class. A
    /// frame of a channel that the module observes is a copy, which stays until the next of that channel.
    template <class T>
    std::optional<Frame<T>> as(const InputChannel<T> &channel) {
        if (!is_of(channel) || is_closed() || std::exchange(is_taken_, true)) {
            return std::nullopt;
        }
        return Frame<T>([this](ipc_frame *raw) {
            *raw = raw_;
            raw_.consumer = nullptr; // it is given back once
            return true;
        });
    }

  private:
    friend class Communicator;

    explicit Input(ipc_communicator *communicator) : communicator_(communicator) { raw_.data = nullptr; }

    ipc_communicator *communicator_;
    std::size_t index_ = 0;
    bool is_taken_ = false;
};

/// All ends of a module. Walking over it is the module's main loop: it ends when all streams are over, or when the controller has
/// told the module to quit. It is moved before the loop or not at all.
class Communicator {
  public:
    /// Opens the ends of the module that a controller (`ipc run`) has started this process as, and tells the controller that it is
    /// ready.
    static Communicator from_env() { return Communicator(ipc_communicator_from_env); }

    /// Opens the ends of a module of an application's file, without a controller.
    static Communicator from_file(const std::string &path, const std::string &module) {
        return Communicator([&](auto **out) { return ipc_communicator_from_file(path.c_str(), module.c_str(), out); });
    }

    /// A channel that the module reads. Throws ApplicationError if it reads none of that name, Mismatch if that is for another class.
    template <class T>
    InputChannel<T> input(const std::string &channel) const {
        const auto known = detail::class_of<T>();
        std::size_t index = 0;
        detail::check(ipc_communicator_input(communicator_.get(), channel.c_str(), known.get(), &index));
        return InputChannel<T>(index);
    }

    /// Takes the producer of a channel that the module writes, once. Throws as input() does.
    template <class T>
    Producer<T> producer(const std::string &channel) {
        const auto known = detail::class_of<T>();
        return Producer<T>(detail::owned<ipc_producer>([&](ipc_producer **out) {
            // A writer zeroes what it lays out, so the library need not.
            return ipc_communicator_take_producer(communicator_.get(), channel.c_str(), known.get(), IPC_ZERO_REGIONS_NO, out);
        }));
    }

    /// Frames come by the time of their publishing, among those that wait. So it is if no order is chosen.
    void by_arrival() { detail::check(ipc_communicator_by_arrival(communicator_.get())); }

    /// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
    void in_turn() { detail::check(ipc_communicator_in_turn(communicator_.get())); }

    /// Always of the first of these channels that has a frame; those that are not named come after them.
    void by_priority(const std::vector<std::string> &channels) {
        // Not empty, so that its place is not null.
        std::vector<const char *> names(channels.size() + 1);
        std::transform(channels.begin(), channels.end(), names.begin(), [](const std::string &name) { return name.c_str(); });
        detail::check(ipc_communicator_by_priority(communicator_.get(), names.data(), channels.size()));
    }

    /// By a number that every frame has, such as its timestamp, over all channels. The next frame is known when every channel that is
    /// open has one.
    void merged_by(const std::string &member) { merged(member, IPC_FOREVER); }

    /// The same, in which frames wait no longer than that for a channel that is silent.
    void merged_within(const std::string &member, std::chrono::nanoseconds limit) { merged(member, detail::limit(limit)); }

    /// What comes next; waits for it. Nothing at the end of the main loop.
    std::optional<Input> next() { return next_within(IPC_FOREVER); }

    /// What comes next, if it is there. Nothing if not, and at the end of the main loop, which is_over() then says.
    std::optional<Input> try_next() { return next_within(IPC_AT_ONCE); }

    /// What comes next, if that is within so long a time. Nothing if not, and at the end of the main loop.
    std::optional<Input> next_for(std::chrono::nanoseconds time) { return next_within(detail::limit(time)); }

    /// Whether the main loop is at its end: all streams are over, or the controller has told the module to quit.
    bool is_over() const { return ipc_communicator_is_over(communicator_.get()); }

    /// For a main loop that has no frame to wait for: false once the controller has told the module to quit. While the module is
    /// stopped, this waits.
    bool go_on() {
        const ipc_status status = ipc_communicator_go_on(communicator_.get());
        if (status == IPC_QUIT) {
            return false;
        }
        detail::check(status);
        return true;
    }

    /// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped.
    template <class T>
    std::uint64_t missed(const InputChannel<T> &channel) const {
        return ipc_communicator_missed(communicator_.get(), channel.index_);
    }

    /// Walks over what comes, up to the end of the main loop.
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Input;
        using difference_type = std::ptrdiff_t;
        using pointer = Input *;
        using reference = Input &;

        Iterator() = default;
        explicit Iterator(Communicator &module) : module_(&module) { ++*this; }

        reference operator*() { return *input_; }
        pointer operator->() { return &*input_; }

        Iterator &operator++() {
            input_.reset();
            if (auto next = module_->next()) {
                input_.emplace(std::move(*next));
            } else {
                module_ = nullptr;
            }
            return *this;
        }

        bool operator==(const Iterator &other) const { return module_ == other.module_; }
        bool operator!=(const Iterator &other) const { return module_ != other.module_; }

      private:
        Communicator *module_ = nullptr;
        std::optional<Input> input_;
    };

    Iterator begin() { return Iterator(*this); }
    Iterator end() { return Iterator(); }

  private:
    template <class Open>
    explicit Communicator(Open opens) {
        ipc_communicator *communicator = nullptr;
        detail::check(opens(&communicator));
        communicator_.reset(communicator);
    }

    void merged(const std::string &member, std::int64_t limit) {
        detail::check(ipc_communicator_merged_by(communicator_.get(), member.c_str(), limit));
    }

    std::optional<Input> next_within(std::int64_t limit) {
        Input input(communicator_.get());
        const ipc_status status = ipc_communicator_next(communicator_.get(), limit, &input.index_, &input.raw_);
        if (status == IPC_OK || status == IPC_CLOSED) {
            return input;
        }
        if (status != IPC_QUIT && status != IPC_ALL_CLOSED) {
            detail::came(status);
        }
        return std::nullopt;
    }

    std::unique_ptr<ipc_communicator, detail::ClosesCommunicator> communicator_;
};

} // namespace ipc

#endif // IPC_COMMUNICATOR_HPP
