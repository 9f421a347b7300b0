// SPDX-License-Identifier: Apache-2.0
//
// Devices that a test answers for, in debug builds only.

#ifndef REFERENCE_PUMP_SEAM_H
#define REFERENCE_PUMP_SEAM_H

#include "CI2C.h"

#ifdef PUMP_SEAM
/// Descriptors from here on belong to the seam.
enum { first_seam = 1 << 20 };

/// The descriptor of the device that a test answers for at `path`, or -1.
int32_t seam_at(const char *path);
int32_t seam_ask(int32_t descriptor, ci_call *call);

#define ASK(descriptor, ...)                \
  if ((descriptor) >= first_seam) {         \
    ci_call call = {__VA_ARGS__};           \
    return seam_ask((descriptor), &call);   \
  }
#else
#define ASK(descriptor, ...)
#endif

#endif
