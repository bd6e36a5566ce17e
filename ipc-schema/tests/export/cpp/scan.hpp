// Classes of frames, written by `ipc export --lang cpp`. Do not edit: change the description, and export it again.
//
// scan.hpp needs C++17 and ipc_wire.hpp beside it. A fixed class is the struct that stands in a frame. A variable
// class is an owned value with a View to read a frame where it lies, and a Writer to write one there.

#pragma once

#include "ipc_wire.hpp"

namespace robot {

inline constexpr std::uint64_t BEAMS = 4U;

/// how it measures
enum class Mode : std::uint8_t {
    Idle = 0,
    Fast = 1,
};

/// where the sensor is
struct Pose {
    static constexpr std::string_view class_name = "Pose";
    static constexpr ipc::Fingerprint fingerprint = {{0xc7, 0x17, 0x03, 0xc0, 0x3f, 0x86, 0x7a, 0xa8, 0xdd, 0x05, 0x17, 0xf6, 0x06, 0xb3, 0xee, 0x2b}};
    /// The class and all it uses, as canonical JSON.
    static constexpr std::string_view schema =
        "{\"namespace\":\"robot\",\"classes\":[\n"
        "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n"
        "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n"
        "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n"
        "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n"
        "]}\n"
        "]}\n";

    /// Unit: m.
    double x = 0;
    /// Unit: m.
    double y = 0;
    ipc::Bool valid = true;
    std::array<std::uint8_t, 7> pad_17{};

    struct Dims {};
    using View = ipc::FixedView<Pose>;
    using Writer = ipc::FixedWriter<Pose>;

    /// The bytes of a frame. Throws if a member is outside of its bounds.
    std::vector<std::uint8_t> serialize() const {
        std::vector<std::uint8_t> frame(sizeof *this);
        serialize_into(frame.data(), frame.size());
        return frame;
    }

    /// The same, into a place of `frame_size(dims)` bytes that starts at a multiple of 8.
    void serialize_into(void *data, std::size_t size, const Dims & = {}) const {
        const Writer writer(data, size, {}, ipc::ZeroRegions::no);
        *writer = *this;
        writer.finish();
    }

    /// The value of a frame's bytes, which may stand anywhere.
    static Pose deserialize(ipc::Bytes frame) { return ipc::wire::load<Pose>(frame); }

    static std::uint32_t frame_size(const Dims & = {}) { return 24; }
    Dims dims() const { return {}; }

    /// Checks `min` and `max` of every member.
    void validate() const {}

    /// Makes all bytes those that the wire rules ask of a writer.
    void tidy() {
        ipc::wire::tidy(valid);
        ipc::wire::clear(pad_17);
    }
};

static_assert(std::is_trivially_copyable_v<Pose> && std::is_standard_layout_v<Pose>);
static_assert(sizeof(Pose) == 24 && alignof(Pose) == 8);
static_assert(offsetof(Pose, x) == 0);
static_assert(offsetof(Pose, y) == 8);
static_assert(offsetof(Pose, valid) == 16);
static_assert(offsetof(Pose, pad_17) == 17);

/// one turn of the sensor
struct Scan {
    static constexpr std::string_view class_name = "Scan";
    static constexpr ipc::Fingerprint fingerprint = {{0x3d, 0xed, 0xc9, 0xe1, 0xf1, 0x3c, 0x19, 0x62, 0x7a, 0x57, 0x13, 0x56, 0x2d, 0x8d, 0x8f, 0xb2}};
    /// The class and all it uses, as canonical JSON.
    static constexpr std::string_view schema =
        "{\"namespace\":\"robot\",\"enums\":[\n"
        "{\"enumName\":\"Mode\",\"comment\":\"how it measures\",\"base\":\"uint8\",\"values\":{\"Idle\":0,\"Fast\":1}}\n"
        "],\"classes\":[\n"
        "{\"className\":\"Pose\",\"comment\":\"where the sensor is\",\"members\":[\n"
        "{\"name\":\"x\",\"type\":\"float64\",\"unit\":\"m\"},\n"
        "{\"name\":\"y\",\"type\":\"float64\",\"unit\":\"m\"},\n"
        "{\"name\":\"valid\",\"type\":\"bool\",\"default\":true}\n"
        "]},\n"
        "{\"className\":\"Scan\",\"comment\":\"one turn of the sensor\",\"members\":[\n"
        "{\"name\":\"stamp\",\"type\":\"int64\",\"unit\":\"ns\"},\n"
        "{\"name\":\"n\",\"type\":\"uint16\",\"comment\":\"ranges of each beam\",\"max\":4096},\n"
        "{\"name\":\"mode\",\"type\":\"Mode\",\"default\":\"Fast\"},\n"
        "{\"name\":\"pose\",\"type\":\"Pose\"},\n"
        "{\"name\":\"ranges\",\"type\":\"array\",\"size\":[4,\"n\"],\"elem\":{\"type\":\"float32\",\"unit\":\"m\",\"min\":0.0}},\n"
        "{\"name\":\"labels\",\"type\":\"array\",\"size\":[\"n\"],\"elem\":{\"type\":\"string\",\"max\":20}},\n"
        "{\"name\":\"temperature\",\"type\":\"float32\",\"optional\":true}\n"
        "]}\n"
        "]}\n";

