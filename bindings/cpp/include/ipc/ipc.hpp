// Typed frames between processes, through a ring in a memory-mapped file: producers, consumers and observers of the classes
// that `ipc export --lang cpp` writes. C++17, over the C library (ipc.h); nothing is copied between.
//
//     ipc::Channel<SimpleMatrix> channel("matrices");
//     ipc::Producer<SimpleMatrix> producer(channel);
//     auto matrix = producer.reserve({3});       // space in the ring
//     matrix->a()[0] = 1;                        // written where it lies
//     matrix.publish();
//
//     for (const auto &matrix : ipc::Consumer<SimpleMatrix>(channel, "printer")) {
//         print(matrix->n(), matrix->a());       // read where it lies
//     }
//
// What fails throws an ipc::Error. An end and its frames are used by one thread at a time, and move between them together.

#ifndef IPC_IPC_HPP
#define IPC_IPC_HPP

#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ipc_inline.h"
#include "ipc_wire.hpp"

namespace ipc {

/// What a ring refuses, with the text that every language gives: what was expected, what was found, where, what to do.
class RingError : public Error {
  public:
    RingError(ipc_status status, const std::string &what) : Error(what), status_(status) {}

    ipc_status status() const { return status_; }

  private:
    ipc_status status_;
};

/// A ring error of one kind, to catch by itself.
template <ipc_status status_of_kind>
class RingErrorOf : public RingError {
  public:
    static constexpr ipc_status kind = status_of_kind;

    explicit RingErrorOf(const std::string &what, ipc_status status = kind) : RingError(status, what) {}
};

/// The ring has no space until the slowest consumer goes on.
using Full = RingErrorOf<IPC_FULL>;
/// No frame is there now.
using Empty = RingErrorOf<IPC_EMPTY>;
/// No frame came, or no space, within the time limit.
using TimedOut = RingErrorOf<IPC_TIMED_OUT>;
/// The producer ended the stream, and every frame of it was received.
using Closed = RingErrorOf<IPC_CLOSED>;
/// The ring was removed while it was open here.
using Replaced = RingErrorOf<IPC_REPLACED>;
/// The ring is for another class.
using Mismatch = RingErrorOf<IPC_MISMATCH>;
/// There is no such ring.
using NotThere = RingErrorOf<IPC_NOT_THERE>;
/// The file is no ring, or not a whole one.
using NotARing = RingErrorOf<IPC_NOT_A_RING>;
/// Something is in the ring's shared memory that no correct peer writes.
using Damaged = RingErrorOf<IPC_DAMAGED>;
/// The frame does not fit the ring.
using TooLarge = RingErrorOf<IPC_TOO_LARGE>;
/// Another producer has the ring open.
using ProducerTaken = RingErrorOf<IPC_PRODUCER_TAKEN>;
/// Another consumer is attached to the reserved slot.
using SlotTaken = RingErrorOf<IPC_SLOT_TAKEN>;
/// The ring has no reserved slot of that name.
using NoSuchSlot = RingErrorOf<IPC_NO_SUCH_SLOT>;
/// All dynamic slots are in use.
using NoFreeSlot = RingErrorOf<IPC_NO_FREE_SLOT>;
/// The end was opened before a fork, and this is the child.
using Forked = RingErrorOf<IPC_FORKED>;
/// A channel that cannot be.
using ChannelError = RingErrorOf<IPC_BAD_CHANNEL>;
/// A description of classes that is none, or that has not the class that was asked for.
using DescriptionError = RingErrorOf<IPC_BAD_DESCRIPTION>;
/// The operating system refused.
using OsError = RingErrorOf<IPC_OS>;
/// A frame was to be published, and none is reserved.
using NothingReserved = RingErrorOf<IPC_NOTHING_RESERVED>;
/// A frame was begun while the producer still had another one open.
using FrameOpen = RingErrorOf<IPC_FRAME_OPEN>;
/// What a program and its application's file do not have in common.
using ApplicationError = RingErrorOf<IPC_APPLICATION>;
/// The controller has told the module to quit, which ended a wait for space.
using Quit = RingErrorOf<IPC_QUIT>;

/// A frame was used after it was published or given up, or a producer after it was closed.
class Released : public RingError {
  public:
    explicit Released(const std::string &what) : RingError(IPC_MISUSE, what) {}
};

/// The ring is for the same class, and differs from what the channel states.
class Differs : public Mismatch {
  public:
    static constexpr ipc_status kind = IPC_DIFFERS;

