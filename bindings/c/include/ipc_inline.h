/* Frames that a producer begins and publishes without a call, in C and C++, by GCC and Clang.
 *
 * A call costs a small frame as much as all else. So this is, once more, what Writer::claim and Writer::commit of
 * ipc-core/src/ring/writer.rs do while there is room at hand: what stands there on the order of the stores, and on whom they
 * pair with, holds here. For all else these functions refuse, and the library is asked:
 *
 *     void *data = ipc_inline_reserve(producer, size);
 *     if (data == NULL && ipc_producer_reserve(producer, size, IPC_FOREVER, &data) != IPC_OK)
 *         return failed();
 *     write_frame(data);
 *     if (!ipc_inline_publish(producer, &sequence) && ipc_producer_publish(producer, &sequence) != IPC_OK)
 *         return failed();
 *
 * They never do in a ring with symmetric fences, nor where frames are zeroed or get a publish time. */

#ifndef IPC_INLINE_H
#define IPC_INLINE_H

#include "ipc.h"

/* Where no batch begins. */
#define IPC_INLINE_NOWHERE UINT64_MAX

static inline ipc_record *ipc_inline_record(const ipc_producer_head *head, uint64_t position) {
    return (ipc_record *)(void *)(head->inline_.body + (position & head->inline_.mask));
}

/* Bytes from one record to the next. */
static inline uint64_t ipc_inline_stride(uint64_t len) {
    return (len + sizeof(ipc_record) - 1) & ~(uint64_t)(sizeof(ipc_record) - 1);
}

/* The commit word of a record that holds a frame of so many bytes. */
static inline uint64_t ipc_inline_word(size_t len_bytes) {
    return (uint64_t)1 << 32 | (sizeof(ipc_record) + len_bytes);
}

/* Says that nothing is committed at a claimed position. */
static inline void ipc_inline_zero(ipc_producer_head *head, uint64_t position) {
    __atomic_store_n(&ipc_inline_record(head, position)->word, 0, __ATOMIC_RELAXED);
    head->line.zeroed = position;
}

/* Whether the producer may go on by itself: it was opened by this process, and the first frame of a batch is the library's. */
static inline bool ipc_inline_may(const ipc_producer_head *head) {
    return __atomic_load_n(head->inline_.life, __ATOMIC_RELAXED) == head->inline_.life_number && head->line.batch != head->line.tail;
}

/* Where a frame of so many bytes goes that is written at once: nothing else is asked of the producer before
 * ipc_inline_commit, and until then nobody has promised anything. Null if the library is to be asked. */
static inline void *ipc_inline_begin(ipc_producer *producer, size_t len_bytes) {
    ipc_producer_head *const head = (ipc_producer_head *)(void *)producer;
    if (head == NULL || len_bytes < head->inline_.least_bytes || len_bytes > head->inline_.most_bytes)
        return NULL;
    const uint64_t start = head->line.tail;
    const uint64_t end = start + ipc_inline_stride(sizeof(ipc_record) + len_bytes);
    if (end > head->line.room || head->line.left_word != 0 || !ipc_inline_may(head))
        return NULL;
    ipc_record *const record = ipc_inline_record(head, start);
    if (head->line.zeroed != end) {
        if (head->line.batch == IPC_INLINE_NOWHERE)
            ipc_inline_zero(head, end);
        else
            __atomic_store_n(&record->word, ipc_inline_word(len_bytes), __ATOMIC_RELAXED);
    }
    __atomic_store_n(&record->sequence, head->line.next_sequence, __ATOMIC_RELAXED);
    return record + 1;
}

/* Makes the frame visible that was begun with this length, and gives its number. */
static inline uint64_t ipc_inline_commit(ipc_producer *producer, size_t len_bytes) {
    ipc_producer_head *const head = (ipc_producer_head *)(void *)producer;
    const uint64_t start = head->line.tail;
    const uint64_t stride = ipc_inline_stride(sizeof(ipc_record) + len_bytes);
    const uint64_t end = start + stride;
    const uint64_t sequence = head->line.next_sequence;
    const bool is_visible = head->line.batch == IPC_INLINE_NOWHERE;
    if (is_visible) {
        __atomic_store_n(&ipc_inline_record(head, start)->word, ipc_inline_word(len_bytes), __ATOMIC_RELEASE);
        if (end + stride <= head->line.room)
            ipc_inline_zero(head, end + stride);
    }
    head->line.tail = end;
    head->line.last = start;
    head->line.next_sequence = sequence + 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (is_visible && __atomic_load_n(head->inline_.sleepers, __ATOMIC_RELAXED) != 0)
        ipc_producer_wake(producer);
    return sequence;
}

/* As ipc_producer_reserve; null if that is to be asked. */
static inline void *ipc_inline_reserve(ipc_producer *producer, size_t len_bytes) {
    void *const data = ipc_inline_begin(producer, len_bytes);
    if (data != NULL) {
        ipc_line *const line = &((ipc_producer_head *)(void *)producer)->line;
        line->left = line->tail;
        line->left_word = ipc_inline_word(len_bytes);
    }
    return data;
}

/* As ipc_producer_publish; that is to be asked after false. */
static inline bool ipc_inline_publish(ipc_producer *producer, uint64_t *sequence) {
    ipc_producer_head *const head = (ipc_producer_head *)(void *)producer;
    if (head == NULL || head->inline_.most_bytes == 0)
        return false;
    const uint64_t word = head->line.left_word;
    if (word == 0 || head->line.left != head->line.tail || !ipc_inline_may(head))
        return false;
    head->line.left_word = 0;
    const uint64_t number = ipc_inline_commit(producer, (uint32_t)word - sizeof(ipc_record));
    if (sequence != NULL)
        *sequence = number;
    return true;
}

/* As ipc_producer_abandon. */
static inline void ipc_inline_abandon(ipc_producer *producer) {
    if (producer != NULL)
        ((ipc_producer_head *)(void *)producer)->line.left_word = 0;
}

#endif
