// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CI2C.h"

#include "seam.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include <unistd.h>

int32_t ci_watchdog_open(const char *path, int32_t seconds, int32_t *granted) {
#ifdef PUMP_SEAM
  int32_t seam = seam_at(path);
  if (seam >= 0) {
    ci_call call = {.op = ci_op_watchdog_open, .seconds = seconds};
    int32_t result = seam_ask(seam, &call);
    *granted = call.seconds;
    return result < 0 ? result : seam;
  }
#endif
  // Not O_RDWR: some drivers refuse to be read.
  int watchdog = open(path, O_WRONLY | O_CLOEXEC);
  if (watchdog < 0) return -errno;
  int time = seconds;
  int32_t result = 0;
  if (ioctl(watchdog, WDIOC_SETTIMEOUT, &time) < 0) {
    // A watchdog whose time is fixed still serves when it says what its time is.
    result = -errno;
    if (ioctl(watchdog, WDIOC_GETTIMEOUT, &time) == 0) result = 0;
  }
  if (result < 0) {
    close(watchdog);
    return result;
  }
  *granted = time;
  return watchdog;
}

int32_t ci_watchdog_keep_alive(int32_t watchdog) {
  ASK(watchdog, .op = ci_op_keep_alive)
  return ioctl(watchdog, WDIOC_KEEPALIVE, 0) < 0 ? -errno : 0;
}

int32_t ci_watchdog_disarm(int32_t watchdog) {
  ASK(watchdog, .op = ci_op_disarm)
  // The "magic close": without this byte the watchdog takes the closing for a crash.
  int32_t result = write(watchdog, "V", 1) == 1 ? 0 : -errno;
  close(watchdog);
  return result;
}
