// Parcels whose every byte follows from their sequence number: `tests/src/parcel.rs` once more, for C and C++.

#ifndef PARCEL_H
#define PARCEL_H

#include <stdint.h>
#include <string.h>

enum { NOISE_BYTES = 64 << 10,
       FIXED_BYTES = 24,
       HEADERS_BYTES = 32 };

// What a parcel of this sequence number holds.
typedef struct parcel_content {
    uint64_t stamp;
    uint32_t n;
    uint64_t seal;
    const uint8_t *data;
} parcel_content;

// SplitMix64's output function.
static inline uint64_t parcel_mix(uint64_t value) {
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static inline const uint8_t *parcel_noise(void) {
    static uint8_t noise[NOISE_BYTES];
    static int made = 0;
    for (uint64_t i = 0; !made && i < NOISE_BYTES / 8; i++) {
        const uint64_t word = parcel_mix(i);
        memcpy(noise + 8 * i, &word, 8);
    }
    made = 1;
    return noise;
}

static inline parcel_content parcel_of(uint64_t sequence, uint64_t capacity) {
    const uint64_t noise = parcel_mix(sequence);
    const uint64_t largest = capacity / 2 - HEADERS_BYTES - FIXED_BYTES;
    const uint64_t kind = noise % 256;
    const uint64_t n = kind < 4    ? 0
                       : kind == 4 ? largest
                       : kind < 9  ? (noise >> 8) % (largest + 1)
                                   : (noise >> 8) % 97;
    parcel_content parcel;
    parcel.stamp = sequence;
    parcel.n = (uint32_t)n;
    parcel.seal = parcel_mix(sequence ^ n);
    parcel.data = parcel_noise() + (noise >> 32) % 4096;
    return parcel;
}

#endif