    explicit Differs(const std::string &what) : Mismatch(what, kind) {}
};

enum class Fence : std::uint32_t { any = IPC_FENCE_ANY,
                                   symmetric = IPC_FENCE_SYMMETRIC,
                                   asymmetric = IPC_FENCE_ASYMMETRIC };
enum class Access : std::uint32_t { owner = IPC_ACCESS_OWNER,
                                    group = IPC_ACCESS_GROUP };
enum class Wait : std::uint32_t { spin_then_sleep = IPC_WAIT_SPIN_THEN_SLEEP,
                                  spin = IPC_WAIT_SPIN,
                                  sleep = IPC_WAIT_SLEEP };
enum class PublishTime : std::uint32_t { off = IPC_PUBLISH_TIME_OFF,
                                         on = IPC_PUBLISH_TIME_ON };

template <class T>
class Producer;
template <class T>
class Consumer;
template <class T>
class Observer;
class Communicator;

// Not for programs: it may change in any release.
namespace detail {

/// Whether a frame of the class is the struct itself.
template <class T>
inline constexpr bool is_fixed = std::is_same_v<typename T::View, FixedView<T>>;

/// Throws the error of these whose status it is.
template <class... Kinds>
[[noreturn]] void fail_as(ipc_status status, const std::string &what) {
    (void)((status == Kinds::kind ? throw Kinds(what) : false) || ...);
    throw RingError(status, what);
}

[[noreturn]] inline void fail(ipc_status status) {
    fail_as<Full, Empty, TimedOut, Closed, Replaced, Mismatch, NotThere, NotARing, Damaged, TooLarge, ProducerTaken, SlotTaken,
            NoSuchSlot, NoFreeSlot, Forked, ChannelError, DescriptionError, OsError, NothingReserved, FrameOpen, ApplicationError, Quit, Differs>(
        status, ipc_last_message());
}

inline void check(ipc_status status) {
    if (status != IPC_OK) {
        fail(status);
    }
}

/// Whether a call with a time limit did what it was to do; false if it was too early.
inline bool came(ipc_status status) {
    if (status == IPC_OK) {
        return true;
    }
    if (status == IPC_FULL || status == IPC_EMPTY || status == IPC_TIMED_OUT) {
        return false;
    }
    fail(status);
}

/// A time limit, as C has it: one that has passed is none at all.
inline std::int64_t limit(std::chrono::nanoseconds time) { return time.count() < 0 ? 0 : time.count(); }

/// A producer that was not closed.
inline ipc_producer *open(ipc_producer *producer) {
    if (producer == nullptr) {
        throw Released("this producer was closed");
    }
    return producer;
}

[[gnu::noinline]] inline void *reserve_by_call(ipc_producer *producer, std::size_t size, std::int64_t limit) {
    void *data = nullptr;
    return came(ipc_producer_reserve(open(producer), size, limit, &data)) ? data : nullptr;
}

/// Where a frame goes that is to be written; null if there was no space in time.
inline void *reserve(ipc_producer *producer, std::size_t size, std::int64_t limit) {
    void *const data = ipc_inline_reserve(producer, size);
    return data != nullptr ? data : reserve_by_call(producer, size, limit);
}

[[gnu::noinline]] inline std::uint64_t publish_by_call(ipc_producer *producer) {
    std::uint64_t sequence = 0;
    check(ipc_producer_publish(producer, &sequence));
    return sequence;
}

/// Makes the reserved frame visible, and gives its number.
inline std::uint64_t publish(ipc_producer *producer) {
    std::uint64_t sequence = 0;
    return ipc_inline_publish(producer, &sequence) ? sequence : publish_by_call(producer);
}

/// Writes the reserved frame, which is given up if that throws.
template <class Write>
auto or_abandon(ipc_producer *producer, Write write) {
    try {
        return write();
    } catch (...) {
        ipc_producer_abandon(producer);
        throw;
    }
}

struct Closes {
    void operator()(ipc_class *it) const { ipc_class_free(it); }
    void operator()(ipc_producer *it) const { ipc_producer_close(it); }
    void operator()(ipc_consumer *it) const { ipc_consumer_close(it); }
    void operator()(ipc_observer *it) const { ipc_observer_close(it); }
};

/// Of a producer that has reserved a frame: gives that up.
struct Abandons {
    void operator()(ipc_producer *it) const { ipc_inline_abandon(it); }
};

template <class Handle>
using Owned = std::unique_ptr<Handle, Closes>;

/// A handle that `open` stores where it is told.
template <class Handle, class Open>
Owned<Handle> owned(Open open) {
    Handle *handle = nullptr;
    check(open(&handle));
    return Owned<Handle>(handle);
}

/// Refuses a library of another version than these headers, whose inline functions know how its producers lie in memory.
inline void check_version() {
    if (ipc_abi_version() != IPC_ABI_VERSION) {
        throw RingError(IPC_MISUSE, "expected version " + std::to_string(IPC_ABI_VERSION) +
                                        " of the library's interface, with whose headers this program was compiled, found version " +
                                        std::to_string(ipc_abi_version()) + ": compile it with the headers of the library that it loads");
    }
}

/// The class of an exported type, which must not have been changed by hand.
template <class T>
Owned<ipc_class> class_of() {
    check_version();
    auto known = owned<ipc_class>([](ipc_class **out) { return ipc_class_from_json(T::schema.data(), T::class_name.data(), out); });
    Fingerprint fingerprint;
    check(ipc_class_fingerprint(known.get(), fingerprint.data()));
    if (fingerprint != T::fingerprint) {
        throw RingError(IPC_BAD_DESCRIPTION, "class " + std::string(T::class_name) + " was changed after it was exported: export it again");
    }
    return known;
}

/// A frame of C, which is given back at its end if a consumer holds it.
class Held {
  public:
    Held() { raw_.consumer = nullptr; }
    Held(const Held &) = delete;
    Held(Held &&other) noexcept : raw_(other.raw_) { other.raw_.consumer = nullptr; }

