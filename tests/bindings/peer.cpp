// A process under test, in C++: `tests/src/bin/peer.rs` once more, with the commands that its table names. It gets the
// description of its classes, which it does not need, and then a ring's settings, as arguments.

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ipc/ipc.hpp>
#include <parcel.hpp>

#include "parcel.h"

using tests::Parcel;
using tests::Tick;

static void expect(bool holds, const std::string &what) {
    if (!holds) {
        std::cerr << what << "\n";
        std::exit(1);
    }
}

/// Whether a call throws that, and its text says so.
template <class Thrown, class Call>
static void throws(Call call, const std::string &text) {
    try {
        call();
    } catch (const Thrown &error) {
        return expect(std::string(error.what()).find(text) != std::string::npos, text + ": " + error.what());
    }
    expect(false, text + ": nothing was thrown");
}

/// Runs in a child of this process, whose ends are dead there.
template <class Call>
static void in_a_child(Call call) {
    const pid_t child = fork();
    if (child == 0) {
        call();
        _exit(0);
    }
    int status = 1;
    expect(waitpid(child, &status, 0) == child && status == 0, "the child does as it should");
}

static std::string kind(const ipc::Error &error) {
    static const char *const kinds[] = {"done", "Full", "Empty", "TimedOut", "Closed", "Replaced", "Mismatch",
                                        "NotThere", "NotARing", "Damaged", "Frame", "TooLarge", "ProducerTaken",
                                        "SlotTaken", "NoSuchSlot", "Forked", "Channel", "Description", "Os", "Differs",
                                        "NoFreeSlot", "NothingReserved", "FrameOpen", "Misuse", "Fault"};
    const auto *of_ring = dynamic_cast<const ipc::RingError *>(&error);
    return of_ring == nullptr ? "Frame" : kinds[of_ring->status()];
}

static Parcel parcel(std::uint64_t sequence, std::uint64_t capacity) {
    const parcel_content content = parcel_of(sequence, capacity);
    Parcel parcel;
    parcel.stamp = content.stamp;
    parcel.n = content.n;
    parcel.data.assign(content.data, content.data + content.n);
    parcel.seal = content.seal;
    return parcel;
}

/// The ends that this process has open.
class Ends {
  public:
    Ends(ipc::Channel<Parcel> channel, ipc::Channel<Tick> ticks, const char *name, std::uint64_t capacity)
        : channel_(std::move(channel)), ticks_(std::move(ticks)), name_(name), capacity_(capacity) {}

    std::string obey(const std::string &word, const std::string &argument, const std::string &second) {
        const std::uint64_t number = std::strtoull(argument.c_str(), nullptr, 10);
        const std::uint64_t size = std::strtoull(second.c_str(), nullptr, 10);
        const auto time = std::chrono::milliseconds(number);
        if (word == "create") {
            channel_.create();
        } else if (word == "produce") {
            producer_.emplace(channel_);
        } else if (word == "continue") {
            producer_.emplace(channel_, ipc::Mode::write);
        } else if (word == "produce-ticks") {
            ipc::Producer<Tick> producer(ticks_);
        } else if (word == "consume") {
            consumer_.emplace(channel_, argument);
        } else if (word == "join") {
            consumer_.emplace(channel_);
        } else if (word == "observe") {
            observer_.emplace(channel_);
        } else if (word == "send-to") {
            while (producer_->next_sequence() < number) {
                send();
            }
            return std::to_string(producer_->next_sequence());
        } else if (word == "batches-to") {
            while (producer_->next_sequence() < number) {
                producer_->batch([&] {
                    for (std::uint64_t left = size; left > 0 && producer_->next_sequence() < number; left--) {
                        send();
                    }
                });
            }
            return std::to_string(producer_->next_sequence());
        } else if (word == "frame-io") {
            frame_io_.reset();
            frame_io_.emplace(channel_, mode_of(argument), argument == "read" ? "reader" : nullptr);
        } else if (word == "write-frames") {
            for (std::uint64_t sequence = number; sequence < size; sequence++) {
                expect(frame_io_->write_frame(parcel(sequence, capacity_)) == sequence, "its number");
            }
        } else if (word == "read-frames") {
            std::uint64_t first = 0;
            std::uint64_t end = 0;
            for (std::uint64_t left = number; left > 0; left--) {
                add(frame_io_->read_frame(), first, end);
            }
            return range(first, end);
        } else if (word == "try-send") {
            return came<ipc::Full>(producer_->try_send(next()));
        } else if (word == "send-within-ms") {
            return came<ipc::TimedOut>(producer_->send_for(next(), time));
        } else if (word == "recv") {
            return receive(number);
        } else if (word == "drain") {
            return drain();
        } else if (word == "drain-watching") {
            return drain_watching();
        } else if (word == "drain-batches") {
            return drain_batches(number);
        } else if (word == "try-recv") {
            return came<ipc::Empty>(seen(consumer_->try_recv()));
        } else if (word == "recv-within-ms") {
            return came<ipc::TimedOut>(seen(consumer_->recv_for(time)));
        } else if (word == "look") {
            return came<ipc::Empty>(seen(observer_->try_recv()));
        } else if (word == "skip") {
            return std::to_string(consumer_->skip_to_latest());
        } else if (word == "state") {
            static const char *const states[] = {"NeverOpened", "Open", "Closed", "Gone", "Replaced"};
            return states[static_cast<int>(consumer_->producer_state())];
        } else if (word == "close") {
            producer_->close();
            producer_.reset();
        } else if (word == "misuse") {
            misuse();
        } else if (word == "drop") {
            producer_.reset();
            consumer_.reset();
            observer_.reset();
            frame_io_.reset();
        } else {
            expect(false, "there is no command " + word);
        }
        return "done";
    }

