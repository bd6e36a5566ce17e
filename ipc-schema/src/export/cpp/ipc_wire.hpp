// What exported C++ classes stand on: spans, errors, checked sizes, and the walks over a frame's bytes.
//
// Written by `ipc export --lang cpp`; the same for every schema. C++17, no dependencies, no allocation but for the vectors
// and strings of owned values and for errors.

// Not `#pragma once`: a program may have this file beside its exported classes and with the installed library.
#ifndef IPC_WIRE_HPP
#define IPC_WIRE_HPP

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");
static_assert(alignof(std::uint64_t) == 8 && alignof(double) == 8, "frames align 64-bit scalars to 8");
static_assert(sizeof(float) == 4 && sizeof(double) == 8 && sizeof(char) == 1, "frames have IEEE 754 floats");

namespace ipc {

/// Hash of a class: two programs compare it before they exchange a frame.
using Fingerprint = std::array<std::uint8_t, 16>;

/// Elements that stand elsewhere. Valid as long as they are.
template <class T>
class Span {
  public:
    constexpr Span() = default;
    constexpr Span(T *data, std::size_t size) : data_(data), size_(size) {}

    /// Of anything that has its elements side by side.
    template <class Range, class = std::enable_if_t<std::is_convertible_v<decltype(std::declval<Range &>().data()), T *>>>
    constexpr Span(Range &&range) : data_(range.data()), size_(range.size()) {}

    constexpr T *data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr T *begin() const { return data_; }
    constexpr T *end() const { return data_ + size_; }
    constexpr T &operator[](std::size_t index) const { return data_[index]; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/// Bytes that are read.
using Bytes = Span<const std::uint8_t>;

/// A bool in a frame: one byte. Any but 0 reads as true, so that any bytes are a value.
class Bool {
  public:
    constexpr Bool() = default;
    constexpr Bool(bool value) : byte_(value ? 1 : 0) {}
    constexpr operator bool() const { return byte_ != 0; }

  private:
    std::uint8_t byte_ = 0;
};

/// Whether the regions of a frame that is to be written are zeroed first.
enum class ZeroRegions {
    yes,
    /// They hold whatever was there: the caller writes them all.
    no,
};

/// Whatever this library throws.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Bytes that are no frame of a class, or a value that its class refuses.
class FrameError : public Error {
  public:
    FrameError(std::string_view class_name, std::string path, std::string problem)
        : Error(""), class_name_(class_name), path_(std::move(path)), problem_(std::move(problem)) {
        compose();
    }

    /// Class, member and problem.
    const char *what() const noexcept override { return what_.c_str(); }

    /// Name of the frame's class.
    const std::string &class_name() const { return class_name_; }

    /// Where it is: `points[3].x`; empty for the frame as a whole.
    const std::string &path() const { return path_; }

    /// The error of a frame of another class, in which it lies at `place`.
    void put_inside(std::string_view class_name, const std::string &place) {
        class_name_ = class_name;
        path_ = path_.empty() ? place : place + "." + path_;
        compose();
    }

  private:
    void compose() {
        what_ = "class " + class_name_ + (path_.empty() ? "" : ", member " + path_) + ": " + problem_;
    }

    std::string class_name_;
    std::string path_;
    std::string problem_;
    std::string what_;
};

// For exported classes; it may change in any release.
namespace wire {

inline constexpr std::uint64_t frame_limit = std::uint64_t{1} << 32;
inline constexpr std::uint64_t no_max = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::size_t end_bytes = 4;
inline constexpr const char *too_long = "a frame is shorter than 4 GiB, and this one is not";

/// The next multiple of `align` at or after `at`.
constexpr std::uint64_t align_up(std::uint64_t at, std::uint64_t align) {
    return (at > no_max - (align - 1) ? no_max : at + (align - 1)) / align * align;
}

constexpr std::uint64_t align8(std::uint64_t at) { return align_up(at, 8); }

// Numbers as the errors of every language write them.

template <class Integer>
std::enable_if_t<std::is_integral_v<Integer>, std::string> to_text(Integer value) {
    return std::to_string(value);
}

/// In decimal, without an exponent, and with no more digits than tell it from its neighbours.
inline std::string to_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value < 0 ? "-inf" : "inf";
    }
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto e = text.find('e');
    std::string digits;
    for (const char c : text.substr(0, e)) {
        if (c >= '0' && c <= '9') {
            digits.push_back(c);
        }
    }
    int exponent = 0;
    const auto exponent_text = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
    std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
    const auto count = static_cast<int>(digits.size());
    if (exponent < 0) {
        digits = "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    } else if (count <= exponent + 1) {
        digits += std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
    } else {
        digits.insert(static_cast<std::size_t>(exponent + 1), ".");
    }
    return (std::signbit(value) ? "-" : "") + digits;
}

/// A value as the number that its bounds speak of.
template <class T>
constexpr auto number(T value) {
    if constexpr (std::is_enum_v<T>) {
        return static_cast<std::underlying_type_t<T>>(value);
    } else if constexpr (std::is_same_v<T, char>) {
        return static_cast<unsigned char>(value);
    } else if constexpr (std::is_same_v<T, float>) {
        return static_cast<double>(value);
    } else {
        return value;
    }
}

/// Which member of which class a check is about, or which element of it.
struct Site {
    std::string_view class_name;
    std::string_view member;
    std::int64_t element = -1;