    ~Held() {
        if (raw_.consumer != nullptr) {
            ipc_frame_release(&raw_);
        }
    }

  protected:
    ipc_frame raw_;
};

/// A received frame of class T, by its view. C stores it where it stays: a copy would wait for those stores.
template <class T>
class Received : public Held {
  public:
    using View = typename T::View;

    Received(Received &&other) noexcept = default;

    Received &operator=(Received other) noexcept {
        std::swap(this->raw_, other.raw_);
        std::swap(view_, other.view_);
        return *this;
    }

    const View &view() const { return view_; }
    const View &operator*() const { return view_; }

    /// To the members: those of the struct itself if the class is fixed.
    auto operator->() const {
        if constexpr (is_fixed<T>) {
            return view_.operator->();
        } else {
            return &view_;
        }
    }

    /// Its number, counted from the ring's first frame on.
    std::uint64_t sequence() const { return raw_.sequence; }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    std::optional<std::uint64_t> publish_time_ns() const {
        return raw_.publish_time_ns == 0 ? std::nullopt : std::optional(raw_.publish_time_ns);
    }

    Bytes bytes() const { return {static_cast<const std::uint8_t *>(raw_.data), raw_.len_bytes}; }

    /// Calls `receive`, which says whether a frame came, and reads it. Throws if it is no frame of the class.
    template <class Receive>
    explicit Received(Receive receive) {
        if (receive(&raw_)) {
            view_ = View(raw_.data, raw_.len_bytes);
        } else {
            raw_.data = nullptr;
        }
    }

    /// The frame, if one came.
    template <class Frame, class Receive>
    static std::optional<Frame> maybe(Receive receive) {
        std::optional<Frame> frame(std::in_place, receive);
        if (frame->raw_.data == nullptr) {
            frame.reset();
        }
        return frame;
    }

  private:
    View view_;
};

} // namespace detail

/// A named ring with its class. What is not stated accepts what is there, and takes the default in a new ring.
template <class T>
class Channel {
  public:
    /// A name without `/` is the file $IPC_DIR/NAME.ring; one with `/` is a path.
    explicit Channel(std::string name) : name_(std::move(name)) {}

    /// Bytes of the ring's body, a power of two.
    Channel &capacity(std::uint64_t bytes) { return state(&ipc_channel::capacity, bytes); }