  private:
    Parcel next() const { return parcel(producer_->next_sequence(), capacity_); }

    /// Sends the next parcel, by value and in place in turns.
    void send() {
        const Parcel value = next();
        if (value.stamp % 2 == 0) {
            producer_->send(value);
            return;
        }
        auto place = producer_->reserve(value.dims());
        place->stamp() = value.stamp;
        place->seal() = value.seal;
        std::copy(value.data.begin(), value.data.end(), place->data().begin());
        place.publish();
    }

    /// A number, or the text with which C says why there is none.
    template <class Outcome>
    static std::string came(std::optional<std::uint64_t> number) {
        if (!number) {
            throw Outcome(ipc_last_message());
        }
        return std::to_string(*number);
    }

    template <class Received>
    std::optional<std::uint64_t> seen(const std::optional<Received> &frame) const {
        if (!frame) {
            return std::nullopt;
        }
        check(*frame);
        return frame->sequence();
    }

    template <class Received>
    void check(const Received &frame) const {
        const Parcel expected = parcel(frame.sequence(), capacity_);
        expect(frame->stamp() == expected.stamp && frame->n() == expected.n && frame->seal() == expected.seal, "other members");
        expect(std::equal(frame->data().begin(), frame->data().end(), expected.data.begin(), expected.data.end()), "other data");
        const std::vector<std::uint8_t> bytes = expected.serialize();
        expect(std::equal(bytes.begin(), bytes.end(), frame.bytes().begin(), frame.bytes().end()), "other bytes");
    }

    std::string receive(std::uint64_t count) {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        while (count-- > 0) {
            add(consumer_->recv(), first, end);
        }
        return range(first, end);
    }

    static std::string range(std::uint64_t first, std::uint64_t end) {
        return end == 0 ? "nothing" : std::to_string(first) + ".." + std::to_string(end);
    }

    std::string drain() {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        for (const auto &frame : *consumer_) {
            add(frame, first, end);
        }
        return "closed " + range(first, end);
    }

    std::string drain_watching() {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        pollfd watched = {consumer_->descriptor(), POLLIN, 0};
        try {
            while (true) {
                while (const auto frame = consumer_->try_recv()) {
                    add(*frame, first, end);
                }
                expect(poll(&watched, 1, -1) == 1, "the doorbell rings");
            }
        } catch (const ipc::Closed &) {
            return "closed " + range(first, end);
        }
    }

    std::string drain_batches(std::uint64_t room) {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        ipc::Batch<Parcel> batch(room);
        try {
            while (true) {
                consumer_->recv(batch);
                expect(!batch.empty() && batch.size() <= room, "at least one frame, and no more than there is room for");
                for (const auto &frame : batch) {
                    add(frame, first, end);
                }
            }
        } catch (const ipc::Closed &) {
            expect(batch.empty(), "nothing came");
            return "closed " + range(first, end);
        }
    }

    static ipc::FrameIO<Parcel>::Mode mode_of(const std::string &word) {
        using Mode = ipc::FrameIO<Parcel>::Mode;
        return word == "create" ? Mode::create : word == "write" ? Mode::write
                                                                 : Mode::read;
    }

    template <class Received>
    void add(const Received &frame, std::uint64_t &first, std::uint64_t &end) const {
        check(frame);
        if (end == 0) {
            first = end = frame.sequence();
        }
        expect(frame.sequence() == end++, "a gap");
    }

    /// A value that cannot be written leaves no frame open.
    struct Unwritable : Tick {
        void serialize_into(void *, std::size_t, const Dims & = {}) const { throw std::runtime_error("unwritable"); }
    };