    Site at(std::size_t index) const { return {class_name, member, static_cast<std::int64_t>(index)}; }

    std::string place() const {
        return std::string(member) + (element < 0 ? "" : "[" + std::to_string(element) + "]");
    }

    [[noreturn]] void fail(std::string problem) const {
        throw FrameError(class_name, place(), std::move(problem));
    }

    /// `range` is ` from 0 up to 7`.
    template <class T>
    [[noreturn]] void out_of_range(std::string_view range, T found) const {
        fail("expected a value" + std::string(range) + ", found " + to_text(number(found)));
    }

    void check_len(std::uint64_t len_bytes, std::uint64_t max_bytes) const {
        if (len_bytes > max_bytes) {
            fail("expected at most " + std::to_string(max_bytes) + " bytes (its max), found " + std::to_string(len_bytes));
        }
    }

    /// What is wrong inside of the member is wrong in its class.
    template <class Run>
    auto inside(Run &&run) const -> decltype(run()) {
        try {
            return run();
        } catch (FrameError &error) {
            error.put_inside(class_name, place());
            throw;
        }
    }
};

/// Calls `within` with a value and its site, or with each element of an array, however deep, and its flat index.
template <class T, class Within>
void check(const T &value, Site site, const Within &within) {
    within(value, site);
}

template <class T, std::size_t count, class Within>
std::size_t check_from(const std::array<T, count> &values, Site site, const Within &within, std::size_t index) {
    for (const T &value : values) {
        if constexpr (std::is_invocable_v<const Within &, const T &, Site>) {
            within(value, site.at(index++));
        } else {
            index = check_from(value, site, within, index);
        }
    }
    return index;
}

template <class T, std::size_t count, class Within>
void check(const std::array<T, count> &values, Site site, const Within &within) {
    check_from(values, site, within, 0);
}

template <class T, class Within>
void check(Span<const T> values, Site site, const Within &within) {
    for (std::size_t index = 0; index < values.size(); ++index) {
        within(values[index], site.at(index));
    }
}

// Sizes: unsigned 64-bit arithmetic, checked at every step.

/// A value that a size names.
struct Operand {
    std::string_view name;
    std::string value;
};

/// `n*n with n = 3`
inline std::string size_text(std::string_view size, std::initializer_list<Operand> operands) {
    std::string text(size);
    const char *before = " with ";
    for (const Operand &operand : operands) {
        text += before + std::string(operand.name) + " = " + operand.value;
        before = ", ";
    }
    return text;
}

/// A size has no value.
struct SizeError {
    std::string why;

