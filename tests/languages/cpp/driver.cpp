// Rewrites frames: see ../mod.rs. What follows is the table of classes.
#include <iostream>
#include <map>

using Frame = std::vector<std::uint8_t>;
using Answer = Frame (*)(const Frame *);

template <class Class>
Frame answer(const Frame *frame) {
    return frame == nullptr ? Class().serialize() : Class::deserialize(*frame).serialize();
}

extern const std::map<std::string, Answer> classes;

Frame from_hex(const std::string &hex) {
    Frame bytes;
    for (std::size_t i = 0; hex != "-" && i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::string to_hex(const Frame &bytes) {
    std::string hex;
    for (const std::uint8_t byte : bytes) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex.empty() ? "-" : hex;
}

int main() {
    std::string name;
    std::string hex;
    while (std::cin >> name >> hex) {
        try {
            const Frame frame = hex == "new" ? Frame() : from_hex(hex);
            const std::string rewritten = to_hex(classes.at(name)(hex == "new" ? nullptr : &frame));
            std::cout << "= " << rewritten << "\n";
        } catch (const ipc::FrameError &error) {
            std::cout << "! " << error.what() << "\n";
        }
    }
}

