// SPDX-License-Identifier: Apache-2.0
//
// The two character devices of a board that Swift cannot speak to, because ioctl is variadic: an I2C
// adapter (i2c-dev, with libi2c for SMBus) and the kernel's watchdog. A call that can fail returns a
// negative errno.

#ifndef REFERENCE_PUMP_CI2C_H
#define REFERENCE_PUMP_CI2C_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__has_attribute)
#if __has_attribute(swift_attr)
#define CI_BOUNDED __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation")))
#endif
#endif
#ifndef CI_BOUNDED
#define CI_BOUNDED
#endif

// MARK: I2C

/// Opens an adapter such as /dev/i2c-1: its descriptor. -ENOTTY when the file is none.
///
/// `plain` is set when the adapter carries any transfer (I2C_FUNC_I2C); otherwise it speaks SMBus
/// alone. The adapter itself gives up after 10 ms, its finest step, and repeats a transfer once when
/// another master won the bus.
int32_t ci_open(const char *path, bool *plain);

/// Writes `out_count` bytes (at most 33) and then, after a repeated start, reads `in_count` (at most
/// 32) from a 7-bit address.
///
/// On an adapter that speaks SMBus alone the transfer becomes the SMBus call that looks the same on
/// the wire; -EOPNOTSUPP when there is none.
int32_t ci_transfer(int32_t adapter, bool plain, uint8_t address, const uint8_t *out, int32_t out_count,
                    uint8_t *in, int32_t in_count) CI_BOUNDED;

// MARK: The kernel's watchdog

/// Opens and thereby starts a watchdog, asking for `seconds`; `granted` is what the kernel gave.
int32_t ci_watchdog_open(const char *path, int32_t seconds, int32_t *granted);
int32_t ci_watchdog_keep_alive(int32_t watchdog) CI_BOUNDED;
/// Stops it, as far as the kernel allows, and closes it.
int32_t ci_watchdog_disarm(int32_t watchdog);

void ci_close(int32_t device);

// MARK: The seam, in debug builds only

typedef enum {
  ci_op_open, ci_op_transfer, ci_op_smbus, ci_op_close,
  ci_op_watchdog_open, ci_op_keep_alive, ci_op_disarm
} ci_op;

/// One call to the kernel, as a test sees it.
typedef struct {
  ci_op op;
  /// Of open, to be filled in: the adapter carries any transfer.
  bool plain;
  uint8_t address;
  const uint8_t *out;
  int32_t out_count;
  /// Of transfer, to be filled in.
  uint8_t *in;
  int32_t in_count;
  /// Of smbus: the kernel's I2C_SMBUS_READ or _WRITE, its size (I2C_SMBUS_BYTE …) and the command; the
  /// data are a union i2c_smbus_data, whose `block[0]` is the length of a block.
  uint8_t direction, command;
  int32_t size;
  uint8_t *data;
  /// Of watchdog_open: the time asked for; to be set to the time granted.
  int32_t seconds;
} ci_call;

/// Answers instead of the kernel: 0 or a negative errno.
typedef int32_t (*ci_hook)(void *context, ci_call *call);

/// From now on `hook` answers for the device at this path; 0, or -ENOSPC. Not in a release build.
int32_t ci_seam_add(const char *path, ci_hook hook, void *context);
void ci_seam_remove(const char *path);

#endif