    /// Names of the reserved consumers.
    Channel &reserve(std::vector<std::string> names) {
        reserved_ = std::move(names);
        return *this;
    }

    /// How many dynamic consumers can be attached at once.
    Channel &dynamic_slots(std::uint32_t count) {
        return state(&ipc_channel::dynamic_slots, count == 0 ? IPC_NO_DYNAMIC_SLOTS : static_cast<std::int32_t>(count));
    }

    Channel &fence(Fence fence) { return state(&ipc_channel::fence, static_cast<std::uint32_t>(fence)); }
    Channel &access(Access access) { return state(&ipc_channel::access, static_cast<std::uint32_t>(access)); }
    Channel &wait(Wait wait) { return state(&ipc_channel::wait, static_cast<std::uint32_t>(wait)); }
    Channel &publish_time(PublishTime time) { return state(&ipc_channel::publish_time, static_cast<std::uint32_t>(time)); }

    /// Whether a producer zeroes the regions of a frame that it reserves.
    Channel &zero_regions(ZeroRegions zero) {
        zero_regions_ = zero;
        return *this;
    }

    /// How long a consumer or observer waits for a ring that is not there.
    Channel &wait_for_ring(std::chrono::nanoseconds time) {
        return state(&ipc_channel::wait_for_ring_ns, time.count() <= 0 ? IPC_DO_NOT_WAIT : time.count());
    }

    /// Makes the ring, or compares with the one that is there.
    void create() const {
        const auto known = detail::class_of<T>();
        with([&](const ipc_channel *channel) { detail::check(ipc_channel_create(channel, known.get())); });
    }

    /// Removes the ring. Ends that have it open learn so by Replaced; its frames are lost.
    void remove() const {
        with([](const ipc_channel *channel) { detail::check(ipc_channel_remove(channel)); });
    }

    /// Frees a reserved slot whose consumer will not come back.
    void detach(const std::string &reserved) const {
        with([&](const ipc_channel *channel) { detail::check(ipc_channel_detach(channel, reserved.c_str())); });
    }

  private:
    friend class Producer<T>;
    friend class Consumer<T>;
    friend class Observer<T>;

    template <class Value>
    Channel &state(Value ipc_channel::*what, Value value) {
        stated_.*what = value;
        return *this;
    }

    /// Calls `use` with the channel as C has it.
    template <class Use>
    void with(Use use) const {
        std::vector<const char *> reserved;
        ipc_channel stated = stated_;
        stated.name = name_.c_str();
        if (reserved_) {
            for (const std::string &name : *reserved_) {
                reserved.push_back(name.c_str());
            }
            stated.reserved_count = reserved.size();
            // Not null even if there is none: that states something.
            reserved.push_back(nullptr);
            stated.reserved = reserved.data();
        }
        // A writer zeroes what it lays out, so the library need not.
        stated.zero_regions = IPC_ZERO_REGIONS_NO;
        use(&stated);
    }

    /// A handle of this channel and its class, which `opens` stores where it is told.
    template <class Handle, class Open>
    detail::Owned<Handle> open(Open opens) const {
        const auto known = detail::class_of<T>();
        detail::Owned<Handle> handle;
        with([&](const ipc_channel *channel) {
            handle = detail::owned<Handle>([&](Handle **out) { return opens(channel, known.get(), out); });
        });
        return handle;
    }

    std::string name_;
    std::optional<std::vector<std::string>> reserved_;
    ZeroRegions zero_regions_ = ZeroRegions::yes;
    ipc_channel stated_{};
};

/// Whether a producer makes the ring.
enum class Mode : std::uint32_t { create = IPC_MODE_CREATE,
                                  write = IPC_MODE_WRITE };

/// A frame in the ring that only its producer sees yet. publish() makes it visible; dropping it publishes nothing.
template <class T>
class Reservation {
  public:
    using Writer = typename T::Writer;

    Writer &operator*() { return writer_; }

    /// To the members: those of the struct itself if the class is fixed.
    auto operator->() {
        if constexpr (detail::is_fixed<T>) {
            return writer_.operator->();
        } else {
            return &writer_;
        }
    }

