// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CRealtime.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { billion = 1000000000, stack_bytes = 256 * 1024, page = 4096, backlog = 8, most_waited = 64 };

static int32_t result(int value) { return value < 0 ? -errno : value; }

// MARK: Time

int64_t rp_clock(void) {
  struct timespec t;
  // CLOCK_MONOTONIC with a valid pointer cannot fail.
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * billion + t.tv_nsec;
}

static struct timespec timespec_of(int64_t nanoseconds) {
  if (nanoseconds < 0) nanoseconds = 0;
  return (struct timespec){.tv_sec = nanoseconds / billion, .tv_nsec = nanoseconds % billion};
}

void rp_sleep_until(int64_t at) {
  struct timespec t = timespec_of(at);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int64_t rp_clock_resolution(void) {
  struct timespec t;
  if (clock_getres(CLOCK_MONOTONIC, &t) != 0) return INT64_MAX;
  return (int64_t)t.tv_sec * billion + t.tv_nsec;
}

// MARK: Real-time set-up

int32_t rp_lock_memory(void) { return result(mlockall(MCL_CURRENT | MCL_FUTURE)); }

void rp_prefault_stack(void) {
  volatile unsigned char stack[stack_bytes];
  for (size_t i = 0; i < stack_bytes; i += page) stack[i] = 0;
}

int32_t rp_set_fifo(int32_t priority) {
  // A service manager may have given the class already and forbidden to ask for it.
  struct sched_param held;
  int policy = sched_getscheduler(0);
  if (policy >= 0 && (policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO && sched_getparam(0, &held) == 0 &&
      held.sched_priority == priority)
    return 0;
  struct sched_param wanted = {.sched_priority = priority};
  return result(sched_setscheduler(0, SCHED_FIFO, &wanted));
}

int32_t rp_keep_awake(void) {
  // The wish lasts as long as the descriptor is open: until the process ends.
  int descriptor = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  int32_t latency = 0;
  if (write(descriptor, &latency, sizeof latency) == sizeof latency) return 0;
  int32_t error = -errno;
  close(descriptor);
  return error;
}

// MARK: Termination

static volatile sig_atomic_t termination;

static void remember(int signal) {
  (void)signal;
  termination = 1;
}

int32_t rp_watch_termination(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = remember;
  if (sigaction(SIGTERM, &action, NULL) != 0) return -errno;
  if (sigaction(SIGINT, &action, NULL) != 0) return -errno;
  // A parent's blocked signals are inherited: a supervisor that starts us from such a thread must
  // still be able to end us.
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  if (sigprocmask(SIG_UNBLOCK, &wanted, NULL) != 0) return -errno;
  action.sa_handler = SIG_IGN;
  return result(sigaction(SIGPIPE, &action, NULL));
}

bool rp_termination_requested(void) { return termination != 0; }

// MARK: Sockets

static int32_t name(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

static int make_socket(void) {
  // SEC-003 SEC-050: the parts of a pump speak over files in the run folder and over no network.
  return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// Closes the descriptor and returns the errno that made it useless.
static int32_t give_up(int descriptor) {
  int32_t why = -errno;
  close(descriptor);
  return why;
}

int32_t rp_longest_path(void) {
  return (int32_t)(sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
}

int32_t rp_listen(const char *path) {
  struct sockaddr_un address;
  if (name(path, &address) != 0) return -ENAMETOOLONG;
  int probe = rp_connect(path);
  if (probe >= 0) {
    close(probe);
    return -EADDRINUSE;
  }
  // A full backlog is somebody too.
  if (probe == -EAGAIN) return -EADDRINUSE;
  struct stat left;
  if (probe == -ECONNREFUSED && lstat(path, &left) == 0 && S_ISSOCK(left.st_mode)) unlink(path);
  int descriptor = make_socket();
  if (descriptor < 0) return -errno;
  // On Linux the mode set before bind is the mode of the name: there is no moment with another.
  if (fchmod(descriptor, 0660) != 0) return give_up(descriptor);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
    return give_up(descriptor);
  if (listen(descriptor, backlog) != 0) return give_up(descriptor);
  return descriptor;
}

int32_t rp_connect(const char *path) {
  struct sockaddr_un address;
  if (name(path, &address) != 0) return -ENAMETOOLONG;
  int descriptor = make_socket();
  if (descriptor < 0) return -errno;
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
    return give_up(descriptor);
  return descriptor;
}

int32_t rp_accept(int32_t listener) {
  return result(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int32_t rp_peer(int32_t descriptor, uint32_t *user, int32_t *process) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -errno;
  *user = peer.uid;
  *process = peer.pid;
  return 0;
}

uint32_t rp_user(void) { return geteuid(); }

int32_t rp_send(int32_t descriptor, const void *bytes, int32_t count) {
  return result((int)send(descriptor, bytes, (size_t)count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int32_t rp_receive(int32_t descriptor, void *bytes, int32_t room) {
  return result((int)recv(descriptor, bytes, (size_t)room, MSG_DONTWAIT | MSG_TRUNC));
}

int32_t rp_wait(const int32_t *descriptors, int32_t count, int64_t nanoseconds) {
  if (count < 0 || count > most_waited) return -EINVAL;
  struct pollfd waited[most_waited];
  for (int32_t i = 0; i < count; i++)
    waited[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
  struct timespec limit = timespec_of(nanoseconds);
  int ready = ppoll(waited, (nfds_t)count, &limit, NULL);
  return ready < 0 && errno == EINTR ? 0 : result(ready);
}

int32_t rp_wait_one(int32_t descriptor, int64_t nanoseconds) {
  return rp_wait(&descriptor, 1, nanoseconds);
}

void rp_close(int32_t descriptor) { close(descriptor); }

void rp_unlink(const char *path) { unlink(path); }

// MARK: Memory that outlives the process

int32_t rp_map_file(const char *path, int64_t size, uint64_t *mapping) {
  char old[PATH_MAX];
  int length = snprintf(old, sizeof old, "%s.old", path);
  if (size <= 0 || length < 0 || (size_t)length >= sizeof old) return -EINVAL;
  if (rename(path, old) != 0 && errno != ENOENT) return -errno;
  int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (descriptor < 0) return -errno;
  // The page of a disk is written back now and then; a store meanwhile waits for the disk's journal.
  struct statfs system;
  if (fstatfs(descriptor, &system) != 0 ||
      (system.f_type != TMPFS_MAGIC && system.f_type != RAMFS_MAGIC)) {
    close(descriptor);
    unlink(path);
    return -EMEDIUMTYPE;
  }
  // A hole would be filled, or found to have no room, by a page fault within the cycle.
  int failed = posix_fallocate(descriptor, 0, size);
  if (failed != 0) {
    close(descriptor);
    unlink(path);
    return -failed;
  }
  void *memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                      descriptor, 0);
  if (memory == MAP_FAILED) return give_up(descriptor);
  close(descriptor);
  *mapping = (uint64_t)(uintptr_t)memory;
  return 0;
}

void rp_map_write(uint64_t mapping, int64_t size, int64_t offset, const void *bytes,
                  int32_t count) {
  if (count < 0 || offset < 0 || offset > size - count) return;
  memcpy((char *)(uintptr_t)mapping + offset, bytes, (size_t)count);
}

void rp_map_commit(uint64_t mapping, int64_t size, int64_t offset, uint64_t word) {
  if (offset < 0 || offset % 8 != 0 || offset > size - 8) return;
  __atomic_store_n((uint64_t *)((char *)(uintptr_t)mapping + offset), word, __ATOMIC_RELEASE);
}

// MARK: Words for people

void rp_say(const char *line) {
  struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0) return;
  // A line that is cut short is cut short: nobody waits for the rest.
  ssize_t written = write(STDERR_FILENO, line, strlen(line));
  (void)written;
}

// MARK: The service manager

int32_t rp_notify(const char *state) {
  const char *path = getenv("NOTIFY_SOCKET");
  if (path == NULL || path[0] == '\0') return 0;
  struct sockaddr_un address;
  int32_t named = name(path, &address);
  if (named != 0) return named;
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
  // A leading @ stands for the abstract namespace.
  if (path[0] == '@') address.sun_path[0] = '\0';
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  ssize_t sent = sendto(descriptor, state, strlen(state), MSG_NOSIGNAL,
                        (struct sockaddr *)&address, length);
  int32_t outcome = sent < 0 ? -errno : 1;
  close(descriptor);
  return outcome;
}

int32_t rp_watchdog_open(int64_t *nanoseconds) {
  const char *time = getenv("WATCHDOG_USEC");
  const char *process = getenv("WATCHDOG_PID");
  const char *path = getenv("NOTIFY_SOCKET");
  if (time == NULL || path == NULL || path[0] == '\0') return -ENOENT;
  if (process != NULL && process[0] != '\0' && strtoll(process, NULL, 10) != (long long)getpid())
    return -ENOENT;
  char *end;
  errno = 0;
  long long microseconds = strtoll(time, &end, 10);
  if (errno != 0 || end == time || *end != '\0' || microseconds <= 0 ||
      microseconds > INT64_MAX / 1000)
    return -EINVAL;
  struct sockaddr_un address;
  int32_t named = name(path, &address);
  if (named != 0) return named;
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
  if (path[0] == '@') address.sun_path[0] = '\0';
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  if (connect(descriptor, (struct sockaddr *)&address, length) != 0) {
    int32_t failed = -errno;
    close(descriptor);
    return failed;
  }
  *nanoseconds = microseconds * 1000;
  return descriptor;
}

int32_t rp_watchdog_stroke(int32_t socket) {
  static const char word[] = "WATCHDOG=1";
  return send(socket, word, sizeof word - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 1;
}

int32_t rp_notify_listen(const char *path) {
  struct sockaddr_un address;
  int32_t named = name(path, &address);
  if (named != 0) return named;
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  unlink(path);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
    int32_t failed = -errno;
    close(descriptor);
    return failed;
  }
  return descriptor;
}

// One of the lines of `text` is `word`.
static int has_line(const char *text, const char *word) {
  size_t length = strlen(word);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (line[0] == '\n') line++;
    if (strncmp(line, word, length) == 0 && (line[length] == '\n' || line[length] == '\0')) return 1;
  }
  return 0;
}

int32_t rp_notify_wait(int32_t socket, const char *wanted, int64_t nanoseconds) {
  int64_t deadline = rp_clock() + nanoseconds;
  for (;;) {
    int64_t left = deadline - rp_clock();
    if (left <= 0 || rp_wait_one(socket, left) <= 0) return 0;
    char word[256];
    ssize_t count = recv(socket, word, sizeof word - 1, MSG_DONTWAIT);
    if (count <= 0) continue;
    word[count] = '\0';
    if (has_line(word, wanted)) return 1;
  }
}

// MARK: Users

int64_t rp_user_named(const char *name) {
  char *end;
  errno = 0;
  unsigned long long number = strtoull(name, &end, 10);
  // A name never begins with a digit; the largest number means nobody to the kernel.
  if (name[0] >= '0' && name[0] <= '9')
    return errno == 0 && *end == '\0' && number < UINT32_MAX ? (int64_t)number : -EINVAL;
  const struct passwd *entry = getpwnam(name);
  if (entry != NULL) return (int64_t)entry->pw_uid;
  return errno == 0 ? -ENOENT : -errno;
}