    /// What is wrong throws, and harms nothing; several frames are held at once, and outlive their consumer.
    void misuse() {
        Parcel wrong = next();
        wrong.n += 1;
        throws<ipc::FrameError>([&] { producer_->send(wrong); }, "member data");
        throws<ipc::TooLarge>([&] { producer_->reserve({static_cast<std::uint32_t>(capacity_)}); }, "does not fit");
        {
            auto given_up = producer_->reserve({3});
        }
        const std::uint64_t first = producer_->next_sequence();
        producer_->batch([&] {
            send();
            send();
        });
        auto place = producer_->reserve(next().dims());
        throws<ipc::FrameOpen>([&] { producer_->reserve(next().dims()); }, "publish it or give it up before the next one");
        throws<ipc::FrameOpen>([&] { producer_->send(next()); }, "publish it or give it up before the next one");
        auto moved = std::move(place);
        throws<ipc::Released>([&] { place.publish(); }, "this frame was published or given up");
        throws<ipc::ProducerTaken>([&] { ipc::Producer<Parcel> another(channel_); }, "has a producer already");
        throws<ipc::SlotTaken>([&] { ipc::Consumer<Parcel> another(channel_, "reader"); }, "attached to the reserved slot");
        throws<ipc::NoSuchSlot>([&] { ipc::Consumer<Parcel> nobody(channel_, "nobody"); }, "no reserved slot \"nobody\"");
        auto differs = channel_;
        throws<ipc::Differs>([&] { differs.capacity(2 * capacity_).create(); }, "differs from this channel");
        throws<ipc::Mismatch>([&] { differs.create(); }, "differs from this channel");
        in_a_child([&] {
            throws<ipc::Forked>([&] { moved.publish(); }, "open the channel again in the child");
            throws<ipc::Forked>([&] { producer_->send(next()); }, "open the channel again in the child");
        });
        moved.publish();
        const Parcel right = next();
        auto closes = std::move(*producer_);
        throws<ipc::Released>([&] { producer_->send(right); }, "this producer was closed");
        throws<ipc::Released>([&] { producer_->reserve(right.dims()); }, "this producer was closed");
        throws<ipc::Released>([&] { producer_->close(); }, "this producer was closed");
        throws<ipc::Released>([&] { producer_->next_sequence(); }, "this producer was closed");
        *producer_ = std::move(closes);
        ipc::Channel<Unwritable> unwritable(name_ + ".unwritable");
        {
            ipc::Producer<Unwritable> producer(unwritable);
            throws<std::runtime_error>([&] { producer.send({}); }, "unwritable");
            producer.reserve().publish();
        }
        unwritable.remove();
        using FrameIO = ipc::FrameIO<Parcel>;
        throws<ipc::RingError>([&] { FrameIO(channel_, FrameIO::Mode::read).write_frame(wrong); }, "this FrameIO reads");
        std::optional<ipc::Frame<Parcel>> kept;
        {
            auto one = consumer_->recv();
            auto two = consumer_->recv();
            expect(one.sequence() == first && two.sequence() == first + 1, "both are there");
            expect(consumer_->recv().sequence() == first + 2, "the one frame that was reserved");
            expect(!consumer_->try_recv(), "nothing was published by what was given up");
            kept.emplace(std::move(one));
        }
        consumer_.reset();
        check(*kept);
    }

    ipc::Channel<Parcel> channel_;
    ipc::Channel<Tick> ticks_;
    std::string name_;
    std::uint64_t capacity_;
    std::optional<ipc::Producer<Parcel>> producer_;
    std::optional<ipc::Consumer<Parcel>> consumer_;
    std::optional<ipc::Observer<Parcel>> observer_;
    std::optional<ipc::FrameIO<Parcel>> frame_io_;
};

template <class T>
static ipc::Channel<T> channel(char **settings) {
    std::vector<std::string> reserved;
    std::istringstream names(settings[2]);
    for (std::string name; std::getline(names, name, ',');) {
        reserved.push_back(name);
    }
    const std::string wait = settings[4];
    ipc::Channel<T> channel(settings[0]);
    channel.capacity(std::strtoull(settings[1], nullptr, 10)).reserve(reserved);
    channel.dynamic_slots(static_cast<std::uint32_t>(std::atoi(settings[3])));
    channel.wait(wait == "Spin" ? ipc::Wait::spin : wait == "Sleep" ? ipc::Wait::sleep
                                                                    : ipc::Wait::spin_then_sleep);
    channel.fence(settings[5] == std::string("Symmetric") ? ipc::Fence::symmetric : ipc::Fence::asymmetric);
    return channel.wait_for_ring(std::chrono::seconds(30));
}

int main(int argc, char **argv) {
    expect(argc == 8, "a test starts this program with a description and a ring's settings");
    char **settings = argv + 2;
    Ends ends(channel<Parcel>(settings), channel<Tick>(settings), settings[0], std::strtoull(settings[1], nullptr, 10));
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string word;
        std::string argument;
        std::string second;
        words >> word >> argument >> second;
        try {
            const std::string answer = ends.obey(word, argument, second);
            std::cout << "= " << answer << std::endl;
        } catch (const ipc::Error &error) {
            std::string text = kind(error) + ": " + error.what();
            for (std::size_t at = 0; (at = text.find('\n')) != std::string::npos;) {
                text.replace(at, 1, " | ");
            }
            std::cout << "= " << text << std::endl;
        }
    }
}