    /// Makes the frame visible to every consumer, and gives its sequence number. Throws if a member is outside of its bounds;
    /// the frame is not published then.
    std::uint64_t publish() {
        if (!place_) {
            throw Released("this frame was published or given up");
        }
        writer_.finish();
        return detail::publish(place_.release());
    }

  private:
    friend class Producer<T>;
    Reservation(ipc_producer *producer, void *data, std::size_t size, const typename T::Dims &dims, ZeroRegions zero)
        : place_(producer), writer_(data, size, dims, zero) {}

    /// First, so that the frame is given up if laying it out throws.
    std::unique_ptr<ipc_producer, detail::Abandons> place_;
    Writer writer_;
};

/// The one writer of a ring of frames of class T. Its end is the end of the stream.
template <class T>
class Producer {
  public:
    using Dims = typename T::Dims;

    explicit Producer(const Channel<T> &channel, Mode mode = Mode::create)
        : zero_(channel.zero_regions_),
          producer_(channel.template open<ipc_producer>([&](auto *stated, auto *known, auto **out) {
              return ipc_producer_open(stated, known, static_cast<std::uint32_t>(mode), out);
          })) {}

    /// Sends a value; waits for space. Gives its sequence number.
    std::uint64_t send(const T &value) { return *send_within(value, IPC_FOREVER); }

    /// Sends a value if there is space now.
    std::optional<std::uint64_t> try_send(const T &value) { return send_within(value, IPC_AT_ONCE); }

    /// Sends a value; waits for space at most that long.
    std::optional<std::uint64_t> send_for(const T &value, std::chrono::nanoseconds time) {
        return send_within(value, detail::limit(time));
    }

    /// Reserves a frame with these dimensions, to write in place; waits for space. One reservation lives at a time, and not
    /// longer than its producer: FrameOpen if another is reserved or sent meanwhile.
    Reservation<T> reserve(const Dims &dims = {}) {
        const std::size_t size = T::frame_size(dims);
        return Reservation<T>(producer_.get(), detail::reserve(producer_.get(), size, IPC_FOREVER), size, dims, zero_);
    }

    /// Reserves a frame if there is space now.
    std::optional<Reservation<T>> try_reserve(const Dims &dims = {}) { return reserve_within(dims, IPC_AT_ONCE); }

    /// Reserves a frame; waits for space at most that long.
    std::optional<Reservation<T>> reserve_for(std::chrono::nanoseconds time, const Dims &dims = {}) {
        return reserve_within(dims, detail::limit(time));
    }

    /// Sends a value, and does what the channel says in its application's file if the ring is full: waits, or drops it. Gives its
    /// sequence number; nothing if it was dropped, or if the controller has told the module to quit meanwhile.
    std::optional<std::uint64_t> deliver(const T &value) {
        return send_or_else(value, [this](std::size_t size) { return delivery(size); });
    }

    /// Reserves a frame, and does what the channel says if the ring is full; nothing as for deliver().
    std::optional<Reservation<T>> reserve_delivery(const Dims &dims = {}) {
        const std::size_t size = T::frame_size(dims);
        void *const data = ipc_inline_reserve(producer_.get(), size);
        return reserved(data != nullptr ? data : delivery(size), size, dims);
    }

    /// Lets all frames that `send` sends become visible together, when it returns.
    template <class Send>
    void batch(Send send) {
        struct Ending {
            ipc_producer *producer;
            ~Ending() { ipc_producer_end_batch(producer); }
        };
        const Ending ending{open()};
        detail::check(ipc_producer_begin_batch(ending.producer));
        send();
    }

    /// Counts a frame that was not sent: it takes a sequence number, which consumers miss.
    std::uint64_t drop_frame() {
        std::uint64_t sequence = 0;
        detail::check(ipc_producer_drop_frame(open(), &sequence));
        return sequence;
    }

    /// Frames that producers of this ring have dropped, from its beginning on.
    std::uint64_t dropped() const { return ipc_producer_dropped(open()); }

    /// Sequence number of the next frame.
    std::uint64_t next_sequence() const { return ipc_producer_next_sequence(open()); }

    /// Writes every frame so far to disk, so that a power cut does not lose it.
    void sync() { detail::check(ipc_producer_sync(open())); }

    /// Ends the stream: consumers get what is left, and then Closed. Nothing is sent after it.
    void close() {
        open();
        detail::check(ipc_producer_close(producer_.release()));
    }

