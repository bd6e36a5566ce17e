// consumer: prints the matrices of the program `producer`, and removes the ring at the end of the stream.
// It may start before or after the producer, and even after the producer's end.

#include <iostream>

#include <ipc/ipc.hpp>
#include <matrix.hpp>

int main() try {
    ipc::Channel<SimpleMatrix> matrices("matrices");
    matrices.reserve({"consumer"});
    ipc::Consumer<SimpleMatrix> consumer(matrices, "consumer");
    for (const auto &matrix : consumer) {
        int trace = 0;
        for (std::size_t i = 0; i < matrix->a().size(); i += static_cast<std::size_t>(matrix->n()) + 1) {
            trace += matrix->a()[i];
        }
        std::cout << matrix->n() << " × " << matrix->n() << ", trace " << trace << "\n";
    }
    matrices.remove();
} catch (const ipc::Error &error) {
    std::cerr << error.what() << "\n";
    return 1;
}
