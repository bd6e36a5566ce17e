// A module of the tests' applications, in C++: `tests/src/bin/communicator.rs` once more, with the commands `read ORDER` and `send
// BEGIN STEP COUNT`, and with `hold` and `refusals CLASSES`, which tells the texts of what is refused.

#include <iostream>
#include <string>

#include <classes.hpp>
#include <ipc/communicator.hpp>

namespace {

void say(const std::string &line) { std::cout << line << std::endl; }

/// The first line of the error of a kind that a call throws.
template <class Kind, class Call>
void say_error(Call call) {
    try {
        call();
    } catch (const Kind &error) {
        const std::string text = error.what();
        return say(text.substr(0, text.find('\n')));
    }
    say("no error");
}

/// `arrival`, `round`, `priority:NAME`, `merged:MEMBER`.
void order(ipc::Communicator &module, const std::string &order) {
    const std::string name = order.substr(order.find(':') + 1);
    if (order == "arrival") {
        module.by_arrival();
    } else if (order == "round") {
        module.in_turn();
    } else if (order.rfind("merged:", 0) == 0) {
        module.merged_by(name);
    } else {
        module.by_priority({name});
    }
}

void read_all(ipc::Communicator &module) {
    const auto a = module.input<Sample>("a");
    std::optional<ipc::InputChannel<Sample>> b;
    std::optional<ipc::InputChannel<Scan>> c;
    // Not every application has them.
    try {
        b = module.input<Sample>("b");
        c = module.input<Scan>("c");
    } catch (const ipc::ApplicationError &) {
    }
    for (auto &input : module) {
        const std::string channel = input.channel();
        if (input.is_closed()) {
            say(channel + " is closed");
        } else if (auto sample = input.is_of(a) ? input.as(a) : input.as(*b)) {
            say(channel + " " + std::to_string((*sample)->stamp));
        } else if (auto scan = input.as(*c)) {
            say(channel + " " + std::to_string((*scan)->stamp()));
        }
    }
    if (!module.is_over()) {
        throw ipc::Error("the main loop has ended before its end");
    }
    say(module.go_on() ? "all are closed" : "told to quit");
}

/// Sends so many frames, every other one written in place.
void send_all(ipc::Communicator &module, std::int64_t begin, std::int64_t step, std::int64_t count) {
    auto producer = module.producer<Sample>("a");
    for (std::int64_t number = 0; number < count && module.go_on(); number++) {
        const std::uint64_t next = producer.next_sequence();
        Sample sample;
        sample.stamp = begin + number * step;
        std::optional<std::uint64_t> sequence;
        if (number % 2 == 0) {
            sequence = producer.deliver(sample);
        } else if (auto place = producer.reserve_delivery()) {
            (*place)->stamp = sample.stamp;
            sequence = place->publish();
        }
        if (sequence) {
            say("Sent(" + std::to_string(*sequence) + ")");
        } else if (producer.next_sequence() != next) {
            say("Dropped(" + std::to_string(next) + ")");
        } else {
            say("Unsent");
        }
    }
    producer.close();
    say("sent");
}

/// Reads frames that it holds while the communicator is closed.
void hold(ipc::Communicator module) {
    const auto a = module.input<Sample>("a"), b = module.input<Sample>("b");
    std::vector<ipc::Frame<Sample>> frames;
    while (frames.size() < 3) {
        auto input = module.next();
        auto frame = input->is_of(a) ? input->as(a) : input->as(b);
        frames.push_back(std::move(*frame));
        if (input->as(a) || input->as(b)) {
            throw ipc::Error("a frame is taken once");
        }
    }
    {
        const auto closed = std::move(module);
    }
    for (; !frames.empty(); frames.pop_back()) {
        say("held " + std::to_string(frames.back()->stamp));
    }
}

void refusals(ipc::Communicator &module) {
    say_error<ipc::ApplicationError>([&] { module.input<Sample>("x"); });
    say_error<ipc::Mismatch>([&] { module.input<Scan>("a"); });
    say_error<ipc::ApplicationError>([&] { module.producer<Sample>("a"); });
    say_error<ipc::Mismatch>([&] { module.producer<Scan>("b"); });
    say_error<ipc::ApplicationError>([&] { module.merged_by("weight"); });
    say_error<ipc::ApplicationError>([&] { module.by_priority({"x"}); });
    for (const auto limit : {0, 1}) {
        if (module.next_for(std::chrono::milliseconds(limit)) || module.is_over()) {
            throw ipc::Error("nothing was to come");
        }
        say(ipc_last_message());
    }
}

} // namespace

int main(int count, char **arguments) try {
    auto module = ipc::Communicator::from_env();
    const std::string command = count > 1 ? arguments[1] : "";
    if (command == "read") {
        order(module, arguments[2]);
        read_all(module);
    } else if (command == "send") {
        send_all(module, std::stoll(arguments[2]), std::stoll(arguments[3]), std::stoll(arguments[4]));
    } else if (command == "hold") {
        hold(std::move(module));
    } else {
        refusals(module);
    }
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