    /// Unit: ns.
    std::int64_t stamp = 0;
    /// ranges of each beam
    /// Bounds: at most 4096.
    std::uint16_t n = 0;
    Mode mode = Mode::Fast;
    Pose pose{};
    /// Unit of each element: m.
    /// Size: 4 × n.
    /// Bounds: at least 0.0.
    std::vector<float> ranges;
    /// Size: n.
    /// Bounds: at most 20 bytes.
    std::vector<std::string> labels;
    std::optional<float> temperature;

    struct Dims;
    struct Fixed;
    class View;
    class Writer;

    /// The bytes of a frame. Throws if arrays disagree with dimensions, or a member is outside of its bounds.
    std::vector<std::uint8_t> serialize() const;

    /// The same, into a place of `frame_size(dims)` bytes that starts at a multiple of 8.
    void serialize_into(void *data, std::size_t size, const Dims &dims) const;

    /// The value of a frame's bytes.
    static Scan deserialize(ipc::Bytes frame);

    /// Bytes of a frame with these dimensions. Throws if that overflows, breaks a `max` or reaches 4 GiB.
    static std::uint32_t frame_size(const Dims &dims);

    /// What fixes the size of this value's frame. Throws if its arrays disagree with its dimensions.
    Dims dims() const;

    /// Number of elements of `ranges`: 4 × n.
    static std::uint64_t count_ranges(const std::uint16_t &m_n) {
        if (m_n > 4096) {
            ipc::wire::Site{class_name, "n"}.out_of_range(" up to 4096", m_n);
        }
        try {
            const std::uint64_t d1_0 = ipc::wire::operand(m_n);
            return ipc::wire::element_count({4U, d1_0});
        } catch (const ipc::wire::SizeError &error) {
            error.rethrow({class_name, "ranges"}, "4 × n", {{"n", ipc::wire::to_text(m_n)}});
        }
    }

    /// Number of elements of `labels`: n.
    static std::uint64_t count_labels(const std::uint16_t &m_n) {
        if (m_n > 4096) {
            ipc::wire::Site{class_name, "n"}.out_of_range(" up to 4096", m_n);
        }
        try {
            const std::uint64_t d0_0 = ipc::wire::operand(m_n);
            return ipc::wire::element_count({d0_0});
        } catch (const ipc::wire::SizeError &error) {
            error.rethrow({class_name, "labels"}, "n", {{"n", ipc::wire::to_text(m_n)}});
        }
    }

    // For other exported classes.
    static void build(const Dims &dims, ipc::wire::Builder &builder);
    void fill(Writer &frame) const;
};

/// What fixes the size of a frame of Scan.
struct Scan::Dims {
    /// ranges of each beam
    /// Bounds: at most 4096.
    std::uint16_t n{};
    /// Length of each element of `labels` in bytes.
    std::vector<std::uint32_t> labels{};
};

/// The fixed part of a frame of Scan.
struct Scan::Fixed {
    /// Unit: ns.
    std::int64_t stamp{};
    /// ranges of each beam
    /// Bounds: at most 4096.
    std::uint16_t n{};
    Mode mode{};
    std::array<std::uint8_t, 5> pad_11{};
    Pose pose{};
    std::uint32_t labels{};
    float raw_temperature{};
    std::array<std::uint8_t, 1> presence{};
    std::array<std::uint8_t, 7> pad_49{};
};

static_assert(std::is_trivially_copyable_v<Scan::Fixed> && std::is_standard_layout_v<Scan::Fixed>);
static_assert(sizeof(Scan::Fixed) == 56 && alignof(Scan::Fixed) == 8);
static_assert(offsetof(Scan::Fixed, stamp) == 0);
static_assert(offsetof(Scan::Fixed, n) == 8);
static_assert(offsetof(Scan::Fixed, mode) == 10);
static_assert(offsetof(Scan::Fixed, pad_11) == 11);
static_assert(offsetof(Scan::Fixed, pose) == 16);
static_assert(offsetof(Scan::Fixed, labels) == 40);
static_assert(offsetof(Scan::Fixed, raw_temperature) == 44);
static_assert(offsetof(Scan::Fixed, presence) == 48);
static_assert(offsetof(Scan::Fixed, pad_49) == 49);

/// A frame of Scan, read where it lies.
class Scan::View {
  public:
    /// Of nothing, until another is assigned.
    View() = default;

