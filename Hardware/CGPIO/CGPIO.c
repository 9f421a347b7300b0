// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CGPIO.h"

#include "backend.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  cg_line_options options;
  char name[cg_longest_name];
  backend back;
  bool level;
  /// The last edge, not yet told because it may turn out to be a bounce.
  bool pending, pending_rise;
  int64_t pending_at;
} line;

struct cg_bank {
  char consumer[cg_longest_name];
  int32_t count;
  cg_hook hook;
  void *context;
  line lines[cg_most_lines];
};

// MARK: The seam

#ifdef PUMP_SEAM
enum { most_seams = 64 };
static struct {
  char consumer[cg_longest_name];
  cg_hook hook;
  void *context;
} seams[most_seams];
static pthread_mutex_t seams_lock = PTHREAD_MUTEX_INITIALIZER;

int32_t cg_seam_add(const char *consumer, cg_hook hook, void *context) {
  int32_t result = -ENOSPC;
  pthread_mutex_lock(&seams_lock);
  for (int i = 0; i < most_seams && result != 0; i++) {
    if (seams[i].hook) continue;
    snprintf(seams[i].consumer, sizeof seams[i].consumer, "%s", consumer);
    seams[i].hook = hook;
    seams[i].context = context;
    result = 0;
  }
  pthread_mutex_unlock(&seams_lock);
  return result;
}

void cg_seam_remove(const char *consumer) {
  pthread_mutex_lock(&seams_lock);
  for (int i = 0; i < most_seams; i++)
    if (seams[i].hook && strcmp(seams[i].consumer, consumer) == 0) seams[i].hook = NULL;
  pthread_mutex_unlock(&seams_lock);
}

static void take_seam(cg_bank *bank) {
  pthread_mutex_lock(&seams_lock);
  for (int i = 0; i < most_seams; i++) {
    if (!seams[i].hook || strcmp(seams[i].consumer, bank->consumer) != 0) continue;
    bank->hook = seams[i].hook;
    bank->context = seams[i].context;
  }
  pthread_mutex_unlock(&seams_lock);
}

#define ASK(bank, line_, ...)                                                    \
  if ((bank)->hook) {                                                            \
    cg_call call = {.name = (line_)->name, .options = &(line_)->options, __VA_ARGS__}; \
    return (bank)->hook((bank)->context, &call);                                 \
  }
#else
static void take_seam(cg_bank *bank) { (void)bank; }
#define ASK(bank, line_, ...) (void)(bank);
#endif

static int32_t line_get(cg_bank *bank, line *l) {
  ASK(bank, l, .op = cg_op_get)
  return backend_get(&l->back);
}

static int32_t line_set(cg_bank *bank, line *l, bool level) {
  ASK(bank, l, .op = cg_op_set, .level = level)
  return backend_set(&l->back, level);
}

/// 1 with the next edge, 0 without one.
static int32_t line_edge(cg_bank *bank, line *l, bool *rise, int64_t *at) {
#ifdef PUMP_SEAM
  if (bank->hook) {
    cg_call call = {.op = cg_op_edge, .name = l->name, .options = &l->options};
    int32_t result = bank->hook(bank->context, &call);
    *rise = call.level;
    *at = call.at;
    return result;
  }
#endif
  (void)bank;
  return backend_edge(&l->back, rise, at);
}

// MARK: Finding a line

static int is_chip(const struct dirent *entry) { return strncmp(entry->d_name, "gpiochip", 8) == 0; }

static int32_t line_request(cg_bank *bank, line *l, char *holder) {
  ASK(bank, l, .op = cg_op_request, .holder = holder)
  struct dirent **chips = NULL;
  int count = scandir("/dev", &chips, is_chip, versionsort);
  if (count < 0) return -errno;
  char found[32] = "";
  int32_t result = count == 0 ? -ENODEV : -ENOENT;
  for (int i = 0; i < count; i++) {
    char path[32];
    if (snprintf(path, sizeof path, "/dev/%s", chips[i]->d_name) < (int)sizeof path && result != -ENOTUNIQ) {
      int32_t here = backend_has(path, l->name);
      if (here == 1 && found[0]) result = -ENOTUNIQ;
      if (here == 1 && !found[0]) memcpy(found, path, sizeof found);
      if ((here == -EACCES || here == -EPERM) && result == -ENOENT) result = -EACCES;
    }
    free(chips[i]);
  }
  free(chips);
  if (result == -ENOTUNIQ || !found[0]) return result;
  return backend_request(&l->back, found, l->name, bank->consumer, &l->options, holder);
}

