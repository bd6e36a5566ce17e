// A process that has shared state open, in C++: `tests/src/bin/holder.rs` once more, with the commands below. It gets the
// description of its class, which it does not need, and the state's name as arguments.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include <ipc/shared.hpp>
#include <tally.hpp>

/// A tally of this count.
static Tally tally(std::uint64_t count) {
    Tally tally{};
    tally.count = count;
    tally.words.fill(count);
    return tally;
}

/// The count of a tally, all of whose words have it.
static std::uint64_t count(const Tally &tally) {
    if (!std::all_of(tally.words.begin(), tally.words.end(), [&](std::uint64_t word) { return word == tally.count; })) {
        std::cerr << "the value is torn\n";
        std::exit(1);
    }
    return tally.count;
}

class Holder {
  public:
    explicit Holder(const std::string &name) : shared_(name) {}

    std::string obey(const std::string &word, std::uint64_t number) {
        const auto time = std::chrono::milliseconds(number);
        if (word == "add") {
            for (std::uint64_t i = 0; i < number; i++) {
                auto value = shared_.lock();
                *value = tally(count(*value) + 1);
                value.publish();
            }
        } else if (word == "read") {
            return std::to_string(count(shared_.read()));
        } else if (word == "wait") {
            return std::to_string(count(shared_.wait_changed()));
        } else if (word == "lock") {
            locked_.emplace(shared_.lock());
        } else if (word == "try-lock") {
            locked_ = shared_.try_lock();
            return locked_ ? "done" : ipc_last_message();
        } else if (word == "lock-within") {
            locked_ = shared_.lock_for(time);
            return locked_ ? "done" : ipc_last_message();
        } else if (word == "wait-within") {
            const Tally *const value = shared_.wait_changed_for(time);
            return value != nullptr ? std::to_string(count(*value)) : ipc_last_message();
        } else if (word == "set") {
            **locked_ = tally(number);
        } else if (word == "unfinished") {
            const Tally *const found = locked_->unfinished();
            std::ostringstream text;
            if (found == nullptr) {
                return "none";
            }
            text << "(" << found->count << ", " << found->words[62] << ")";
            return text.str();
        } else if (word == "publish") {
            locked_->publish();
            locked_.reset();
        } else if (word == "discard") {
            locked_.reset();
        } else {
            std::cerr << "there is no command " << word << "\n";
            std::exit(1);
        }
        return "done";
    }

  private:
    ipc::Shared<Tally> shared_;
    std::optional<ipc::Locked<Tally>> locked_;
};

static void answer(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
        text.replace(at, 1, " | ");
    }
    std::cout << "= " << text << std::endl;
}

int main(int, char **argv) {
    try {
        Holder holder(argv[2]);
        answer("open");
        std::string line;
        while (std::getline(std::cin, line)) {
            std::istringstream words(line);
            std::string word;
            std::uint64_t number = 0;
            words >> word >> number;
            try {
                answer(holder.obey(word, number));
            } catch (const ipc::Error &error) {
                answer(error.what());
            }
        }
    } catch (const ipc::Error &error) {
        answer(error.what());
    }
    return 0;
}