    [[noreturn]] void rethrow(Site site, std::string_view size, std::initializer_list<Operand> operands) const {
        site.fail("its size is " + size_text(size, operands) + ": " + why);
    }
};

[[noreturn]] inline void no_size(const std::string &why) { throw SizeError{"a size expression: " + why}; }

[[noreturn]] inline void overflow(std::uint64_t left, const char *symbol, std::uint64_t right) {
    no_size(std::to_string(left) + " " + symbol + " " + std::to_string(right) + " overflows 64 bits");
}

template <class Integer>
std::uint64_t operand(Integer value) {
    if constexpr (std::is_signed_v<Integer>) {
        if (value < 0) {
            no_size(std::to_string(value) + " is negative, and sizes are unsigned");
        }
    }
    return static_cast<std::uint64_t>(value);
}

inline std::uint64_t add(std::uint64_t left, std::uint64_t right) {
    if (left > no_max - right) {
        overflow(left, "+", right);
    }
    return left + right;
}

inline std::uint64_t subtract(std::uint64_t left, std::uint64_t right) {
    if (left < right) {
        no_size(std::to_string(left) + " - " + std::to_string(right) + " is below zero, and sizes are unsigned");
    }
    return left - right;
}

inline std::uint64_t multiply(std::uint64_t left, std::uint64_t right) {
    if (right != 0 && left > no_max / right) {
        overflow(left, "*", right);
    }
    return left * right;
}

inline std::uint64_t divide(std::uint64_t left, std::uint64_t right) {
    if (right == 0) {
        no_size(std::to_string(left) + " is divided by zero");
    }
    return left / right;
}

inline std::uint64_t remainder(std::uint64_t left, std::uint64_t right) {
    if (right == 0) {
        no_size(std::to_string(left) + " is divided by zero");
    }
    return left % right;
}

constexpr std::uint64_t minimum(std::uint64_t left, std::uint64_t right) { return left < right ? left : right; }

constexpr std::uint64_t maximum(std::uint64_t left, std::uint64_t right) { return left > right ? left : right; }

/// The product of an array's dimensions, from left to right: an overflow before a zero is an error too.
inline std::uint64_t element_count(std::initializer_list<std::uint64_t> dims) {
    std::uint64_t count = 1;
    for (const std::uint64_t dim : dims) {
        if (dim != 0 && count > no_max / dim) {
            throw SizeError{"the number of elements overflows 64 bits"};
        }
        count *= dim;
    }
    return count;
}

/// Why an array has as many elements.
inline std::string because(std::string_view size, std::initializer_list<Operand> operands) {
    return operands.size() == 0 ? std::string() : ", because its size is " + size_text(size, operands);
}

template <class Because>
void check_count(Site site, std::uint64_t expected, std::size_t found, const Because &because) {
    if (expected != found) {
        site.fail("expected " + std::to_string(expected) + " elements" + because() + ", found " + std::to_string(found));
    }
}

// Values in a frame.

/// A value that decides where something is. It is read once: another process may change it.
template <class T>
T once(const T &place) {
    static_assert(std::is_trivially_copyable_v<T>);
    if constexpr (std::is_scalar_v<T>) {
        return *const_cast<const volatile T *>(&place);
    } else {
        T value;
        const auto *from = reinterpret_cast<const volatile std::uint8_t *>(&place);
        auto *to = reinterpret_cast<std::uint8_t *>(&value);
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            to[i] = from[i];
        }
        return value;
    }
}

inline std::uint32_t read_u32(const std::uint8_t *at) {
    std::uint32_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline void set_present(std::uint8_t &bits, std::uint8_t mask, bool present) {
    bits = static_cast<std::uint8_t>(present ? bits | mask : bits & ~mask);
}

template <class T>
void clear(T &place) {
    std::memset(static_cast<void *>(&place), 0, sizeof place);
}

/// Bools to 0 or 1; structs as they tidy themselves; arrays element by element.
template <class T>
void tidy(T &place) {
    place.tidy();
}

inline void tidy(Bool &place) { place = static_cast<bool>(place); }

template <class T, std::size_t count>
void tidy(std::array<T, count> &places) {
    for (T &place : places) {
        tidy(place);
    }
}

template <class T>
void tidy(Span<T> places) {
    for (T &place : places) {
        tidy(place);
    }
}

/// Where the first byte stands that is no UTF-8; none if all is.
inline std::optional<std::size_t> invalid_utf8(Bytes text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::uint8_t lead = text[at];
        if (lead < 0x80) {
            ++at;
            continue;
        }
        // How many bytes follow, and what the first of them may be: no form that is too long, no half of a surrogate pair,
        // nothing above U+10FFFF.
        std::size_t more = 0;
        std::uint8_t least = 0x80;
        std::uint8_t greatest = 0xbf;
        if (lead >= 0xc2 && lead <= 0xdf) {
            more = 1;
        } else if (lead >= 0xe0 && lead <= 0xef) {
            more = 2;
            least = lead == 0xe0 ? 0xa0 : least;
            greatest = lead == 0xed ? 0x9f : greatest;
        } else if (lead >= 0xf0 && lead <= 0xf4) {
            more = 3;
            least = lead == 0xf0 ? 0x90 : least;
            greatest = lead == 0xf4 ? 0x8f : greatest;
        }
        if (more == 0 || text.size() - at <= more || text[at + 1] < least || text[at + 1] > greatest) {
            return at;
        }
        for (std::size_t i = 2; i <= more; ++i) {
            if ((text[at + i] & 0xc0) != 0x80) {
                return at;
            }
        }
        at += more + 1;
    }
    return std::nullopt;
}

inline void check_utf8(Bytes text, Site site) {
    if (const auto at = invalid_utf8(text)) {
        site.fail("expected UTF-8, found an invalid sequence at byte " + std::to_string(*at));
    }
}

/// A byte, or a T, that may be written if `Byte` may be.
template <class T, class Byte>
using LikeByte = std::conditional_t<std::is_const_v<Byte>, const T, T>;

/// Where elements of variable size stand in their region: a table of ends, then the bodies.
class Table {
  public:
    Table(Bytes region, std::uint64_t count, std::uint64_t align, Site site)
        : region_(region), count_(count), align_(align), site_(site) {
        first_ = count >= frame_limit / end_bytes ? frame_limit : align8(end_bytes * count);
    }

