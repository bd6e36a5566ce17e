/* The C interface of ipc: typed frames between processes through a ring in a memory-mapped file.
 *
 * A channel names a ring, a class says what its frames are, and both open its ends: one producer, any number of consumers
 * and observers. Shared state is one value in place of a stream. Functions give a status; what went wrong is in ipc_last_message(). An end is used by one thread at a time.
 *
 * This file is made from bindings/c/src by cbindgen. */


#ifndef IPC_H
#define IPC_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

// For dynamic_slots: the ring has none.
#define IPC_NO_DYNAMIC_SLOTS -1

// For wait_for_ring_ns: a ring that is not there is an error at once.
#define IPC_DO_NOT_WAIT -1

// That of the ring; in a new one asymmetric where the kernel can.
#define IPC_FENCE_ANY 0

// A full fence on either side.
#define IPC_FENCE_SYMMETRIC 1

// The sleeper pays for both.
#define IPC_FENCE_ASYMMETRIC 2

// Processes of the same user.
#define IPC_ACCESS_OWNER 0

// Processes of the file's group as well.
#define IPC_ACCESS_GROUP 1

// Looks for some 50 µs, then sleeps.
#define IPC_WAIT_SPIN_THEN_SLEEP 0

// Looks again and again.
#define IPC_WAIT_SPIN 1

// Sleeps at once.
#define IPC_WAIT_SLEEP 2

// They do not.
#define IPC_PUBLISH_TIME_OFF 0

// They do.
#define IPC_PUBLISH_TIME_ON 1

// It is.
#define IPC_ZERO_REGIONS_YES 0

// It holds whatever the ring held: the caller writes it all.
#define IPC_ZERO_REGIONS_NO 1

// A producer makes the ring if it is not there.
#define IPC_MODE_CREATE 0

// A producer goes on with a ring that must be there.
#define IPC_MODE_WRITE 1

// A time limit: the call waits as long as it takes.
#define IPC_FOREVER -1

// A time limit: the call does not wait, and gives IPC_FULL or IPC_EMPTY.
#define IPC_AT_ONCE 0

// Version of this interface. Programs that were built with another one do not work with this library.
#define IPC_ABI_VERSION 0

// What became of a call.
typedef enum {
  // It did what it was to do.
  IPC_OK = 0,
  // The ring has no space until the slowest consumer goes on.
  IPC_FULL = 1,
  // No frame is there now.
  IPC_EMPTY = 2,
  // Nothing came within the time limit.
  IPC_TIMED_OUT = 3,
  // The producer ended the stream, and every frame of it was received.
  IPC_CLOSED = 4,
  // The ring was removed.
  IPC_REPLACED = 5,
  // The ring is for another class.
  IPC_MISMATCH = 6,
  // There is no such ring.
  IPC_NOT_THERE = 7,
  // The file is no ring, or not a whole one.
  IPC_NOT_A_RING = 8,
  // Something in the ring that no correct program writes.
  IPC_DAMAGED = 9,
  // The frame has a length that its class cannot have.
  IPC_BAD_FRAME = 10,
  // The frame does not fit the ring.
  IPC_TOO_LARGE = 11,
  // Another producer has the ring open.
  IPC_PRODUCER_TAKEN = 12,
  // Another consumer is attached to the reserved slot.
  IPC_SLOT_TAKEN = 13,
  // The ring has no reserved slot of that name.
  IPC_NO_SUCH_SLOT = 14,
  // The handle was made before a fork, and this is the child.
  IPC_FORKED = 15,
  // A channel that cannot be, or shared state.
  IPC_BAD_CHANNEL = 16,
  // A description of classes that is none, or that has not the class that was asked for.
  IPC_BAD_DESCRIPTION = 17,
  // The operating system refused.
  IPC_OS = 18,
  // The ring is for the same class, and differs from what the channel states.
  IPC_DIFFERS = 19,
  // All dynamic slots are in use.
  IPC_NO_FREE_SLOT = 20,
  // A frame was to be published, and none is reserved.
  IPC_NOTHING_RESERVED = 21,
  // A frame was to be reserved or sent while another one is reserved.
  IPC_FRAME_OPEN = 22,
  // The call itself is wrong: a null pointer, a frame that is not held.
  IPC_MISUSE = 23,
  // A fault of this library.
  IPC_FAULT = 24,
  // Another handle has the lock of the shared state.
  IPC_LOCKED = 25,
  // The controller has told the module to quit, or is gone.
  IPC_QUIT = 26,
  // The streams of all channels that the module reads are over.
  IPC_ALL_CLOSED = 27,
  // The ring was full, and the frame was dropped, as its channel says.
  IPC_DROPPED = 28,
  // What a program and its application's file do not have in common.
  IPC_APPLICATION = 29,
  // Nobody is at the other end of a stream.
  IPC_GONE = 30,
  // Bytes in a stream that no correct writer writes.
  IPC_NOT_A_STREAM = 31,
} ipc_status;