    /// Goes without ending the stream: consumers wait for the producer that goes on. Nothing is sent after it.
    void leave() {
        open();
        detail::check(ipc_producer_leave(producer_.release()));
    }

  private:
    friend class Communicator;
    explicit Producer(detail::Owned<ipc_producer> producer) : zero_(ZeroRegions::yes), producer_(std::move(producer)) {}

    ipc_producer *open() const { return detail::open(producer_.get()); }

    /// Where a frame goes for which the ring has to be asked; null if it is dropped, or not sent.
    void *delivery(std::size_t size) {
        void *data = nullptr;
        const ipc_status status = ipc_producer_reserve_delivery(open(), size, &data);
        if (status != IPC_DROPPED && status != IPC_QUIT) {
            detail::check(status);
        }
        return data;
    }

    std::optional<std::uint64_t> send_within(const T &value, std::int64_t limit) {
        return send_or_else(value, [this, limit](std::size_t size) { return detail::reserve_by_call(producer_.get(), size, limit); });
    }

    /// Written in place rather than sent as bytes: a value that was made just now is still in registers here. `reserve` says where
    /// if the library is to be asked.
    template <class Reserve>
    std::optional<std::uint64_t> send_or_else(const T &value, Reserve reserve) {
        const Dims dims = value.dims();
        const std::size_t size = T::frame_size(dims);
        if (void *const data = ipc_inline_begin(producer_.get(), size)) {
            value.serialize_into(data, size, dims);
            return ipc_inline_commit(producer_.get(), size);
        }
        return send_by_call(value, dims, size, reserve);
    }

    template <class Reserve>
    [[gnu::noinline]] std::optional<std::uint64_t> send_by_call(const T &value, const Dims &dims, std::size_t size,
                                                                Reserve reserve) {
        void *const data = reserve(size);
        if (data == nullptr) {
            return std::nullopt;
        }
        detail::or_abandon(producer_.get(), [&] { value.serialize_into(data, size, dims); });
        return detail::publish_by_call(producer_.get());
    }

    std::optional<Reservation<T>> reserve_within(const Dims &dims, std::int64_t limit) {
        const std::size_t size = T::frame_size(dims);
        return reserved(detail::reserve(producer_.get(), size, limit), size, dims);
    }

    std::optional<Reservation<T>> reserved(void *data, std::size_t size, const Dims &dims) {
        if (data == nullptr) {
            return std::nullopt;
        }
        return Reservation<T>(producer_.get(), data, size, dims, zero_);
    }

    ZeroRegions zero_;
    detail::Owned<ipc_producer> producer_;
};

/// A received frame. It stands in the ring, and nothing of it was copied; its end gives its space back.
template <class T>
class Frame : public detail::Received<T> {
    using detail::Received<T>::Received;
};

/// A frame of a batch. It stands in the ring as long as its batch is held.
template <class T>
class Batched : public detail::Received<T> {
    using detail::Received<T>::Received;
};

/// A place for frames that a consumer receives together. What is received next into it, and its end, give their space back.
///
///     ipc::Batch<SimpleMatrix> batch(64);
///     consumer.recv(batch);
///     for (const auto &matrix : batch) { … }
template <class T>
class Batch {
  public:
    /// A place for so many frames.
    explicit Batch(std::size_t room) : frames_(room) {}

    Batch(const Batch &) = delete;
    Batch(Batch &&other) noexcept : frames_(std::move(other.frames_)), count_(std::exchange(other.count_, 0)) {}
    ~Batch() { release(); }

    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }

    Batched<T> operator[](std::size_t index) const {
        return Batched<T>([&](ipc_frame *raw) {
            *raw = frames_[index];
            raw->consumer = nullptr;
            return true;
        });
    }

    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Batched<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Batched<T>;

        Iterator(const Batch &batch, std::size_t index) : batch_(&batch), index_(index) {}

        reference operator*() const { return (*batch_)[index_]; }

        Iterator &operator++() {
            index_++;
            return *this;
        }

        bool operator==(const Iterator &other) const { return index_ == other.index_; }
        bool operator!=(const Iterator &other) const { return index_ != other.index_; }