// MARK: The bank

int32_t cg_api_version(void) { return backend_version; }

cg_bank *cg_bank_new(const char *consumer) {
  cg_bank *bank = calloc(1, sizeof *bank);
  if (!bank) return NULL;
  snprintf(bank->consumer, sizeof bank->consumer, "%s", consumer);
  take_seam(bank);
  return bank;
}

int32_t cg_bank_add(cg_bank *bank, const char *name, const cg_line_options *options, char *holder) {
  if (bank->count == cg_most_lines) return -ENOSPC;
  if (strlen(name) == 0 || strlen(name) >= cg_longest_name || options->bit >= cg_most_lines ||
      (options->output && options->edges))
    return -EINVAL;
  for (int32_t i = 0; i < bank->count; i++)
    if (bank->lines[i].options.bit == options->bit) return -EINVAL;
  holder[0] = 0;
  line *l = &bank->lines[bank->count];
  *l = (line){.options = *options, .level = options->initial};
  snprintf(l->name, sizeof l->name, "%s", name);
  int32_t result = line_request(bank, l, holder);
  if (result < 0) return result;
  bank->count++;
  return 0;
}

/// Tells the edge that waited and lets the new one wait; two edges closer than the debounce time
/// are a bounce, and neither is told.
static void edge_came(line *l, bool rise, int64_t at, uint32_t *risen, uint32_t *fallen) {
  int64_t shortest = backend_debounces ? 0 : (int64_t)l->options.debounce_us * 1000;
  if (l->pending && l->pending_rise != rise && at - l->pending_at < shortest) {
    l->pending = false;
    return;
  }
  if (l->pending) *(l->pending_rise ? risen : fallen) |= UINT32_C(1) << l->options.bit;
  l->pending = true;
  l->pending_rise = rise;
  l->pending_at = at;
}

static int32_t sample_line(cg_bank *bank, line *l, uint32_t *levels, uint32_t *risen, uint32_t *fallen) {
  uint32_t bit = UINT32_C(1) << l->options.bit;
  if (l->options.edges) {
    // A line that bounces for ever must not keep the cycle: what is left comes next time.
    for (int i = 0; i < 16; i++) {
      bool rise = false;
      int64_t at = 0;
      int32_t result = line_edge(bank, l, &rise, &at);
      if (result < 0) return result;
      if (result == 0) break;
      edge_came(l, rise, at, risen, fallen);
    }
  }
  int32_t level = line_get(bank, l);
  if (level < 0) return level;
  if (level) *levels |= bit;
  if (l->pending && l->pending_rise == (level == 1)) {
    *(l->pending_rise ? risen : fallen) |= bit;
    l->pending = false;
  }
  return 0;
}

int32_t cg_bank_sample(cg_bank *bank, uint32_t *levels, uint32_t *risen, uint32_t *fallen) {
  *levels = *risen = *fallen = 0;
  for (int32_t i = 0; i < bank->count; i++) {
    if (bank->lines[i].options.output) continue;
    int32_t result = sample_line(bank, &bank->lines[i], levels, risen, fallen);
    if (result < 0) return result;
  }
  return 0;
}

int32_t cg_bank_write(cg_bank *bank, uint32_t levels, uint32_t mask) {
  int32_t worst = 0;
  for (int32_t i = 0; i < bank->count; i++) {
    line *l = &bank->lines[i];
    uint32_t bit = UINT32_C(1) << l->options.bit;
    bool level = (levels & bit) != 0;
    if (!l->options.output || !(mask & bit) || l->level == level) continue;
    // One that fails does not keep the others from their level.
    int32_t result = line_set(bank, l, level);
    if (result < 0) worst = result;
    else l->level = level;
  }
  return worst;
}

static int32_t line_release(cg_bank *bank, line *l) {
  ASK(bank, l, .op = cg_op_release)
  backend_release(&l->back);
  return 0;
}

void cg_bank_free(cg_bank *bank) {
  if (!bank) return;
  for (int32_t i = 0; i < bank->count; i++) {
    line *l = &bank->lines[i];
    if (l->options.output) line_set(bank, l, l->options.initial);
  }
  for (int32_t i = 0; i < bank->count; i++) line_release(bank, &bank->lines[i]);
  free(bank);
}