    /// Checks all that decides where something is. `data` starts at a multiple of 8, and outlives the view.
    View(const void *data, std::size_t size) {
        ipc::wire::Reader<const std::uint8_t> reader(class_name, static_cast<const std::uint8_t *>(data), size);
        fixed_ = reader.fixed<Fixed>();
        m_n = ipc::wire::once(fixed_->n);
        presence_ = ipc::wire::once(fixed_->presence);
        m_ranges = reader.array<float>("ranges", count_ranges(m_n));
        m_labels = reader.list<ipc::wire::Text>("labels", ipc::wire::once(fixed_->labels), count_labels(m_n), 20U);
        reader.finish();
    }

    /// Unit: ns.
    std::int64_t stamp() const { return fixed_->stamp; }

    /// ranges of each beam
    /// Bounds: at most 4096.
    std::uint16_t n() const { return m_n; }

    Mode mode() const { return fixed_->mode; }

    const Pose &pose() const { return fixed_->pose; }

    /// Unit of each element: m.
    /// Size: 4 × n.
    /// Bounds: at least 0.0.
    ipc::Span<const float> ranges() const { return m_ranges; }

    /// Size: n.
    /// Bounds: at most 20 bytes.
    ipc::Elements<ipc::wire::Text> labels() const { return m_labels; }

    std::optional<float> temperature() const {
        if (!is_present(0, 1)) {
            return std::nullopt;
        }
        return fixed_->raw_temperature;
    }

    /// Checks `min` and `max` of every member.
    void validate() const {
        ipc::wire::check(m_n, {class_name, "n"}, [](std::uint16_t it, ipc::wire::Site site) {
            const auto number = ipc::wire::number(it);
            if (!(number <= 4096)) {
                site.out_of_range(" up to 4096", it);
            }
        });
        ipc::wire::check(m_ranges, {class_name, "ranges"}, [](float it, ipc::wire::Site site) {
            const auto number = ipc::wire::number(it);
            if (!(number >= 0.0F)) {
                site.out_of_range(" from 0", it);
            }
        });
    }

    /// A value of its own. Throws if a string is not UTF-8.
    Scan copy() const {
        Scan value;
        value.stamp = this->stamp();
        value.n = this->n();
        value.mode = this->mode();
        value.pose = this->pose();
        value.ranges = std::vector<float>(m_ranges.begin(), m_ranges.end());
        value.labels = m_labels.copy();
        value.temperature = this->temperature();
        return value;
    }

  private:
    bool is_present(std::size_t byte, std::uint8_t mask) const { return (presence_[byte] & mask) != 0; }

    std::array<std::uint8_t, 1> presence_{};
    const Fixed *fixed_ = nullptr;
    std::uint16_t m_n{};
    ipc::Span<const float> m_ranges{};
    ipc::Elements<ipc::wire::Text> m_labels{};
};

/// A frame of Scan, written where it lies. What fixes its size has no setter.
class Scan::Writer {
  public:
    /// Of nothing, until another is assigned.
    Writer() = default;

    /// Lays a frame out: `data` starts at a multiple of 8 and has `frame_size(dims)` bytes.
    Writer(void *data, std::size_t size, const Dims &dims, ipc::ZeroRegions zero = ipc::ZeroRegions::yes)
        : Writer(prepare(static_cast<std::uint8_t *>(data), size, dims, zero)) {}

    /// Over a frame that was laid out before.
    explicit Writer(ipc::Span<std::uint8_t> frame) : frame_(frame) {
        ipc::wire::Reader<std::uint8_t> reader(class_name, frame.data(), frame.size());
        fixed_ = reader.fixed<Fixed>();
        m_n = ipc::wire::once(fixed_->n);
        m_ranges = reader.array<float>("ranges", count_ranges(m_n));
        m_labels = reader.list<ipc::wire::Text>("labels", ipc::wire::once(fixed_->labels), count_labels(m_n), 20U);
        reader.finish();
    }

