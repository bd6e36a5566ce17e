// Shared state: one value of a class of constant size that several processes have in common, over the C library (ipc.h).
//
//     ipc::Shared<SharedData> shared("shared_data");  // makes it, or opens the one that is there
//     auto data = shared.lock();
//     data->counter += 1;                             // changed in place
//     data.publish();                                 // seen by everybody, all members at once
//
//     print(shared.read().counter);                   // takes no lock
//
// What fails throws an ipc::Error. A handle is used by one thread at a time.

#ifndef IPC_SHARED_HPP
#define IPC_SHARED_HPP

#include "ipc.hpp"

namespace ipc {

template <class T>
class Shared;

// Not for programs: it may change in any release.
namespace detail {

struct ClosesShared {
    void operator()(ipc_shared *it) const { ipc_shared_close(it); }
};

/// Of a handle that has the lock: gives it back, and forgets the change.
struct Discards {
    void operator()(ipc_shared *it) const { ipc_shared_discard(it); }
};

} // namespace detail

/// The value of shared state, locked: it is changed here, and published then. Dropping this gives the lock back and forgets the
/// change. One lives at a time, and not longer than its handle.
template <class T>
class Locked {
  public:
    T &operator*() const { return *writer_; }
    T *operator->() const { return writer_.operator->(); }

    /// What a holder that died had made of the value; null if nobody did. The value here is the last complete one.
    const T *unfinished() const { return static_cast<const T *>(ipc_shared_unfinished(place_.get())); }

    /// Makes the change visible to all at once, and gives the lock back; gives the number of changes. Throws if a member is
    /// outside of its bounds; the change is forgotten then, when this is dropped.
    std::uint64_t publish() {
        if (!place_) {
            throw Released("this value was published");
        }
        writer_.finish();
        std::uint64_t version = 0;
        detail::check(ipc_shared_publish(place_.release(), &version));
        return version;
    }

  private:
    friend class Shared<T>;
    Locked(ipc_shared *shared, void *value) : place_(shared), writer_(value, sizeof(T), {}, ZeroRegions::no) {}

    std::unique_ptr<ipc_shared, detail::Discards> place_;
    FixedWriter<T> writer_;
};

/// A handle of shared state.
template <class T>
class Shared {
    static_assert(detail::is_fixed<T>, "shared state is of a class of constant size: one without text, bytes, and arrays whose "
                                       "size is a member");

  public:
    /// Opens shared state; makes it first, with that value, if it is not there. A name without `/` is the file
    /// $IPC_DIR/NAME.shared; one with `/` is a path.
    explicit Shared(const std::string &name, const T &first = {})
        : Shared([&](const ipc_class *known, ipc_shared **out) { return create(name, known, first, out); }) {}

    /// Opens shared state that is there; throws NotThere.
    static Shared open(const std::string &name) {
        return Shared([&](const ipc_class *known, ipc_shared **out) { return ipc_shared_open(name.c_str(), known, out); });
    }

    /// Removes shared state, of whatever class it is; who has it open gets Replaced.
    static void remove(const std::string &name) { detail::check(ipc_shared_remove(name.c_str())); }

    /// The value as of the last complete change: a copy, which stays until this handle is used again. Takes no lock.
    const T &read() {
        const void *value = nullptr;
        detail::check(ipc_shared_read(shared_.get(), &value, nullptr));
        return *static_cast<const T *>(value);
    }

    /// The same, as soon as the value is another than this handle has read, locked or published last; if there was none, at
    /// once.
    const T &wait_changed() { return *changed_within(IPC_FOREVER); }

    /// The same within a time limit; null if the value stays as it is.
    const T *wait_changed_for(std::chrono::nanoseconds time) { return changed_within(detail::limit(time)); }

    /// Takes the lock; waits for it.
    Locked<T> lock() { return Locked<T>(shared_.get(), locked_within(IPC_FOREVER)); }

    /// Takes the lock if it is free.
    std::optional<Locked<T>> try_lock() { return lock_within(IPC_AT_ONCE); }

    /// Takes the lock; waits for it at most that long.
    std::optional<Locked<T>> lock_for(std::chrono::nanoseconds time) { return lock_within(detail::limit(time)); }

    /// How many changes the value has had that this handle has read, locked or published last.
    std::uint64_t version() const { return ipc_shared_version(shared_.get()); }

  private:
    template <class Open, class = std::enable_if_t<std::is_invocable_v<Open, const ipc_class *, ipc_shared **>>>
    explicit Shared(Open opens) {
        const auto known = detail::class_of<T>();
        ipc_shared *shared = nullptr;
        detail::check(opens(known.get(), &shared));
        shared_.reset(shared);
    }

    static ipc_status create(const std::string &name, const ipc_class *known, T first, ipc_shared **out) {
        first.tidy();
        first.validate();
        return ipc_shared_create(name.c_str(), known, &first, sizeof first, out);
    }

    const T *changed_within(std::int64_t limit) {
        const void *value = nullptr;
        const bool has_changed = detail::came(ipc_shared_wait_changed(shared_.get(), limit, &value, nullptr));
        return has_changed ? static_cast<const T *>(value) : nullptr;
    }

    /// Where the value is; throws RingError with IPC_LOCKED if this handle has the lock already.
    void *locked_within(std::int64_t limit) {
        void *value = nullptr;
        detail::check(ipc_shared_lock(shared_.get(), limit, &value));
        return value;
    }

    std::optional<Locked<T>> lock_within(std::int64_t limit) {
        void *value = nullptr;
        const ipc_status status = ipc_shared_lock(shared_.get(), limit, &value);
        if (status == IPC_LOCKED) {
            return std::nullopt;
        }
        detail::check(status);
        return Locked<T>(shared_.get(), value);
    }

    std::unique_ptr<ipc_shared, detail::ClosesShared> shared_;
};

} // namespace ipc

#endif // IPC_SHARED_HPP
