// SPDX-License-Identifier: Apache-2.0
//
// One line of libgpiod: the part that differs between its versions. The macro that only the header of
// version 1 defines tells which one is there.

#ifndef REFERENCE_PUMP_BACKEND_H
#define REFERENCE_PUMP_BACKEND_H

#include "CGPIO.h"

#include <gpiod.h>

#ifdef GPIOD_LINE_BULK_MAX_LINES
enum { backend_version = 1, backend_debounces = 0 };
typedef struct {
  struct gpiod_chip *chip;
  struct gpiod_line *line;
} backend;
#else
enum { backend_version = 2, backend_debounces = 1 };
typedef struct {
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *buffer;
  unsigned int offset;
} backend;
#endif

/// 1 when the chip at `path` has a line of the name, 0 when not, or a negative errno.
int32_t backend_has(const char *path, const char *name);

int32_t backend_request(backend *back, const char *path, const char *name, const char *consumer,
                        const cg_line_options *options, char *holder);
int32_t backend_get(backend *back);
int32_t backend_set(backend *back, bool level);
int32_t backend_edge(backend *back, bool *rise, int64_t *at);
void backend_release(backend *back);

#endif
