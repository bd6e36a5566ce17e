// producer: sends identity matrices of growing size to the program `consumer`, each written where it lies in the ring.

#include <iostream>

#include <ipc/ipc.hpp>
#include <matrix.hpp>

int main() try {
    ipc::Channel<SimpleMatrix> matrices("matrices");
    matrices.reserve({"consumer"});
    ipc::Producer<SimpleMatrix> producer(matrices);
    for (int n = 1; n <= 5; n++) {
        auto matrix = producer.reserve({n});
        for (int i = 0; i < n; i++) {
            matrix->a()[static_cast<std::size_t>(i * n + i)] = 1;
        }
        matrix.publish();
    }
    producer.close();
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
