// SPDX-License-Identifier: Apache-2.0

#include "seam.h"

#ifdef PUMP_SEAM

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { most_seams = 64 };
static struct {
  char path[64];
  ci_hook hook;
  void *context;
} seams[most_seams];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int32_t ci_seam_add(const char *path, ci_hook hook, void *context) {
  int32_t result = -ENOSPC;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < most_seams && result != 0; i++) {
    if (seams[i].hook) continue;
    snprintf(seams[i].path, sizeof seams[i].path, "%s", path);
    seams[i].hook = hook;
    seams[i].context = context;
    result = 0;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

void ci_seam_remove(const char *path) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < most_seams; i++)
    if (seams[i].hook && strcmp(seams[i].path, path) == 0) seams[i].hook = NULL;
  pthread_mutex_unlock(&lock);
}

int32_t seam_at(const char *path) {
  int32_t result = -1;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < most_seams && result < 0; i++)
    if (seams[i].hook && strcmp(seams[i].path, path) == 0) result = first_seam + i;
  pthread_mutex_unlock(&lock);
  return result;
}

int32_t seam_ask(int32_t descriptor, ci_call *call) {
  int i = descriptor - first_seam;
  pthread_mutex_lock(&lock);
  ci_hook hook = i < most_seams ? seams[i].hook : NULL;
  void *context = hook ? seams[i].context : NULL;
  pthread_mutex_unlock(&lock);
  return hook ? hook(context, call) : -EBADF;
}

#endif
