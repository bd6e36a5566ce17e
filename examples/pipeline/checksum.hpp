// CRC-32 as zlib and PNG have it.

#ifndef CHECKSUM_HPP
#define CHECKSUM_HPP

#include <array>
#include <cstdint>

#include <ipc/ipc_wire.hpp>

namespace detail {

/// What each byte adds: the remainder of its eight bits by the polynomial 0xedb88320, least significant bit first.
constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; byte++) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; bit++) {
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb88320U : 0);
        }
        table[byte] = rest;
    }
    return table;
}

} // namespace detail

inline std::uint32_t checksum(ipc::Bytes bytes) {
    static constexpr auto table = detail::crc_table();
    std::uint32_t rest = ~0U;
    for (const std::uint8_t byte : bytes) {
        rest = (rest >> 8) ^ table[(rest ^ byte) & 0xff];
    }
    return ~rest;
}

/// All pixels of a picture, row by row.
template <class Picture>
ipc::Bytes pixels(const Picture &picture) {
    return {picture.pixels[0][0].data(), sizeof picture.pixels};
}

#endif // CHECKSUM_HPP