    /// Checks all of it.
    void check() const {
        if (count_ == 0) {
            if (!region_.empty()) {
                fail("an array without elements has a region of " + std::to_string(region_.size()) + " bytes");
            }
            return;
        }
        if (first_ >= frame_limit) {
            fail(too_long);
        }
        if (first_ > region_.size()) {
            past_end(first_);
        }
        std::uint64_t end = 0;
        for (std::uint64_t index = 0; index < count_; ++index) {
            end = check_end(index, align_up(end, align_), end_of(index));
        }
        if (first_ + end != region_.size()) {
            fail("the last region ends at byte " + std::to_string(first_ + end) + ", but there are " +
                 std::to_string(region_.size()) + " bytes");
        }
    }

    /// Offset and length of an element, checked by itself: another process may have changed the table.
    std::pair<std::size_t, std::size_t> operator[](std::uint64_t index) const {
        if (index >= count_) {
            fail("expected an index below " + std::to_string(count_) + ", found " + std::to_string(index));
        }
        if (first_ > region_.size()) {
            past_end(first_);
        }
        const std::uint64_t start = index == 0 ? 0 : align_up(end_of(index - 1), align_);
        const std::uint64_t end = check_end(index, start, end_of(index));
        return {static_cast<std::size_t>(first_ + start), static_cast<std::size_t>(end - start)};
    }

  private:
    std::uint64_t end_of(std::uint64_t index) const {
        return once(*reinterpret_cast<const std::uint32_t *>(region_.data() + end_bytes * index));
    }

    std::uint64_t check_end(std::uint64_t index, std::uint64_t start, std::uint64_t end) const {
        if (end < start) {
            fail("end " + std::to_string(index) + " of an array of variable elements is " + std::to_string(end) +
                 ", before its start " + std::to_string(start));
        }
        if (first_ + end >= frame_limit) {
            fail(too_long);
        }
        if (first_ + end > region_.size()) {
            past_end(first_ + end);
        }
        return end;
    }

    [[noreturn]] void past_end(std::uint64_t end) const {
        fail("a region ends at byte " + std::to_string(end) + " of only " + std::to_string(region_.size()) + " bytes");
    }

    [[noreturn]] void fail(std::string problem) const { site_.fail(std::move(problem)); }

    Bytes region_;
    std::uint64_t count_;
    std::uint64_t align_;
    Site site_;
    std::uint64_t first_;
};

/// An array of variable elements: text, blobs or variable classes. Each is checked again when it is asked for.
template <class Kind, class Byte>
class Elements {
  public:
    Elements() = default;
    Elements(Span<Byte> region, std::uint64_t count, Site site, std::uint64_t max_bytes)
        : region_(region), count_(static_cast<std::size_t>(count)), site_(site), max_bytes_(max_bytes) {}

    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }

