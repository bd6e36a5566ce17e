// Sides that exchange payloads of 64 B, in C++: the loops that drivers/stream.rs and drivers/round_trip.rs run in Rust.
// What fails ends the process, with its text.

#include <cstdio>
#include <cstdlib>

#include <ipc/ipc.hpp>
#include <payload64.hpp>

using Channel = ipc::Channel<Payload64>;
using Producer = ipc::Producer<Payload64>;
using Consumer = ipc::Consumer<Payload64>;

template <class Work>
static auto or_exit(Work work) {
    try {
        return work();
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::exit(1);
    }
}

static Channel channel(const char *name, std::uint64_t capacity) {
    Channel channel(name);
    channel.capacity(capacity).reserve({"c1"}).dynamic_slots(0);
    channel.fence(ipc::Fence::asymmetric).wait(ipc::Wait::spin).zero_regions(ipc::ZeroRegions::no);
    return channel;
}

/// Inlined, as its like is in Rust: in a function of its own the payload lies on the stack first.
[[gnu::always_inline]] static inline void send(Producer &producer, std::uint64_t number) {
    Payload64 payload;
    payload.words.fill(number);
    producer.send(payload);
}

/// Reads every word, without an early exit.
static std::uint64_t receive(Consumer &consumer) {
    const auto frame = consumer.recv();
    const std::uint64_t number = frame->words[0];
    std::uint64_t difference = 0;
    for (const std::uint64_t word : frame->words) {
        difference |= word ^ number;
    }
    if (difference != 0) {
        throw std::runtime_error("the words of a payload differ");
    }
    return number;
}

static void expect(std::uint64_t due, std::uint64_t came) {
    if (due != came) {
        throw std::runtime_error("another payload was due");
    }
}

extern "C" {

Producer *bench_cpp_producer(const char *name, std::uint64_t capacity) {
    return or_exit([&] { return new Producer(channel(name, capacity)); });
}

Consumer *bench_cpp_consumer(const char *name, std::uint64_t capacity) {
    return or_exit([&] { return new Consumer(channel(name, capacity), "c1"); });
}

void bench_cpp_fill(Producer *producer, std::uint64_t first, std::uint64_t end) {
    or_exit([&] {
        for (std::uint64_t number = first; number < end; number++) {
            send(*producer, number);
        }
    });
}

void bench_cpp_drain(Consumer *consumer, std::uint64_t first, std::uint64_t end) {
    or_exit([&] {
        for (std::uint64_t number = first; number < end; number++) {
            expect(number, receive(*consumer));
        }
    });
}

void bench_cpp_ask(Producer *there, Consumer *back, std::uint64_t first, std::uint64_t end) {
    or_exit([&] {
        for (std::uint64_t number = first; number < end; number++) {
            send(*there, number);
            expect(number, receive(*back));
        }
    });
}

void bench_cpp_echo(Consumer *there, Producer *back, std::uint64_t first, std::uint64_t end) {
    or_exit([&] {
        for (std::uint64_t number = first; number < end; number++) {
            send(*back, receive(*there));
        }
    });
}

void bench_cpp_end(Producer *producer, Consumer *consumer) {
    delete producer;
    delete consumer;
}
}
