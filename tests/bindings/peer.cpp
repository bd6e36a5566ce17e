// A process under test, in C++: `tests/src/bin/peer.rs` once more, with the commands that its table names. It gets the
// description of its classes, which it does not need, and then a ring's settings, as arguments.

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

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

/// Whether a call throws that, and with a text.
template <class Thrown, class Call>
static void throws(Call call, const std::string &what) {
    try {
        call();
    } catch (const Thrown &error) {
        return expect(*error.what() != 0, what + ": no text");
    }
    expect(false, what + ": nothing was thrown");
}

static std::string kind(const ipc::Error &error) {
    static const char *const kinds[] = {"done", "Full", "Empty", "TimedOut", "Closed", "Replaced", "Mismatch",
                                        "NotThere", "NotARing", "Damaged", "Frame", "TooLarge", "ProducerTaken",
                                        "SlotTaken", "NoSuchSlot", "Forked", "Channel", "Description", "Os", "Misuse",
                                        "Fault"};
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
    explicit Ends(ipc::Channel<Parcel> channel, ipc::Channel<Tick> ticks, std::uint64_t capacity)
        : channel_(std::move(channel)), ticks_(std::move(ticks)), capacity_(capacity) {}

    std::string obey(const std::string &word, const std::string &argument) {
        const std::uint64_t number = std::strtoull(argument.c_str(), nullptr, 10);
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
        } else if (word == "try-send") {
            return came<ipc::Full>(producer_->try_send(next()));
        } else if (word == "send-within-ms") {
            return came<ipc::TimedOut>(producer_->send_for(next(), time));
        } else if (word == "recv") {
            return receive(number);
        } else if (word == "drain") {
            return drain();
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

    void add(const ipc::Frame<Parcel> &frame, std::uint64_t &first, std::uint64_t &end) const {
        check(frame);
        if (end == 0) {
            first = end = frame.sequence();
        }
        expect(frame.sequence() == end++, "a gap");
    }

    /// What is wrong throws, and harms nothing; several frames are held at once, and outlive their consumer.
    void misuse() {
        Parcel wrong = next();
        wrong.n += 1;
        throws<ipc::FrameError>([&] { producer_->send(wrong); }, "an array that disagrees with its dimensions");
        throws<ipc::RingError>([&] { producer_->reserve({static_cast<std::uint32_t>(capacity_)}); }, "a frame that is too large");
        {
            auto given_up = producer_->reserve({3});
        }
        const std::uint64_t first = producer_->next_sequence();
        producer_->batch([&] {
            send();
            send();
        });
        auto place = producer_->reserve(next().dims());
        auto moved = std::move(place);
        throws<ipc::RingError>([&] { place.publish(); }, "a reservation that was moved from");
        throws<ipc::RingError>([&] { ipc::FrameIO<Parcel>(channel_, ipc::FrameIO<Parcel>::Mode::read).write_frame(wrong); },
                               "a FrameIO that reads");
        std::optional<ipc::Frame<Parcel>> kept;
        {
            auto one = consumer_->recv();
            auto two = consumer_->recv();
            expect(one.sequence() == first && two.sequence() == first + 1, "both are there");
            expect(!consumer_->try_recv(), "nothing was published by what was given up");
            kept.emplace(std::move(one));
        }
        consumer_.reset();
        check(*kept);
    }

    ipc::Channel<Parcel> channel_;
    ipc::Channel<Tick> ticks_;
    std::uint64_t capacity_;
    std::optional<ipc::Producer<Parcel>> producer_;
    std::optional<ipc::Consumer<Parcel>> consumer_;
    std::optional<ipc::Observer<Parcel>> observer_;
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
    Ends ends(channel<Parcel>(settings), channel<Tick>(settings), std::strtoull(settings[1], nullptr, 10));
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string word;
        std::string argument;
        words >> word >> argument;
        try {
            const std::string answer = ends.obey(word, argument);
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