    /// The element: what is read, or its writer. Throws if there is none, or if it is not UTF-8.
    auto operator[](std::size_t index) const {
        if constexpr (std::is_const_v<Byte>) {
            return Kind::item(raw(index), site_.at(index));
        } else {
            return Kind::edit(body(index));
        }
    }

    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = decltype(std::declval<const Elements &>()[0]);
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = value_type;

        Iterator(const Elements *elements, std::size_t index) : elements_(elements), index_(index) {}
        value_type operator*() const { return (*elements_)[index_]; }
        Iterator &operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const Iterator &other) const { return index_ == other.index_; }
        bool operator!=(const Iterator &other) const { return index_ != other.index_; }

      private:
        const Elements *elements_;
        std::size_t index_;
    };

    Iterator begin() const { return {this, 0}; }
    Iterator end() const { return {this, count_}; }

    // For exported classes.

    void check() const {
        Table(region_, count_, Kind::align, site_).check();
        for (std::size_t index = 0; index < count_; ++index) {
            raw(index);
        }
    }

    auto raw(std::size_t index) const { return Kind::raw(body(index), site_.at(index), max_bytes_); }

    auto copy() const {
        std::vector<typename Kind::Owned> values;
        values.reserve(count_);
        for (std::size_t index = 0; index < count_; ++index) {
            values.push_back(Kind::copy(raw(index), site_.at(index)));
        }
        return values;
    }

    void validate() const {
        for (std::size_t index = 0; index < count_; ++index) {
            Kind::validate(raw(index), site_.at(index));
        }
    }

    void fill(const std::vector<typename Kind::Owned> &values) const {
        for (std::size_t index = 0; index < count_; ++index) {
            Kind::fill(values[index], (*this)[index], site_.at(index));
        }
    }

    void tidy() const {
        for (std::size_t index = 0; index < count_; ++index) {
            (*this)[index].tidy();
        }
    }

  private:
    Span<Byte> body(std::size_t index) const {
        const auto [offset, len] = Table(region_, count_, Kind::align, site_)[index];
        return {region_.data() + offset, len};
    }

    Span<Byte> region_;
    std::size_t count_ = 0;
    Site site_;
    std::uint64_t max_bytes_ = no_max;
};

/// Lays a frame out from its dimensions: to learn its size, or to write it.
class Builder {
  public:
    /// Finds the size, and writes nothing.
    Builder() : frame_(nullptr), room_(frame_limit - 1), zero_(false) {}

    /// Writes hidden bytes, padding and dimensions.
    Builder(std::uint8_t *frame, std::size_t room, ZeroRegions zero)
        : frame_(frame), room_(minimum(room, frame_limit - 1)), zero_(zero == ZeroRegions::yes) {}

    std::uint32_t position() const { return static_cast<std::uint32_t>(position_); }

    /// What stands there, if something is written.
    std::uint8_t *at(std::uint64_t position) const { return frame_ == nullptr ? nullptr : frame_ + position; }

    void advance(std::uint64_t len_bytes, Site site, bool zero) {
        const std::uint64_t start = position_;
        const std::uint64_t end = len_bytes > no_max - start ? no_max : start + len_bytes;
        if (end > room_) {
            site.fail(end >= frame_limit ? too_long
                                         : "expected at least " + std::to_string(end) + " bytes of room, found " +
                                               std::to_string(room_));
        }
        position_ = end;
        if (zero && frame_ != nullptr && end > start) {
            std::memset(frame_ + start, 0, static_cast<std::size_t>(end - start));
        }
    }

    void region(std::uint64_t len_bytes, Site site) { advance(len_bytes, site, zero_); }

    /// Zeros up to the next multiple of 8.
    void pad(Site site) { advance(align8(position_) - position_, site, true); }

  private:
    std::uint8_t *frame_;
    std::uint64_t room_;
    bool zero_;
    std::uint64_t position_ = 0;
};

/// The body of one class that is being laid out: the fixed part, then its regions.
template <class Fixed>
class Body {
  public:
    Body(Builder &builder, std::string_view class_name)
        : builder_(builder), class_name_(class_name), start_(builder.position()) {
        builder.advance(sizeof(Fixed), {class_name, {}}, true);
    }

    template <class T>
    void array(std::string_view member, std::uint64_t count) {
        const Site site{class_name_, member};
        builder_.pad(site);
        builder_.region(count > frame_limit / sizeof(T) ? frame_limit : count * sizeof(T), site);
    }

