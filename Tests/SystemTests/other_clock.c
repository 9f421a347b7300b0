// SPDX-License-Identifier: Apache-2.0
//
// Loaded into a daemon with LD_PRELOAD: moves its wall clock, and breaks its timer, while it runs.
// OTHER_CLOCK names a file of two 64-bit numbers: seconds that are added to CLOCK_REALTIME, and, when not 0,
// the error number with which every clock_nanosleep fails at once. CLOCK_MONOTONIC is the kernel's.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *setting;

__attribute__((constructor)) static void look(void) {
  int file = open(getenv("OTHER_CLOCK"), O_RDONLY | O_CLOEXEC);
  void *memory = mmap(NULL, 2 * sizeof *setting, PROT_READ, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) abort();
  close(file);
  setting = memory;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  long result = syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && setting != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += setting[0];
  return (int)result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  *now = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *now) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (now != NULL) *now = t.tv_sec;
  return t.tv_sec;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
  if (setting != NULL && setting[1] != 0) return (int)setting[1];
  // glibc returns the error number, the system call leaves it in errno.
  long result = syscall(SYS_clock_nanosleep, clock, flags, until, left);
  return result == 0 ? 0 : errno;
}