// What is known of the one who writes a ring.
typedef enum {
  // No producer has opened the ring yet.
  IPC_PRODUCER_NEVER_OPENED = 0,
  // A producer has it open.
  IPC_PRODUCER_OPEN = 1,
  // The last producer ended the stream.
  IPC_PRODUCER_CLOSED = 2,
  // The last producer went or died without ending the stream; another may go on.
  IPC_PRODUCER_GONE = 3,
  // The ring was removed.
  IPC_PRODUCER_REPLACED = 4,
} ipc_producer_state;

// A class, by its name, fingerprint and canonical description.
typedef struct ipc_class ipc_class;

// All ends of a module of an application, which its file names. A main loop takes what comes on any of its channels:
//
//     while ((status = ipc_communicator_next(module, IPC_FOREVER, &input, &frame)) == IPC_OK || status == IPC_CLOSED)
//
// It ends with IPC_QUIT when the controller wants that, and with IPC_ALL_CLOSED when all streams are over.
typedef struct ipc_communicator ipc_communicator;

// One of the readers of a ring; every consumer gets every frame.
typedef struct ipc_consumer ipc_consumer;

// A reader that never holds the producer back, and may skip frames.
typedef struct ipc_observer ipc_observer;

// The one writer of a ring.
typedef struct ipc_producer ipc_producer;

// A handle of shared state: one value of a class of constant size.
typedef struct ipc_shared ipc_shared;

// A named ring. What is zero is not stated: it accepts what is there, and takes the default in a new ring.
//
//     ipc_channel channel = {.name = "camera", .capacity = 1 << 24};
typedef struct {
  // Without `/` the file $IPC_DIR/NAME.ring, with `/` a path.
  const char *name;
  // Bytes of the ring's body, a power of two.
  uint64_t capacity;
  // Names of the reserved consumers; null for not stated.
  const char *const *reserved;
  // How many there are.
  size_t reserved_count;
  // How many dynamic consumers can be attached at once; IPC_NO_DYNAMIC_SLOTS for none.
  int32_t dynamic_slots;
  // The fence mode: IPC_FENCE_SYMMETRIC or IPC_FENCE_ASYMMETRIC.
  uint32_t fence;
  // Who may open a new ring: IPC_ACCESS_OWNER or IPC_ACCESS_GROUP.
  uint32_t access;
  // How ends opened from this channel wait: IPC_WAIT_SPIN_THEN_SLEEP, IPC_WAIT_SPIN or IPC_WAIT_SLEEP.
  uint32_t wait;
  // Whether a producer stamps its frames: IPC_PUBLISH_TIME_OFF or IPC_PUBLISH_TIME_ON.
  uint32_t publish_time;
  // Whether a producer zeroes the frames that it reserves: IPC_ZERO_REGIONS_YES or IPC_ZERO_REGIONS_NO.
  uint32_t zero_regions;
  // How long a consumer or observer waits for a ring that is not there, in nanoseconds; IPC_DO_NOT_WAIT for not at all.
  int64_t wait_for_ring_ns;
  // Zeros, for what later versions state.
  uint64_t spare[4];
} ipc_channel;