    /// Gives the length.
    template <class Kind>
    std::uint32_t one(std::string_view member, const typename Kind::Dims &dims, std::uint64_t max_bytes) {
        const Site site{class_name_, member};
        builder_.pad(site);
        const std::uint32_t start = builder_.position();
        Kind::build(dims, builder_, site, max_bytes);
        return builder_.position() - start;
    }

    /// Gives the length.
    template <class Kind>
    std::uint32_t list(std::string_view member, std::uint64_t count, const std::vector<typename Kind::Dims> &dims,
                       std::uint64_t max_bytes) {
        const Site site{class_name_, member};
        if (count != dims.size()) {
            site.fail("expected dimensions for " + std::to_string(count) + " elements, found them for " +
                      std::to_string(dims.size()));
        }
        builder_.pad(site);
        const std::uint32_t start = builder_.position();
        builder_.advance(end_bytes * count, site, false);
        builder_.pad(site);
        const std::uint32_t first = builder_.position();
        for (std::size_t index = 0; index < dims.size(); ++index) {
            if (Kind::align == 8) {
                builder_.pad(site);
            }
            Kind::build(dims[index], builder_, site.at(index), max_bytes);
            if (std::uint8_t *entry = builder_.at(start + end_bytes * index)) {
                const std::uint32_t end = builder_.position() - first;
                std::memcpy(entry, &end, sizeof end);
            }
        }
        return builder_.position() - start;
    }

    /// The empty region of an absent member stands where a region would.
    void absent(std::string_view member) { builder_.pad({class_name_, member}); }

    /// The fixed part, if something is written.
    Fixed *fixed() const { return reinterpret_cast<Fixed *>(builder_.at(start_)); }

  private:
    Builder &builder_;
    std::string_view class_name_;
    std::uint32_t start_;
};

/// Takes a body apart, region by region, and checks each before it is trusted.
template <class Byte>
class Reader {
  public:
    Reader(std::string_view class_name, Byte *data, std::size_t size) : class_name_(class_name), data_(data), size_(size) {
        if (reinterpret_cast<std::uintptr_t>(data) % 8 != 0) {
            fail("expected bytes that start at a multiple of 8: copy them first");
        }
    }

    template <class Fixed>
    LikeByte<Fixed, Byte> *fixed() {
        if (size_ < sizeof(Fixed)) {
            fail("expected " + std::to_string(sizeof(Fixed)) + " bytes for the fixed part, found " + std::to_string(size_));
        }
        if (size_ >= frame_limit) {
            fail(too_long);
        }
        end_ = sizeof(Fixed);
        return reinterpret_cast<LikeByte<Fixed, Byte> *>(data_);
    }

    template <class T>
    Span<LikeByte<T, Byte>> array(std::string_view member, std::uint64_t count) {
        if (count >= frame_limit || count * sizeof(T) >= frame_limit) {
            Site{class_name_, member}.fail(too_long);
        }
        const Span<Byte> bytes = region(member, count * sizeof(T));
        return {reinterpret_cast<LikeByte<T, Byte> *>(bytes.data()), static_cast<std::size_t>(count)};
    }

    template <class Kind>
    auto one(std::string_view member, std::uint32_t len_bytes, std::uint64_t max_bytes) {
        const Span<Byte> bytes = region(member, len_bytes);
        if constexpr (std::is_const_v<Byte>) {
            return Kind::raw(bytes, {class_name_, member}, max_bytes);
        } else {
            return Kind::edit(bytes);
        }
    }

    template <class Kind>
    Elements<Kind, Byte> list(std::string_view member, std::uint32_t len_bytes, std::uint64_t count, std::uint64_t max_bytes) {
        const Span<Byte> bytes = region(member, len_bytes);
        const Site site{class_name_, member};
        if constexpr (std::is_const_v<Byte>) {
            Table(bytes, count, Kind::align, site).check();
            const Elements<Kind, Byte> elements(bytes, count, site, max_bytes);
            elements.check();
            return elements;
        } else {
            return {bytes, count, site, max_bytes};
        }
    }

    void absent(std::string_view member, std::uint32_t len_bytes) {
        if (len_bytes != 0) {
            Site{class_name_, member}.fail("an absent member has a length of " + std::to_string(len_bytes) + " bytes");
        }
        region(member, 0);
    }