      private:
        const Batch *batch_;
        std::size_t index_;
    };

    Iterator begin() const { return Iterator(*this, 0); }
    Iterator end() const { return Iterator(*this, count_); }

    /// Gives the frames' space back.
    void release() {
        if (std::exchange(count_, 0) != 0) {
            ipc_frame_release(frames_.data());
        }
    }

  private:
    friend class Consumer<T>;

    ipc_status recv(ipc_consumer *consumer, std::int64_t limit) {
        release();
        return ipc_consumer_recv_batch(consumer, limit, frames_.data(), frames_.size(), &count_);
    }

    std::vector<ipc_frame> frames_;
    std::size_t count_ = 0;
};

enum class ProducerState {
    never_opened = IPC_PRODUCER_NEVER_OPENED,
    open = IPC_PRODUCER_OPEN,
    closed = IPC_PRODUCER_CLOSED,
    /// It went or died without ending the stream; another may go on.
    gone = IPC_PRODUCER_GONE,
    replaced = IPC_PRODUCER_REPLACED,
};

/// One of the readers of a ring of frames of class T; every consumer gets every frame.
template <class T>
class Consumer {
  public:
    /// A dynamic consumer: it gets every frame from now on.
    explicit Consumer(const Channel<T> &channel) : Consumer(channel, nullptr) {}

    /// The reserved consumer of that name: it goes on where its last holder stopped.
    Consumer(const Channel<T> &channel, const std::string &reserved) : Consumer(channel, reserved.c_str()) {}

    /// The reserved consumer of that name, or for null a dynamic one.
    Consumer(const Channel<T> &channel, const char *reserved)
        : consumer_(channel.template open<ipc_consumer>([&](auto *stated, auto *known, auto **out) {
              return ipc_consumer_open(stated, known, reserved, out);
          })) {}

    /// The next frame; waits for it. Throws Closed at the end of the stream.
    Frame<T> recv() {
        return Frame<T>([this](ipc_frame *raw) {
            detail::check(ipc_consumer_recv(consumer_.get(), IPC_FOREVER, raw));
            return true;
        });
    }

    /// The next frame if it is there.
    std::optional<Frame<T>> try_recv() { return recv_within(IPC_AT_ONCE); }

    /// The next frame; waits for it at most that long.
    std::optional<Frame<T>> recv_for(std::chrono::nanoseconds time) { return recv_within(detail::limit(time)); }

    /// Waits for a frame, then takes what is there, as far as the batch has room. Throws Closed at the end of the stream.
    void recv(Batch<T> &batch) { detail::check(batch.recv(consumer_.get(), IPC_FOREVER)); }

    /// Takes what is there; whether there was a frame.
    bool try_recv(Batch<T> &batch) { return detail::came(batch.recv(consumer_.get(), IPC_AT_ONCE)); }

    /// Waits at most that long for a frame, then takes what is there; whether there was one.
    bool recv_for(Batch<T> &batch, std::chrono::nanoseconds time) {
        return detail::came(batch.recv(consumer_.get(), detail::limit(time)));
    }

    /// For event loops: readable while there may be something that try_recv() has not told of. Receive by that until it gives nothing,
    /// which makes it unreadable up to the next frame. It belongs to the consumer; nothing is to be read from it.
    int descriptor() const {
        int descriptor = -1;
        detail::check(ipc_consumer_descriptor(consumer_.get(), &descriptor));
        return descriptor;
    }

    /// Skips every frame that is there but the newest; gives the number of frames skipped.
    std::uint64_t skip_to_latest() {
        std::uint64_t skipped = 0;
        detail::check(ipc_consumer_skip_to_latest(consumer_.get(), &skipped));
        return skipped;
    }

    /// Frames that the producer dropped since this consumer's first one.
    std::uint64_t missed() const { return ipc_consumer_missed(consumer_.get()); }

    /// What is known of the producer. Asks the kernel, so it is not for each frame.
    ProducerState producer_state() const {
        ipc_producer_state state;
        detail::check(ipc_consumer_producer_state(consumer_.get(), &state));
        return static_cast<ProducerState>(state);
    }

    /// Walks over the frames up to the end of the stream, one held at a time.
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Frame<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = const Frame<T> *;
        using reference = const Frame<T> &;

        Iterator() = default;
        explicit Iterator(ipc_consumer *consumer) : consumer_(consumer) { ++*this; }