// A received frame. A consumer's stands in the ring and is held until ipc_frame_release; several may be held, and the
// producer waits for the oldest. An observer's is a copy, which stays until the observer looks again.
typedef struct {
  // Its bytes, 16-aligned.
  const void *data;
  // How many there are.
  size_t len_bytes;
  // Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
  uint64_t sequence;
  // When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames; else 0.
  uint64_t publish_time_ns;
  // Who holds it: of the library.
  ipc_consumer *consumer;
  // Which of those that are held: of the library.
  uint64_t number;
} ipc_frame;

// What does not change while a producer is open. Good as long as it.
typedef struct {
  // The ring's body.
  uint8_t *body;
  // Makes a position an offset in it.
  uint64_t mask;
  // Not 0 while a consumer may sleep: then the library wakes it.
  const uint32_t *sleepers;
  // Holds `life_number`, but in a forked child.
  const uint32_t *life;
  // Number of the process that has opened the producer.
  uint32_t life_number;
  // How short a frame can be.
  uint32_t least_bytes;
  // How long; 0 if the library has more to do for each: a fence, zeros, the publish time.
  uint32_t most_bytes;
  // Zeros, up to a cache line.
  uint32_t spare[5];
} ipc_inline;

// What changes with each frame, in one cache line.
typedef struct {
  // Where the next record goes.
  uint64_t tail;
  // Position of the newest record.
  uint64_t last;
  // Sequence number of the next frame.
  uint64_t next_sequence;
  // The word at this position was zeroed, and no frame was begun since that could reach over it; or no position.
  uint64_t zeroed;
  // A record that ends up to here can be claimed without a look at anything: it lies in this lap, is none too long, and a
  // header fits after it within the limit and the claim that were stored.
  uint64_t room;
  // Where the batch began that is being written, at the committed end of the ring; or no position.
  uint64_t batch;
  // The claim that its owner has left here, because no value of theirs can hold it: where it stands.
  uint64_t left;
  // Its commit word, or 0 for none.
  uint64_t left_word;
} ipc_line;

// How a producer begins. For the functions of ipc_inline.h alone.
typedef struct {
  // Set once.
  ipc_inline inline_;
  // What changes with each frame.
  ipc_line line;
} ipc_producer_head;

// What stands before a frame.
typedef struct {
  // The commit word.
  uint64_t word;
  // The frame's number.
  uint64_t sequence;
} ipc_record;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Makes the ring, or compares with the one that is there.
ipc_status ipc_channel_create(const ipc_channel *channel, const ipc_class *class_);

// Removes the ring, of whatever class. Ends that have it open learn so by IPC_REPLACED; its frames are lost.
ipc_status ipc_channel_remove(const ipc_channel *channel);

// Frees a reserved slot whose consumer will not come back, so that it no longer holds the producer back.
ipc_status ipc_channel_detach(const ipc_channel *channel, const char *reserved);

// Reads the class of that name from a JSON text, which imports nothing.
ipc_status ipc_class_from_json(const char *json, const char *name, ipc_class **result);

// Reads the class of that name from a JSON file and all that it imports.
ipc_status ipc_class_from_file(const char *path, const char *name, ipc_class **result);

// Reads the class of the ring that is there, after a wait for it; the ring's text is believed only if it gives the ring's
// fingerprint.
ipc_status ipc_class_from_ring(const ipc_channel *channel,
                               ipc_class **result);

// Its name. It stays as long as the class; so does its schema.
const char *ipc_class_name(const ipc_class *class_);

// Its description and those of all that it uses, as canonical JSON; the last class is this one.
const char *ipc_class_schema(const ipc_class *class_);

// Its fingerprint, 16 bytes.
ipc_status ipc_class_fingerprint(const ipc_class *class_, uint8_t *fingerprint);

// Frees a class; ends that were opened with it stay. Null is fine.
void ipc_class_free(ipc_class *class_);

// Opens the ends of the module that a controller (`ipc run`) has started this process as, and tells the controller that it is
// ready. From then on the controller is heard, on the standard input or what the application's file says.
ipc_status ipc_communicator_from_env(ipc_communicator **result);

// Opens the ends of a module of an application's file, without a controller.
ipc_status ipc_communicator_from_file(const char *path, const char *module, ipc_communicator **result);