    /// The body ends where its last region ends.
    void finish() const {
        if (end_ != size_) {
            fail("the last region ends at byte " + std::to_string(end_) + ", but there are " + std::to_string(size_) +
                 " bytes");
        }
    }

  private:
    Span<Byte> region(std::string_view member, std::uint64_t len_bytes) {
        const std::uint64_t start = align8(end_);
        const std::uint64_t end = start + len_bytes;
        if (end > size_) {
            Site{class_name_, member}.fail("a region ends at byte " + std::to_string(end) + " of only " +
                                           std::to_string(size_) + " bytes");
        }
        end_ = end;
        return {data_ + start, static_cast<std::size_t>(len_bytes)};
    }

    [[noreturn]] void fail(std::string problem) const { Site{class_name_, {}}.fail(std::move(problem)); }

    std::string_view class_name_;
    Byte *data_;
    std::uint64_t size_;
    std::uint64_t end_ = 0;
};

// What may fill a region by itself, or stand in an array of variable elements.

struct Blob {
    using Owned = std::vector<std::uint8_t>;
    using Raw = Bytes;
    using Writer = Span<std::uint8_t>;
    using Dims = std::uint32_t;
    static constexpr std::uint64_t align = 1;

    static Raw raw(Bytes bytes, Site site, std::uint64_t max_bytes) {
        site.check_len(bytes.size(), max_bytes);
        return bytes;
    }
    static Bytes item(Raw raw, Site) { return raw; }
    static Writer edit(Span<std::uint8_t> bytes) { return bytes; }
    static void build(Dims len_bytes, Builder &builder, Site site, std::uint64_t max_bytes) {
        site.check_len(len_bytes, max_bytes);
        builder.region(len_bytes, site);
    }
    static Dims dims(const Owned &value, Site) { return static_cast<Dims>(minimum(value.size(), frame_limit - 1)); }
    static void fill(const Owned &value, Writer place, Site) {
        if (!value.empty()) {
            std::memcpy(place.data(), value.data(), place.size());
        }
    }
    static Owned copy(Raw raw, Site) { return Owned(raw.begin(), raw.end()); }
    static void validate(Raw, Site) {}
};

struct Text {
    using Owned = std::string;
    using Raw = Bytes;
    using Writer = Span<char>;
    using Dims = std::uint32_t;
    static constexpr std::uint64_t align = 1;

    static Raw raw(Bytes bytes, Site site, std::uint64_t max_bytes) { return Blob::raw(bytes, site, max_bytes); }
    static std::string_view item(Raw raw, Site site) {
        check_utf8(raw, site);
        return {reinterpret_cast<const char *>(raw.data()), raw.size()};
    }
    static Writer edit(Span<std::uint8_t> bytes) { return {reinterpret_cast<char *>(bytes.data()), bytes.size()}; }
    static void build(Dims len_bytes, Builder &builder, Site site, std::uint64_t max_bytes) {
        Blob::build(len_bytes, builder, site, max_bytes);
    }
    static Dims dims(const Owned &value, Site) { return static_cast<Dims>(minimum(value.size(), frame_limit - 1)); }
    static void fill(const Owned &value, Writer place, Site site) {
        check_utf8({reinterpret_cast<const std::uint8_t *>(value.data()), value.size()}, site);
        if (!value.empty()) {
            std::memcpy(place.data(), value.data(), place.size());
        }
    }
    static Owned copy(Raw raw, Site site) { return Owned(item(raw, site)); }
    static void validate(Raw, Site) {}
};

/// A variable class.
template <class Class>
struct Nested {
    using Owned = Class;
    using Raw = typename Class::View;
    using Writer = typename Class::Writer;
    using Dims = typename Class::Dims;
    static constexpr std::uint64_t align = 8;

    static Raw raw(Bytes bytes, Site site, std::uint64_t) {
        return site.inside([&] { return Raw(bytes.data(), bytes.size()); });
    }
    static Raw item(const Raw &raw, Site) { return raw; }
    static Writer edit(Span<std::uint8_t> bytes) { return Writer(bytes); }
    static void build(const Dims &dims, Builder &builder, Site site, std::uint64_t) {
        site.inside([&] { Class::build(dims, builder); });
    }
    static Dims dims(const Owned &value, Site site) {
        return site.inside([&] { return value.dims(); });
    }
    static void fill(const Owned &value, Writer place, Site site) {
        site.inside([&] { value.fill(place); });
    }
    static Owned copy(const Raw &raw, Site site) {
        return site.inside([&] { return raw.copy(); });
    }
    static void validate(const Raw &raw, Site site) {
        site.inside([&] { raw.validate(); });
    }
};

