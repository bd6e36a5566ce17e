// A counter and a message that several processes share, as the program of that name in Rust: `shared_data CLASSES say TEXT`
// changes both at once, `shared_data CLASSES watch` prints them whenever they have changed. CLASSES is for other languages: here
// the class is compiled in.

#include <algorithm>
#include <iostream>
#include <string>

#include <ipc/shared.hpp>
#include <shared_data.hpp>

static void say(const std::string &text) {
    ipc::Shared<SharedData> shared("shared_data"); // makes it, or opens the one that is there
    auto data = shared.lock();
    if (const SharedData *unfinished = data.unfinished()) {
        std::cerr << "somebody died at message " << unfinished->counter << "; it never was one\n";
    }
    data->counter += 1;
    data->message.fill(0);
    const std::size_t length = std::min(text.size(), data->message.size() - 1);
    std::copy_n(text.begin(), length, data->message.begin());
    data.publish(); // both members at once, for everybody
}

static void watch() {
    ipc::Shared<SharedData> shared("shared_data");
    while (true) {
        const SharedData &data = shared.wait_changed();
        const auto end = std::find(data.message.begin(), data.message.end(), '\0');
        std::cout << data.counter << ": " << std::string(data.message.begin(), end) << std::endl;
    }
}

int main(int argc, char **argv) {
    const std::string what = argc > 2 ? argv[2] : "";
    try {
        if (what == "say" && argc == 4) {
            say(argv[3]);
        } else if (what == "watch") {
            watch();
        } else {
            std::cerr << "usage: shared_data CLASSES say TEXT | shared_data CLASSES watch\n";
            return 2;
        }
    } catch (const ipc::Error &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
    return 0;
}