// The next frame of any channel that the module reads, after a wait for one: `*input` gets the channel's index. A frame of a channel
// that it consumes is held until ipc_frame_release, one of a channel that it observes is a copy, which stays until the next of
// that channel. IPC_CLOSED is the end of the stream of channel `*input`, told once; IPC_ALL_CLOSED and IPC_QUIT are the end of the
// main loop. Any other status is told once as well, and the loop may go on: a frame that its class refuses is skipped, and
// a channel that is broken counts as closed. While the controller has stopped the module, this waits, whatever the time limit.
ipc_status ipc_communicator_next(ipc_communicator *communicator,
                                 int64_t timeout_ns,
                                 size_t *input,
                                 ipc_frame *frame);

// For a main loop that has no frame to wait for: IPC_OK, or IPC_QUIT once the controller has told the module to quit. While the module
// is stopped, this waits.
ipc_status ipc_communicator_go_on(ipc_communicator *communicator);

// Frames come by the time of their publishing, among those that wait. So it is if no order is chosen.
ipc_status ipc_communicator_by_arrival(ipc_communicator *communicator);

// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
ipc_status ipc_communicator_in_turn(ipc_communicator *communicator);

// Always of the first of these channels that has a frame; those that are not named come after them.
ipc_status ipc_communicator_by_priority(ipc_communicator *communicator, const char *const *channels, size_t count);

// By a number that every frame has, such as its timestamp, over all channels: the name of a member, or a path into nested classes
// (`head.stamp`). The next frame is known when every channel that is open has one; with a time limit, frames wait no longer than
// that for a channel that is silent. IPC_FOREVER is no limit.
ipc_status ipc_communicator_merged_by(ipc_communicator *communicator,
                                      const char *member,
                                      int64_t within_ns);

// Whether the main loop is at its end: all streams are over, or the controller has told the module to quit. True for null.
bool ipc_communicator_is_over(const ipc_communicator *communicator);

// How many channels the module reads: first those that it consumes, then those that it observes. 0 for null.
size_t ipc_communicator_input_count(const ipc_communicator *communicator);

// The name of a channel that it reads; null if there is none of that index. It stays as long as the communicator; so does
// the class.
const char *ipc_communicator_input_name(const ipc_communicator *communicator,
                                        size_t input);

// The class of a channel that it reads; null if there is none of that index. It is not to be freed.
const ipc_class *ipc_communicator_input_class(const ipc_communicator *communicator, size_t input);

// The index of a channel that it reads. IPC_APPLICATION if it reads none of that name; IPC_MISMATCH, with each member that
// differs, if `class` is not null and the channel is for another one.
ipc_status ipc_communicator_input(const ipc_communicator *communicator,
                                  const char *channel,
                                  const ipc_class *class_,
                                  size_t *input);

// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped. 0 for null, and if
// there is no channel of that index.
uint64_t ipc_communicator_missed(const ipc_communicator *communicator,
                                 size_t input);

// How many channels the module writes; 0 for null.
size_t ipc_communicator_output_count(const ipc_communicator *communicator);

// The name of a channel that it writes; null if there is none of that index. It stays as long as the communicator.
const char *ipc_communicator_output_name(const ipc_communicator *communicator, size_t output);

// Takes the producer of a channel that the module writes, which from then on is the caller's, to close or leave; what is not
// taken is closed with the communicator. `class` as for ipc_communicator_input, `zero_regions` as ipc_channel has it.
ipc_status ipc_communicator_take_producer(ipc_communicator *communicator,
                                          const char *channel,
                                          const ipc_class *class_,
                                          uint32_t zero_regions,
                                          ipc_producer **result);

// Ends the streams whose producers were not taken, and frees the communicator. While frames that it gave are held, its rings
// stay mapped and its slots attached, up to the release of the last. Null is fine.
ipc_status ipc_communicator_close(ipc_communicator *communicator);

