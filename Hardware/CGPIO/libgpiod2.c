// SPDX-License-Identifier: Apache-2.0

#include "backend.h"

#ifndef GPIOD_LINE_BULK_MAX_LINES

#include <errno.h>
#include <stdio.h>

int32_t backend_has(const char *path, const char *name) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) return -errno;
  int32_t result = gpiod_chip_get_line_offset_from_name(chip, name) >= 0;
  gpiod_chip_close(chip);
  return result;
}

static enum gpiod_line_bias bias_of(cg_bias bias) {
  switch (bias) {
    case cg_bias_none: return GPIOD_LINE_BIAS_DISABLED;
    case cg_bias_up: return GPIOD_LINE_BIAS_PULL_UP;
    case cg_bias_down: return GPIOD_LINE_BIAS_PULL_DOWN;
    case cg_bias_as_is: break;
  }
  return GPIOD_LINE_BIAS_AS_IS;
}

static int set_up(struct gpiod_line_settings *settings, const cg_line_options *options) {
  gpiod_line_settings_set_active_low(settings, options->active_low);
  if (options->output) {
    if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) < 0) return -1;
    return gpiod_line_settings_set_output_value(
      settings, options->initial ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
  }
  if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) < 0) return -1;
  if (gpiod_line_settings_set_bias(settings, bias_of(options->bias)) < 0) return -1;
  if (!options->edges) return 0;
  gpiod_line_settings_set_debounce_period_us(settings, options->debounce_us);
  return gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
}

static void tell_holder(struct gpiod_chip *chip, unsigned int offset, char *holder) {
  struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
  if (!info) return;
  const char *who = gpiod_line_info_get_consumer(info);
  if (who) snprintf(holder, cg_longest_name, "%s", who);
  gpiod_line_info_free(info);
}

static int32_t request(backend *back, struct gpiod_chip *chip, const char *consumer,
                       const cg_line_options *options) {
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *how = gpiod_request_config_new();
  int32_t result = -ENOMEM;
  if (settings && lines && how) {
    gpiod_request_config_set_consumer(how, consumer);
    if (set_up(settings, options) < 0 ||
        gpiod_line_config_add_line_settings(lines, &back->offset, 1, settings) < 0)
      result = -errno;
    else {
      back->request = gpiod_chip_request_lines(chip, how, lines);
      result = back->request ? 0 : -errno;
    }
  }
  if (how) gpiod_request_config_free(how);
  if (lines) gpiod_line_config_free(lines);
  if (settings) gpiod_line_settings_free(settings);
  return result;
}

int32_t backend_request(backend *back, const char *path, const char *name, const char *consumer,
                        const cg_line_options *options, char *holder) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  if (!chip) return -errno;
  int offset = gpiod_chip_get_line_offset_from_name(chip, name);
  int32_t result = offset < 0 ? -ENOENT : 0;
  if (result == 0) {
    back->offset = (unsigned int)offset;
    // One at a time: what is left stays in the kernel for the next call.
    back->buffer = options->edges ? gpiod_edge_event_buffer_new(1) : NULL;
    result = options->edges && !back->buffer ? -ENOMEM : request(back, chip, consumer, options);
    if (result == -EBUSY) tell_holder(chip, back->offset, holder);
    if (result < 0 && back->buffer) gpiod_edge_event_buffer_free(back->buffer);
  }
  gpiod_chip_close(chip);
  return result;
}

int32_t backend_get(backend *back) {
  switch (gpiod_line_request_get_value(back->request, back->offset)) {
    case GPIOD_LINE_VALUE_ACTIVE: return 1;
    case GPIOD_LINE_VALUE_INACTIVE: return 0;
    case GPIOD_LINE_VALUE_ERROR: break;
  }
  return -errno;
}

int32_t backend_set(backend *back, bool level) {
  int result = gpiod_line_request_set_value(
    back->request, back->offset, level ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
  return result < 0 ? -errno : 0;
}

int32_t backend_edge(backend *back, bool *rise, int64_t *at) {
  int result = gpiod_line_request_wait_edge_events(back->request, 0);
  if (result <= 0) return result < 0 ? -errno : 0;
  if (gpiod_line_request_read_edge_events(back->request, back->buffer, 1) < 1) return -errno;
  struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(back->buffer, 0);
  if (!event) return -EIO;
  *rise = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
  *at = (int64_t)gpiod_edge_event_get_timestamp_ns(event);
  return 1;
}

void backend_release(backend *back) {
  gpiod_line_request_release(back->request);
  if (back->buffer) gpiod_edge_event_buffer_free(back->buffer);
}

#endif