        reference operator*() const { return *frame_; }
        pointer operator->() const { return &*frame_; }

        Iterator &operator++() {
            frame_.reset();
            frame_.emplace([this](ipc_frame *raw) {
                const ipc_status status = ipc_consumer_recv(consumer_, IPC_FOREVER, raw);
                if (status == IPC_CLOSED) {
                    consumer_ = nullptr;
                    return false;
                }
                detail::check(status);
                return true;
            });
            return *this;
        }

        bool operator==(const Iterator &other) const { return consumer_ == other.consumer_; }
        bool operator!=(const Iterator &other) const { return consumer_ != other.consumer_; }

      private:
        ipc_consumer *consumer_ = nullptr;
        std::optional<Frame<T>> frame_;
    };

    Iterator begin() { return Iterator(consumer_.get()); }
    Iterator end() { return Iterator(); }

  private:
    std::optional<Frame<T>> recv_within(std::int64_t limit) {
        return Frame<T>::template maybe<Frame<T>>(
            [&](ipc_frame *raw) { return detail::came(ipc_consumer_recv(consumer_.get(), limit, raw)); });
    }

    detail::Owned<ipc_consumer> consumer_;
};

/// A frame that an observer has copied. It stays until the observer looks again.
template <class T>
class Observed : public detail::Received<T> {
    using detail::Received<T>::Received;
};

/// A reader without a slot: it never holds the producer back, may skip frames, and is told how many.
template <class T>
class Observer {
  public:
    explicit Observer(const Channel<T> &channel)
        : observer_(channel.template open<ipc_observer>(ipc_observer_open)) {}

    /// The next frame, beginning with the newest one at the time of opening; waits for it.
    Observed<T> recv() {
        return Observed<T>([this](ipc_frame *raw) {
            detail::check(ipc_observer_recv(observer_.get(), IPC_FOREVER, raw));
            return true;
        });
    }

    /// The next frame if it is there.
    std::optional<Observed<T>> try_recv() { return recv_within(IPC_AT_ONCE); }

    /// The next frame; waits for it at most that long.
    std::optional<Observed<T>> recv_for(std::chrono::nanoseconds time) { return recv_within(detail::limit(time)); }

    /// The newest frame that was not given yet.
    std::optional<Observed<T>> latest() {
        return Observed<T>::template maybe<Observed<T>>(
            [this](ipc_frame *raw) { return detail::came(ipc_observer_latest(observer_.get(), raw)); });
    }

    /// Frames that were sent and that this observer did not get, since its first one.
    std::uint64_t skipped() const { return ipc_observer_skipped(observer_.get()); }

  private:
    std::optional<Observed<T>> recv_within(std::int64_t limit) {
        return Observed<T>::template maybe<Observed<T>>(
            [&](ipc_frame *raw) { return detail::came(ipc_observer_recv(observer_.get(), limit, raw)); });
    }

    detail::Owned<ipc_observer> observer_;
};

/// One end of a ring by the names of the paper: configured to create or to write, it writes frames; to read, it reads them.
template <class T>
class FrameIO {
  public:
    enum class Mode { create,
                      write,
                      read };

    /// In mode read `reserved` names the consumer; without a name it is a dynamic one.
    FrameIO(const Channel<T> &channel, Mode mode, const char *reserved = nullptr) {
        if (mode == Mode::read) {
            consumer_.emplace(channel, reserved);
        } else {
            producer_.emplace(channel, mode == Mode::create ? ipc::Mode::create : ipc::Mode::write);
        }
    }

    /// Writes a frame; waits for space. Gives its sequence number.
    std::uint64_t write_frame(const T &value) {
        if (!producer_) {
            throw RingError(IPC_MISUSE, "this FrameIO reads: one that writes has mode create or write");
        }
        return producer_->send(value);
    }

    /// The next frame; waits for it. Throws Closed at the end of the stream.
    Frame<T> read_frame() {
        if (!consumer_) {
            throw RingError(IPC_MISUSE, "this FrameIO writes: one that reads has mode read");
        }
        return consumer_->recv();
    }

  private:
    std::optional<Producer<T>> producer_;
    std::optional<Consumer<T>> consumer_;
};

} // namespace ipc

#endif // IPC_IPC_HPP
