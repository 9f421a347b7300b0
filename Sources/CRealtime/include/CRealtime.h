// SPDX-License-Identifier: Apache-2.0
//
// The calls to the operating system that the lower half makes, each in the one form it needs.
// A call that can fail returns a negative errno; none of them allocates, and those marked
// RP_BOUNDED are promised to the Swift compiler as free of allocation and locks in user space.

#ifndef REFERENCE_PUMP_CREALTIME_H
#define REFERENCE_PUMP_CREALTIME_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__has_attribute)
#if __has_attribute(swift_attr)
#define RP_BOUNDED \
  __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation")))
#endif
#endif
#ifndef RP_BOUNDED
#define RP_BOUNDED
#endif

// MARK: Time

/// CLOCK_MONOTONIC in nanoseconds.
int64_t rp_clock(void) RP_BOUNDED;

/// Sleeps until CLOCK_MONOTONIC reads `at` nanoseconds, or until a signal comes.
void rp_sleep_until(int64_t at) RP_BOUNDED;

/// The resolution of CLOCK_MONOTONIC in nanoseconds; the largest number when it has none.
int64_t rp_clock_resolution(void) RP_BOUNDED;

// MARK: Real-time set-up: 0 or a negative errno

/// Locks all present and future pages of the process in memory.
int32_t rp_lock_memory(void);

/// Touches the pages of 256 KiB of the calling thread's stack.
void rp_prefault_stack(void);

/// Schedules the calling thread as SCHED_FIFO at `priority`.
int32_t rp_set_fifo(int32_t priority);

/// Asks the kernel, until the process ends, for no idle state that takes time to leave
/// (/dev/cpu_dma_latency); 0 or a negative errno. A processor that sleeps deeply wakes late.
int32_t rp_keep_awake(void);

// MARK: Termination

/// From now on SIGTERM and SIGINT are remembered and SIGPIPE is ignored.
int32_t rp_watch_termination(void);

/// SIGTERM or SIGINT came since `rp_watch_termination`.
bool rp_termination_requested(void) RP_BOUNDED;

// MARK: Unix SEQPACKET sockets, non-blocking, closed on exec

/// The longest path of a socket in bytes.
int32_t rp_longest_path(void);

/// Listens at `path` with mode 0660; a socket left by a dead process is replaced. -EADDRINUSE when
/// somebody listens there.
int32_t rp_listen(const char *path);

int32_t rp_connect(const char *path);

/// The next connection that waits; -EAGAIN without one.
int32_t rp_accept(int32_t listener);

/// The user and process at the far end, as the kernel knows them (SO_PEERCRED).
int32_t rp_peer(int32_t socket, uint32_t *user, int32_t *process);

/// The effective user of this process.
uint32_t rp_user(void);

/// Sends one packet; -EAGAIN when the reader has no room.
int32_t rp_send(int32_t socket, const void *bytes, int32_t count) RP_BOUNDED;

/// Takes one packet: its true length, which may be above `room` (the rest is gone); 0 when the far
/// end is closed; -EAGAIN when nothing is there.
int32_t rp_receive(int32_t socket, void *bytes, int32_t room) RP_BOUNDED;

/// Waits until one of `count` descriptors (at most 64) has input or is closed, at most `nanoseconds`:
/// the number of those, 0 at the end of the time or after a signal.
int32_t rp_wait(const int32_t *descriptors, int32_t count, int64_t nanoseconds);

/// `rp_wait` for one descriptor.
int32_t rp_wait_one(int32_t descriptor, int64_t nanoseconds) RP_BOUNDED;

void rp_close(int32_t descriptor);

/// Removes the name of a socket.
void rp_unlink(const char *path);

// MARK: Memory that outlives the process

/// Maps a new file of `size` bytes at `path`, all of it allocated and in memory; a file that is there
/// already is kept as `path`.old. 0 or a negative errno, -EMEDIUMTYPE where files lie on a disk; the mapping lasts as long as the process.
int32_t rp_map_file(const char *path, int64_t size, uint64_t *mapping);

/// Copies `count` bytes into the mapping of `size` bytes; what would not fit is dropped.
void rp_map_write(uint64_t mapping, int64_t size, int64_t offset, const void *bytes,
                  int32_t count) RP_BOUNDED;

/// Stores a word at an offset divisible by 8, after everything that was written before it.
void rp_map_commit(uint64_t mapping, int64_t size, int64_t offset, uint64_t word) RP_BOUNDED;

// MARK: Words for people

/// Writes a line to standard error if it can be taken at once; otherwise the line is lost.
void rp_say(const char *line);

// MARK: The service manager

/// Tells the service manager `state` as sd_notify(3) does: 1 when told, 0 when there is none.
int32_t rp_notify(const char *state);

/// Receives such words at `path`, as a service manager does; a socket left there is replaced.
int32_t rp_notify_listen(const char *path);

/// Waits at most `nanoseconds` for a word with the line `wanted`: 1 when it came, 0 when not.
int32_t rp_notify_wait(int32_t socket, const char *wanted, int64_t nanoseconds);

/// Opens the way to the service manager's watchdog and sets how often it wants to hear from this
/// process; -ENOENT when it does not watch this process.
int32_t rp_watchdog_open(int64_t *nanoseconds);

/// Says `WATCHDOG=1` without waiting; a negative errno when it could not be said.
int32_t rp_watchdog_stroke(int32_t socket) RP_BOUNDED;

// MARK: Users

/// The number of the user with this name or number; -ENOENT when there is none of this name, -EINVAL
/// for a number that no user can have.
int64_t rp_user_named(const char *name);

#endif