    /// Unit: ns.
    std::int64_t &stamp() const { return fixed_->stamp; }

    /// ranges of each beam
    /// Bounds: at most 4096.
    std::uint16_t n() const { return m_n; }

    Mode &mode() const { return fixed_->mode; }

    Pose &pose() const { return fixed_->pose; }

    /// Unit of each element: m.
    /// Size: 4 × n.
    /// Bounds: at least 0.0.
    ipc::Span<float> ranges() const { return m_ranges; }

    /// Size: n.
    /// Bounds: at most 20 bytes.
    ipc::MutableElements<ipc::wire::Text> labels() const { return m_labels; }

    std::optional<float> temperature() const {
        if (!is_present(0, 1)) {
            return std::nullopt;
        }
        return fixed_->raw_temperature;
    }
    void set_temperature(const std::optional<float> &value) {
        fixed_->raw_temperature = value.value_or(float{});
        set_present(0, 1, value.has_value());
    }

    /// The last step before the frame is sent: zeros where the wire rules want them, then the checks of `min` and `max`.
    void finish() {
        tidy();
        View(frame_.data(), frame_.size()).validate();
    }

    /// Makes all bytes those that the wire rules ask of a writer.
    void tidy() {
        ipc::wire::tidy(fixed_->pose);
    }

  private:
    friend struct Scan;

    static ipc::Span<std::uint8_t> prepare(std::uint8_t *data, std::size_t size, const Dims &dims, ipc::ZeroRegions zero) {
        ipc::wire::Builder builder(data, size, zero);
        build(dims, builder);
        return {data, size};
    }

    bool is_present(std::size_t byte, std::uint8_t mask) const { return (fixed_->presence[byte] & mask) != 0; }
    void set_present(std::size_t byte, std::uint8_t mask, bool present) {
        ipc::wire::set_present(fixed_->presence[byte], mask, present);
    }

    Fixed *fixed_ = nullptr;
    std::uint16_t m_n{};
    ipc::Span<float> m_ranges{};
    ipc::MutableElements<ipc::wire::Text> m_labels{};
    ipc::Span<std::uint8_t> frame_;
};

inline Scan::Dims Scan::dims() const {
    ipc::wire::check_count({class_name, "ranges"}, count_ranges(this->n), this->ranges.size(), [&] {
        const auto &m_n = this->n;
        return ipc::wire::because("4 × n", {{"n", ipc::wire::to_text(m_n)}});
    });
    ipc::wire::check_count({class_name, "labels"}, count_labels(this->n), this->labels.size(), [&] {
        const auto &m_n = this->n;
        return ipc::wire::because("n", {{"n", ipc::wire::to_text(m_n)}});
    });
    Dims dims;
    dims.n = this->n;
    dims.labels = ipc::wire::list_dims<ipc::wire::Text>(this->labels, {class_name, "labels"});
    return dims;
}

inline void Scan::build(const Dims &dims, ipc::wire::Builder &builder) {
    ipc::wire::Body<Fixed> body(builder, class_name);
    body.array<float>("ranges", count_ranges(dims.n));
    const std::uint32_t m_labels = body.list<ipc::wire::Text>("labels", count_labels(dims.n), dims.labels, 20U);
    if (Fixed *fixed = body.fixed()) {
        fixed->n = dims.n;
        fixed->labels = m_labels;
    }
}

inline void Scan::fill(Writer &frame) const {
    frame.fixed_->stamp = this->stamp;
    frame.fixed_->mode = this->mode;
    frame.fixed_->pose = this->pose;
    std::copy(this->ranges.begin(), this->ranges.end(), frame.m_ranges.begin());
    frame.m_labels.fill(this->labels);
    frame.set_temperature(this->temperature);
}

inline std::uint32_t Scan::frame_size(const Dims &dims) {
    ipc::wire::Builder builder;
    build(dims, builder);
    return builder.position();
}

inline std::vector<std::uint8_t> Scan::serialize() const {
    const Dims sizes = dims();
    std::vector<std::uint8_t> frame(frame_size(sizes));
    serialize_into(frame.data(), frame.size(), sizes);
    return frame;
}

inline void Scan::serialize_into(void *data, std::size_t size, const Dims &dims) const {
    Writer writer(data, size, dims, ipc::ZeroRegions::no);
    fill(writer);
    writer.finish();
}

inline Scan Scan::deserialize(ipc::Bytes frame) {
    const ipc::wire::Aligned aligned(frame);
    return View(aligned.data(), aligned.size()).copy();
}

} // namespace robot
