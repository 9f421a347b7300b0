// SPDX-License-Identifier: Apache-2.0
//
// Counts what a stretch of code asks of the heap and of locks. A program that links this target has its
// own malloc and pthread_mutex_lock: they count while counting is on, and then do what libc does.

#ifndef REFERENCE_PUMP_CCOUNT_H
#define REFERENCE_PUMP_CCOUNT_H

#include <stdint.h>

/// Counting goes on; calls of this thread alone count.
void cc_begin(void);
/// Counting rests.
void cc_end(void);
/// Calls of malloc, calloc, realloc and the aligned ones while counting was on.
uint64_t cc_allocations(void);
/// Calls that take a mutex or a read-write lock, or run something once, while counting was on.
uint64_t cc_locks(void);
/// Allocates and frees, and takes and leaves a mutex: what the counter has to see.
void cc_allocate_and_lock(void);

/// CLOCK_MONOTONIC in nanoseconds.
int64_t cc_clock(void);

#endif