/// Dimensions of all elements.
template <class Kind>
std::vector<typename Kind::Dims> list_dims(const std::vector<typename Kind::Owned> &values, Site site) {
    std::vector<typename Kind::Dims> dims;
    dims.reserve(values.size());
    for (std::size_t index = 0; index < values.size(); ++index) {
        dims.push_back(Kind::dims(values[index], site.at(index)));
    }
    return dims;
}

/// Throws the error of a frame that cannot be cast to the class. Apart from the cast, so that this is inlined.
template <class Class>
[[noreturn]] void no_cast(std::size_t size) {
    const char *why = size != sizeof(Class) ? "SizeMismatch" : "TargetAlignmentGreaterAndInputNotAligned";
    Site{Class::class_name, {}}.fail("expected an aligned frame of " + std::to_string(sizeof(Class)) +
                                     " bytes, found " + std::to_string(size) + " (" + why + ")");
}

/// A struct over the bytes of a fixed class's frame.
template <class Class, class Byte>
LikeByte<Class, Byte> *cast(Byte *data, std::size_t size) {
    if (size != sizeof(Class) || reinterpret_cast<std::uintptr_t>(data) % alignof(Class) != 0) {
        no_cast<Class>(size);
    }
    return reinterpret_cast<LikeByte<Class, Byte> *>(data);
}

/// The value of a fixed class's frame, which may stand anywhere.
template <class Class>
Class load(Bytes frame) {
    if (frame.size() != sizeof(Class)) {
        cast<Class>(frame.data(), frame.size());
    }
    Class value;
    std::memcpy(static_cast<void *>(&value), frame.data(), sizeof value);
    return value;
}

/// A frame's bytes where they may be read: a copy, unless they are aligned already.
class Aligned {
  public:
    explicit Aligned(Bytes frame) : frame_(frame) {
        if (reinterpret_cast<std::uintptr_t>(frame.data()) % 8 != 0) {
            copy_.assign(frame.begin(), frame.end());
            frame_ = copy_;
        }
    }
    const std::uint8_t *data() const { return frame_.data(); }
    std::size_t size() const { return frame_.size(); }

  private:
    std::vector<std::uint8_t> copy_;
    Bytes frame_;
};

} // namespace wire

/// An array of variable elements in a frame that is read: range-for gives `std::string_view`, `Bytes` or a class's View.
template <class Kind>
using Elements = wire::Elements<Kind, const std::uint8_t>;

/// The same in a frame that is written: range-for gives spans, or a class's Writer.
template <class Kind>
using MutableElements = wire::Elements<Kind, std::uint8_t>;

/// A frame of a fixed class, where it lies.
template <class Class>
class FixedView {
  public:
    FixedView() = default;
    FixedView(const void *data, std::size_t size)
        : value_(wire::cast<Class>(static_cast<const std::uint8_t *>(data), size)) {}

    const Class &operator*() const { return *value_; }
    const Class *operator->() const { return value_; }

    /// Checks `min` and `max` of every member.
    void validate() const { value_->validate(); }

    /// A value of its own.
    Class copy() const { return *value_; }

  private:
    const Class *value_ = nullptr;
};

/// A frame of a fixed class, written where it lies.
template <class Class>
class FixedWriter {
  public:
    FixedWriter(void *data, std::size_t size, const typename Class::Dims & = {}, ZeroRegions zero = ZeroRegions::yes)
        : value_(wire::cast<Class>(static_cast<std::uint8_t *>(data), size)) {
        if (zero == ZeroRegions::yes) {
            wire::clear(*value_);
        }
    }

    Class &operator*() const { return *value_; }
    Class *operator->() const { return value_; }

    /// The last step before the frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`.
    void finish() const {
        value_->tidy();
        value_->validate();
    }

  private:
    Class *value_;
};

} // namespace ipc

#endif // IPC_WIRE_HPP