// Opens a consumer's end of a ring: the reserved one of that name, which goes on where its last holder stopped, or for null
// a dynamic one, which gets every frame from now on.
ipc_status ipc_consumer_open(const ipc_channel *channel,
                             const ipc_class *class_,
                             const char *reserved,
                             ipc_consumer **result);

// Receives the next frame, which is held until ipc_frame_release. IPC_CLOSED at the end of the stream.
ipc_status ipc_consumer_recv(ipc_consumer *consumer, int64_t timeout_ns, ipc_frame *frame);

// Receives a batch: waits for a frame, then takes what is there, up to `room` frames, and stores them in `frames` and their
// number, which is at least one, in `count`. They are released together, by the release of the first of them.
ipc_status ipc_consumer_recv_batch(ipc_consumer *consumer,
                                   int64_t timeout_ns,
                                   ipc_frame *frames,
                                   size_t room,
                                   size_t *count);

// A descriptor for event loops: readable while there may be something that receiving with IPC_AT_ONCE has not told of. Receive so until
// IPC_EMPTY, which makes it unreadable up to the next frame. It belongs to the consumer; nothing is to be read from it.
ipc_status ipc_consumer_descriptor(const ipc_consumer *consumer,
                                   int *descriptor);

// Skips every frame that is there but the newest. `skipped`, which may be null, gets their number.
ipc_status ipc_consumer_skip_to_latest(ipc_consumer *consumer, uint64_t *skipped);

// Frames that the producer dropped since this consumer's first one; 0 for null.
uint64_t ipc_consumer_missed(const ipc_consumer *consumer);

// What is known of the producer. Asks the kernel, so it is not for each frame.
ipc_status ipc_consumer_producer_state(const ipc_consumer *consumer, ipc_producer_state *state);

// Closes the consumer, and frees it. While frames of it are held, the ring stays mapped and the slot attached, up to the
// release of the last. Null is fine.
ipc_status ipc_consumer_close(ipc_consumer *consumer);

// Gives the frame's space back, with that of its batch if it is the first of one, and makes the frame one that nobody holds,
// so that a second release is an error. Frees its consumer if that was closed, and this was the last frame it held.
ipc_status ipc_frame_release(ipc_frame *frame);

// Opens an observer.
ipc_status ipc_observer_open(const ipc_channel *channel, const ipc_class *class_, ipc_observer **result);

// The next frame, beginning with the newest one at the time of opening. It is a copy, and not to be released.
ipc_status ipc_observer_recv(ipc_observer *observer, int64_t timeout_ns, ipc_frame *frame);

// The newest frame that was not given yet; IPC_EMPTY if there is none. It is a copy, and not to be released.
ipc_status ipc_observer_latest(ipc_observer *observer, ipc_frame *frame);

// Frames that were sent and that this observer did not get, since its first one; 0 for null.
uint64_t ipc_observer_skipped(const ipc_observer *observer);

// Closes the observer, and frees it. Null is fine.
void ipc_observer_close(ipc_observer *observer);

// Opens the producer's end of a ring.
ipc_status ipc_producer_open(const ipc_channel *channel, const ipc_class *class_, uint32_t mode, ipc_producer **result);

// Reserves a frame of so many bytes, to write in place: `*data` is where, 16-aligned. It is zeroed unless the channel says
// otherwise. One frame is reserved at a time: another is IPC_FRAME_OPEN up to its publication, or
// until it is given up.
ipc_status ipc_producer_reserve(ipc_producer *producer,
                                size_t len_bytes,
                                int64_t timeout_ns,
                                void **data);

// Makes the reserved frame visible to every consumer. `sequence`, which may be null, gets its number.
ipc_status ipc_producer_publish(ipc_producer *producer, uint64_t *sequence);

// Wakes the consumers that sleep. For the functions of ipc_inline.h alone.
void ipc_producer_wake(const ipc_producer *producer);

// Gives the reserved frame up, if there is one; nothing of it is published.
ipc_status ipc_producer_abandon(ipc_producer *producer);

// Sends a copy of these bytes as a frame.
ipc_status ipc_producer_send(ipc_producer *producer,
                             const void *data,
                             size_t len_bytes,
                             int64_t timeout_ns,
                             uint64_t *sequence);

