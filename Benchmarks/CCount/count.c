// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CCount.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static __thread int counting __attribute__((tls_model("initial-exec")));
static uint64_t allocations, locks;

void cc_begin(void) { counting = 1; }
void cc_end(void) { counting = 0; }
uint64_t cc_allocations(void) { return allocations; }
uint64_t cc_locks(void) { return locks; }

int64_t cc_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// MARK: The heap. glibc's own entry points stand under these names.

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  allocations += (uint64_t)counting;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocations += (uint64_t)counting;
  *memory = __libc_memalign(alignment, size);
  return *memory == NULL ? ENOMEM : 0;
}

// MARK: Locks.

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int pthread_mutex_lock(pthread_mutex_t *mutex) {
  static __typeof__(&pthread_mutex_lock) next;
  if (next == NULL) next = NEXT(pthread_mutex_lock);
  locks += (uint64_t)counting;
  return next(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
  static __typeof__(&pthread_mutex_trylock) next;
  if (next == NULL) next = NEXT(pthread_mutex_trylock);
  locks += (uint64_t)counting;
  return next(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock) {
  static __typeof__(&pthread_rwlock_rdlock) next;
  if (next == NULL) next = NEXT(pthread_rwlock_rdlock);
  locks += (uint64_t)counting;
  return next(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock) {
  static __typeof__(&pthread_rwlock_wrlock) next;
  if (next == NULL) next = NEXT(pthread_rwlock_wrlock);
  locks += (uint64_t)counting;
  return next(lock);
}

int pthread_once(pthread_once_t *once, void (*routine)(void)) {
  static __typeof__(&pthread_once) next;
  if (next == NULL) next = NEXT(pthread_once);
  locks += (uint64_t)counting;
  return next(once, routine);
}

void cc_allocate_and_lock(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  void *volatile memory = malloc(16);
  free(memory);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
}
