// SPDX-License-Identifier: Apache-2.0

#include "backend.h"

#ifdef GPIOD_LINE_BULK_MAX_LINES

#include <errno.h>
#include <stdio.h>
#include <time.h>

int32_t backend_has(const char *path, const char *name) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) return -errno;
  int32_t result = gpiod_chip_find_line(chip, name) != NULL;
  gpiod_chip_close(chip);
  return result;
}

static int flags_of(const cg_line_options *options) {
  int flags = options->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  switch (options->bias) {
    case cg_bias_none: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case cg_bias_up: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case cg_bias_down: return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    case cg_bias_as_is: break;
  }
  return flags;
}

int32_t backend_request(backend *back, const char *path, const char *name, const char *consumer,
                        const cg_line_options *options, char *holder) {
  back->chip = gpiod_chip_open(path);
  if (!back->chip) return -errno;
  back->line = gpiod_chip_find_line(back->chip, name);
  int32_t result = back->line ? 0 : -ENOENT;
  if (result == 0) {
    struct gpiod_line_request_config config = {.consumer = consumer, .flags = flags_of(options)};
    config.request_type = options->output  ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
                          : options->edges ? GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES
                                           : GPIOD_LINE_REQUEST_DIRECTION_INPUT;
    if (gpiod_line_request(back->line, &config, options->initial) < 0) result = -errno;
    const char *who = result == -EBUSY ? gpiod_line_consumer(back->line) : NULL;
    if (who) snprintf(holder, cg_longest_name, "%s", who);
  }
  if (result < 0) gpiod_chip_close(back->chip);
  return result;
}

int32_t backend_get(backend *back) {
  int level = gpiod_line_get_value(back->line);
  return level < 0 ? -errno : level;
}

int32_t backend_set(backend *back, bool level) {
  return gpiod_line_set_value(back->line, level) < 0 ? -errno : 0;
}

int32_t backend_edge(backend *back, bool *rise, int64_t *at) {
  struct timespec none = {0, 0};
  int result = gpiod_line_event_wait(back->line, &none);
  if (result <= 0) return result < 0 ? -errno : 0;
  struct gpiod_line_event event;
  if (gpiod_line_event_read(back->line, &event) < 0) return -errno;
  *rise = event.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
  *at = (int64_t)event.ts.tv_sec * 1000000000 + event.ts.tv_nsec;
  return 1;
}

void backend_release(backend *back) {
  gpiod_line_release(back->line);
  gpiod_chip_close(back->chip);
}

#endif