// Sends a copy of these bytes as a frame, and does what the channel says if the ring is full: waits, or drops the frame, which is
// IPC_DROPPED. `sequence`, which may be null, gets its number in both cases. IPC_QUIT if the controller has told the module to
// quit meanwhile: the frame was not sent.
ipc_status ipc_producer_deliver(ipc_producer *producer,
                                const void *data,
                                size_t len_bytes,
                                uint64_t *sequence);

// Reserves a frame as ipc_producer_reserve does, and does what the channel says if the ring is full, as ipc_producer_deliver.
ipc_status ipc_producer_reserve_delivery(ipc_producer *producer,
                                         size_t len_bytes,
                                         void **data);

// From now on, frames become visible together, when the batch ends.
ipc_status ipc_producer_begin_batch(ipc_producer *producer);

// Makes the frames of the batch visible.
ipc_status ipc_producer_end_batch(ipc_producer *producer);

// Counts a frame that was not sent: it takes a sequence number, which consumers miss.
ipc_status ipc_producer_drop_frame(ipc_producer *producer, uint64_t *sequence);

// Writes every frame so far to disk, so that a power cut does not lose it.
ipc_status ipc_producer_sync(ipc_producer *producer);

// Sequence number of the next frame; 0 for null.
uint64_t ipc_producer_next_sequence(const ipc_producer *producer);

// Frames that producers of this ring have dropped, from its beginning on; 0 for null.
uint64_t ipc_producer_dropped(const ipc_producer *producer);

// Ends the stream, and frees the producer: consumers get what is left, and then IPC_CLOSED. Null is fine.
ipc_status ipc_producer_close(ipc_producer *producer);

// Frees the producer without ending the stream: consumers wait for the producer that goes on. Null is fine.
ipc_status ipc_producer_leave(ipc_producer *producer);

// Opens shared state; makes it first if it is not there, with these bytes as its value, which is a frame of the class.
ipc_status ipc_shared_create(const char *name,
                             const ipc_class *class_,
                             const void *first,
                             size_t len_bytes,
                             ipc_shared **result);

// Opens shared state that is there.
ipc_status ipc_shared_open(const char *name, const ipc_class *class_, ipc_shared **result);

// Removes shared state, of whatever class it is; who has it open gets IPC_REPLACED.
ipc_status ipc_shared_remove(const char *name);

// The value as of the last complete change: a copy, 16-aligned, which stays until the handle is used again. Takes no lock.
// `version`, which may be null, gets the number of changes that the value has had.
ipc_status ipc_shared_read(ipc_shared *shared,
                           const void **value,
                           uint64_t *version);

// The same, as soon as the value is another than this handle has read, locked or published last; if there was none, at once.
ipc_status ipc_shared_wait_changed(ipc_shared *shared,
                                   int64_t timeout_ns,
                                   const void **value,
                                   uint64_t *version);

// Takes the lock: `*value` is the value, 16-aligned, to change in place until it is published or discarded. IPC_LOCKED if the
// lock is not free in time.
ipc_status ipc_shared_lock(ipc_shared *shared,
                           int64_t timeout_ns,
                           void **value);

// While this handle has the lock: a copy of what a holder that died had made of the value; null if nobody did.
const void *ipc_shared_unfinished(const ipc_shared *shared);

// Makes the change visible to all, and gives the lock back. `version`, which may be null, gets the number of changes.
ipc_status ipc_shared_publish(ipc_shared *shared, uint64_t *version);

// Forgets the change, and gives the lock back, if this handle has it.
ipc_status ipc_shared_discard(ipc_shared *shared);

// How many changes the value has had that this handle has read, locked or published last; 0 for null.
uint64_t ipc_shared_version(const ipc_shared *shared);

// Discards what is locked, and frees the handle; the shared state stays. Null is fine.
void ipc_shared_close(ipc_shared *shared);

// The version of the interface that the library has.
uint32_t ipc_abi_version(void);

// The text of this thread's last problem: what was expected, what was found, where, and what to do. It stays until the
// thread's next call that fails. Empty if none has failed.
const char *ipc_last_message(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* IPC_H */
